"""Is it a JSON Schema? Checks what the vocabulary of 2020-12 fixes about keywords; unknown keywords are allowed,
as the standard says. Whether a provider supports a keyword is the provider's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import unquote

from playground_tui.quick_dataclass import dataclass

Path = tuple[str | int, ...]
TYPES: Final = ("string", "number", "integer", "boolean", "object", "array", "null")
_MAX_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    path: Path
    """Keys and indexes to the value at fault."""
    advice: str


_Check = Callable[[Any, Path, int], SchemaProblem | None]


def check_schema(schema: Any) -> SchemaProblem | None:
    """The first thing that makes `schema` no JSON Schema, or None. References to other documents are not followed."""
    return _schema(schema, (), 0) or next(
        (p for path, ref in _references(schema, ()) if (p := _led(schema, path, ref))), None
    )


def _schema(value: Any, path: Path, depth: int) -> SchemaProblem | None:
    if isinstance(value, bool):
        return None
    if not isinstance(value, dict):
        return SchemaProblem(path, "a schema is an object")
    if depth > _MAX_DEPTH:
        return SchemaProblem(path, f"schemas nest at most {_MAX_DEPTH} deep")
    for keyword, item in value.items():
        check = _KEYWORDS.get(keyword)
        if check is not None and (problem := check(item, (*path, keyword), depth + 1)):
            return problem
    return None


def _schemas(value: Any, path: Path, depth: int) -> SchemaProblem | None:
    if not isinstance(value, list) or not value:
        return SchemaProblem(path, f"{path[-1]} is a list of schemas")
    return next((p for n, item in enumerate(value) if (p := _schema(item, (*path, n), depth))), None)


def _named_schemas(value: Any, path: Path, depth: int) -> SchemaProblem | None:
    if not isinstance(value, dict):
        return SchemaProblem(path, f"{path[-1]} is an object: name and schema")
    return next((p for name, item in value.items() if (p := _schema(item, (*path, name), depth))), None)


def _type(value: Any, path: Path, _depth: int) -> SchemaProblem | None:
    kinds = value if isinstance(value, list) and value else [value]
    for kind in kinds:
        if not isinstance(kind, str) or kind not in TYPES:
            return SchemaProblem(path, f"type is one of {', '.join(TYPES)}")
    return None


def _names(value: Any, path: Path, _depth: int) -> SchemaProblem | None:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return SchemaProblem(path, f"{path[-1]} is a list of names")
    return SchemaProblem(path, "a name is twice") if len(set(value)) < len(value) else None


def _choices(value: Any, path: Path, _depth: int) -> SchemaProblem | None:
    return None if isinstance(value, list) and value else SchemaProblem(path, "enum is a list with at least one value")


def _text(value: Any, path: Path, _depth: int) -> SchemaProblem | None:
    return None if isinstance(value, str) else SchemaProblem(path, f"{path[-1]} is a text")


def _pattern(value: Any, path: Path, depth: int) -> SchemaProblem | None:
    if problem := _text(value, path, depth):
        return problem
    try:
        re.compile(value)
    except re.error as error:
        # JavaScript's own escapes are fine in a schema and unknown here; a bracket left open is wrong in both.
        if "bad escape" not in str(error) and "extension" not in str(error):
            return SchemaProblem(path, f"the pattern is no regular expression: {error.msg}")
    except (OverflowError, RecursionError):
        return SchemaProblem(path, "the pattern counts too far or nests too deeply")
    return None


def _number(value: Any, path: Path, _depth: int) -> SchemaProblem | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    return None if fits else SchemaProblem(path, f"{path[-1]} is a number")


def _count(value: Any, path: Path, _depth: int) -> SchemaProblem | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return None if fits else SchemaProblem(path, f"{path[-1]} is a whole number, 0 or more")


def _flag(value: Any, path: Path, _depth: int) -> SchemaProblem | None:
    return None if isinstance(value, bool) else SchemaProblem(path, f"{path[-1]} is true or false")


def _items(value: Any, path: Path, depth: int) -> SchemaProblem | None:
    return _schemas(value, path, depth) if isinstance(value, list) and value else _schema(value, path, depth)


def _references(schema: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """All `$ref` of a schema that is one, and where they stand."""
    if not isinstance(schema, dict) or ("$id" in schema and path):  # what has an id of its own is a document of its own
        return
    for keyword, value in schema.items():
        here = (*path, keyword)
        if keyword == "$ref":
            yield here, value
        elif keyword in _NAMED:
            for name, inner in value.items():
                yield from _references(inner, (*here, name))
        elif isinstance(value, list) and keyword in (*_LISTED, "items"):
            for number, inner in enumerate(value):
                yield from _references(inner, (*here, number))
        elif keyword in (*_SINGLE, "items"):
            yield from _references(value, here)


def _led(schema: Any, path: Path, ref: str) -> SchemaProblem | None:
    """Follows a JSON Pointer (RFC 6901) within the document."""
    if not ref.startswith("#/"):
        return None
    place = schema
    for step in unquote(ref).split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, list) and step.isdecimal() and len(step) < 7 and int(step) < len(place):
            place = place[int(step)]
        elif isinstance(place, dict) and step in place:
            place = place[step]
        else:
            return SchemaProblem(path, f"nothing is at {ref[:60]}")
    return None


_NAMED: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTED: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE: Final = ("additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_KEYWORDS: Final[dict[str, _Check]] = {
    "type": _type,
    "enum": _choices,
    "required": _names,
    "items": _items,
    "pattern": _pattern,
    **dict.fromkeys(_NAMED, _named_schemas),
    **dict.fromkeys(_LISTED, _schemas),
    **dict.fromkeys(_SINGLE, _schema),
    **dict.fromkeys(("$ref", "$id", "$anchor", "title", "description", "format", "$comment"), _text),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _count),
    "uniqueItems": _flag,
}

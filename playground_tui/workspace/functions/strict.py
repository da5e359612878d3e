"""What `strict: true` demands of a function's parameters (the API's structured outputs), explained and arranged.

Every object lists all its properties as required and allows no others; optional values are written as nullable ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

UNSUPPORTED = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else", "patternProperties")
MAX_PROPERTIES = 5000
MAX_DEPTH = 10


def strict_problems(schema: Mapping[str, Any], where: str = "parameters") -> tuple[str, ...]:
    """One sentence for each thing that strict mode refuses, outermost first. `where`: what the schema is called."""
    found = tuple(_problems(schema, where, 1))
    if schema.get("type") != "object":
        return (f"{where}: the outermost type must be object.", *found)
    return found


def make_strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as strict mode wants it: what was optional becomes nullable, further properties are shut out."""
    made = {k: v for k, v in schema.items() if k not in UNSUPPORTED}
    properties = made.get("properties")
    if made.get("type") == "object" or isinstance(properties, Mapping):
        properties = properties if isinstance(properties, Mapping) else {}
        required = made.get("required") if isinstance(made.get("required"), list) else []
        made["properties"] = {
            name: make_strict(inner) if name in (required or []) else _nullable(make_strict(inner))
            for name, inner in properties.items()
            if isinstance(inner, Mapping)
        }
        made["required"] = list(made["properties"])
        made["additionalProperties"] = False
    if isinstance(made.get("items"), Mapping):
        made["items"] = make_strict(made["items"])
    for key in ("anyOf", "oneOf"):
        if isinstance(made.get(key), list):
            made["anyOf"] = [make_strict(i) for i in made.pop(key) if isinstance(i, Mapping)]
    for key in ("$defs", "definitions"):
        if isinstance(made.get(key), Mapping):
            made[key] = {n: make_strict(i) for n, i in made[key].items() if isinstance(i, Mapping)}
    return made


def _problems(schema: Any, where: str, depth: int) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    if depth > MAX_DEPTH:
        yield f"{where}: at most {MAX_DEPTH} levels deep."
        return
    for keyword in UNSUPPORTED:
        if keyword in schema:
            yield f"{where}: {keyword} is not allowed."
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        yield from _object_problems(schema, properties if isinstance(properties, Mapping) else {}, where)
        for name, inner in (properties or {}).items():
            yield from _problems(inner, f"{where}.{name}", depth + 1)
    yield from _problems(schema.get("items"), f"{where}[]", depth + 1)
    for inner in schema.get("anyOf") or ():
        yield from _problems(inner, where, depth + 1)


def _object_problems(schema: Mapping[str, Any], properties: Mapping[str, Any], where: str) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"{where}: additionalProperties must be false."
    required = schema.get("required") if isinstance(schema.get("required"), list) else []
    if left := [name for name in properties if name not in (required or [])]:
        yield f"{where}: every property must be required; {', '.join(left)} {'is' if len(left) == 1 else 'are'} not."


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if isinstance(kind, str) and kind != "null":
        made = {**schema, "type": [kind, "null"]}
    elif isinstance(kind, list):
        made = {**schema, "type": [*kind, *([] if "null" in kind else ["null"])]}
    else:
        return {"anyOf": [schema, {"type": "null"}]}
    if isinstance(made.get("enum"), list) and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made

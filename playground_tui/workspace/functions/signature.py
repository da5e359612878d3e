"""A function object made from a Python callable's signature and docstring. The source is read, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SIMPLE: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "dict": {"type": "object"},
    "list": {"type": "array"},
    "tuple": {"type": "array"},
    "set": {"type": "array"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "None": {"type": "null"},
}
_LISTS = ("list", "List", "Sequence", "Iterable", "tuple", "Tuple", "set", "Set", "frozenset")
_MAPS = ("dict", "Dict", "Mapping")
_ARGS = re.compile(r"^\s*(?:Args|Arguments|Parameters|Params)\s*:?\s*$")
_SECTION = re.compile(r"^\s*(?:Returns?|Raises?|Yields?|Examples?|Notes?)\s*:?\s*$")
_ARG = re.compile(r"^\s*(?::param\s+(?:[\w\[\], |]+\s+)?)?(\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


class SignatureError(ValueError):
    """The sentence says what could not be read."""


def function_names(source: str) -> list[str]:
    """The public functions of a module's source. Raises `SignatureError`."""
    return [node.name for node in _functions(source) if not node.name.startswith("_")]


def function_from_file(path: Path, name: str) -> dict[str, Any]:
    """Raises `SignatureError`."""
    try:
        source = path.expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SignatureError(f"{path.name} could not be read ({type(error).__name__}).") from None
    return function_from_source(source, name)


def function_from_source(source: str, name: str) -> dict[str, Any]:
    """The assistant's `function` object for one function of the source. Raises `SignatureError`."""
    node = next((n for n in _functions(source) if n.name == name), None)
    if node is None:
        raise SignatureError(f"There is no function {name} in it.")
    text, told = _docstring(ast.get_docstring(node) or "")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for argument, has_default in _arguments(node.args):
        schema = _schema(argument.annotation)
        if about := told.get(argument.arg):
            schema = {**schema, "description": about}
        properties[argument.arg] = schema
        if not has_default:
            required.append(argument.arg)
    parameters: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = required
    return {"name": name[:64], **({"description": text} if text else {}), "parameters": parameters}


def _functions(source: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        where = f" at line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise SignatureError(f"It is not Python{where}.") from None
    return [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _arguments(args: ast.arguments) -> list[tuple[ast.arg, bool]]:
    positional = [*args.posonlyargs, *args.args]
    plain = len(positional) - len(args.defaults)
    found = [(argument, n >= plain) for n, argument in enumerate(positional)]
    found += [(a, d is not None) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return [(a, d) for a, d in found if a.arg not in ("self", "cls")]


def _schema(annotation: ast.expr | None) -> dict[str, Any]:
    match annotation:
        case None:
            return {}
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str(text)):
            return _schema(ast.parse(text, mode="eval").body) if text.isprintable() and text.strip() else {}
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return dict(_SIMPLE.get(name, {}))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _either([left, right])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic(name, inner.elts if isinstance(inner, ast.Tuple) else [inner])
    return {}


def _generic(name: str, inner: Sequence[ast.expr]) -> dict[str, Any]:
    if name == "Literal":
        values = [v.value for v in inner if isinstance(v, ast.Constant)]
        kinds = {type(v) for v in values}
        kind = _SIMPLE.get(next(iter(kinds)).__name__, {}) if len(kinds) == 1 else {}
        return {**kind, "enum": values}
    if name == "Annotated":
        about = next((v.value for v in inner[1:] if isinstance(v, ast.Constant) and isinstance(v.value, str)), None)
        return {**_schema(inner[0]), **({"description": about} if about else {})}
    if name == "Optional":
        return _either([inner[0], ast.Constant(None)])
    if name == "Union":
        return _either(inner)
    if name in _LISTS:
        items = _schema(inner[0])
        return {"type": "array", **({"items": items} if items else {})}
    if name in _MAPS:
        values_schema = _schema(inner[1]) if len(inner) > 1 else {}
        return {"type": "object", **({"additionalProperties": values_schema} if values_schema else {})}
    return {}


def _either(options: Sequence[ast.expr]) -> dict[str, Any]:
    schemas = [_schema(option) for option in options]
    if len(schemas) == 2 and {"type": "null"} in schemas:
        other = next((s for s in schemas if s != {"type": "null"}), {})
        if isinstance(other.get("type"), str) and "enum" not in other:
            return {**other, "type": [other["type"], "null"]}
    return {"anyOf": schemas} if all(schemas) else {}


def _docstring(text: str) -> tuple[str, dict[str, str]]:
    """(the description, argument → what is said of it): Google's, NumPy's simple form and `:param x:` lines."""
    told: dict[str, str] = {}
    about: list[str] = []
    inside, last = False, ""
    for line in text.splitlines():
        if _ARGS.match(line) or _SECTION.match(line):
            inside, last = bool(_ARGS.match(line)), ""
            if not inside:
                break
        elif (inside or line.lstrip().startswith(":param")) and (found := _ARG.match(line)):
            last = found[1].lstrip("*")
            told[last] = found[2].strip()
        elif inside and last and line.strip():
            told[last] = f"{told[last]} {line.strip()}".strip()
        elif not inside and not line.lstrip().startswith(":"):
            about.append(line)
    return "\n".join(about).strip(), told

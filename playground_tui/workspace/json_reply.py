"""A reply that should be JSON: shown indented, and checked against the schema it was asked for with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass

MOST_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class JsonProblem:
    path: str
    """To the value at fault, as `items[2].price`; empty: the whole."""
    what: str


@dataclass(frozen=True, slots=True)
class JsonReply:
    pretty: str
    """Indented; the reply as it is where it is no JSON."""
    is_json: bool
    problems: tuple[JsonProblem, ...] = ()
    checked: bool = False
    """There was a schema."""

    @property
    def ok(self) -> bool:
        return self.is_json and not self.problems


def check_reply(text: str, response_format: Any) -> JsonReply | None:
    """None: no JSON was asked for. `response_format`: as the run had it. Imports the checker on first use with a
    schema; a schema is never looked up on the network."""
    kind = response_format.get("type") if isinstance(response_format, Mapping) else None
    if kind not in ("json_object", "json_schema"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return JsonReply(text, False, (JsonProblem("", _no_json(error)),), kind == "json_schema")
    pretty = json.dumps(value, indent=2, ensure_ascii=False)
    schema = _schema(response_format)
    if schema is None:
        problems = () if isinstance(value, dict) else (JsonProblem("", "It is JSON, but no object."),)
        return JsonReply(pretty, True, problems)
    return JsonReply(pretty, True, _problems(value, schema), True)


def _schema(response_format: Mapping[str, Any]) -> Any:
    inner = response_format.get("json_schema")
    return inner.get("schema") if isinstance(inner, Mapping) else None


def _no_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"It is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
    return "It is not JSON: it nests too deep."


def _problems(value: Any, schema: Any) -> tuple[JsonProblem, ...]:
    from itertools import islice

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        Draft202012Validator.check_schema(schema)
        checker = Draft202012Validator(schema, registry=Registry())
        errors = list(islice(checker.iter_errors(value), MOST_PROBLEMS))
    except SchemaError:
        return (JsonProblem("", "It cannot be checked: the schema itself is not valid."),)
    except Unresolvable:
        return (JsonProblem("", "It cannot be checked: the schema refers to something outside of it."),)
    except RecursionError:
        return (JsonProblem("", "It cannot be checked: it nests too deep."),)
    return tuple(JsonProblem(_path(error.absolute_path), _sentence(error.message)) for error in errors)


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _sentence(message: str) -> str:
    """At most a line: values are repeated in the library's messages, however long they are."""
    line = " ".join(message.split())
    return (line if len(line) <= 200 else line[:199] + "…") + ("" if line.endswith(".") else ".")

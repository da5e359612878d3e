"""JSON as a person types it: read with the line and column of the first fault, written in one fixed form."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from playground_tui.quick_dataclass import dataclass

Path = tuple[str | int, ...]
"""Keys and indexes from the top to a value."""

_SENTENCES = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing after the key",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing",
    "Expecting value": "a value is missing",
    "Extra data": "there is more text after the end",
    "Unterminated string starting at": "this text has no closing quote",
    "Invalid control character at": "a line end or tab inside a text must be written \\n or \\t",
    "Illegal trailing comma before end of object": "there is a comma before the closing bracket",
    "Illegal trailing comma before end of array": "there is a comma before the closing bracket",
}


_MAX_DIGITS = 40


@dataclass(frozen=True, slots=True)
class JsonFault:
    message: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def sentence(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.message}."


class _Twice(ValueError):
    pass


def fault_at(text: str, position: int, message: str) -> JsonFault:
    line = text.count("\n", 0, position) + 1
    return JsonFault(message, line, position - (text.rfind("\n", 0, position) + 1) + 1)


def read_json(text: str) -> tuple[Any, JsonFault | None]:
    """The value, or the first fault. Keys given twice, `NaN`, `Infinity` and numbers that no server keeps are
    faults."""
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_whole, parse_float=_real
        ), None
    except json.JSONDecodeError as error:
        return None, fault_at(text, error.pos, _SENTENCES.get(error.msg, error.msg[:1].lower() + error.msg[1:]))
    except _Twice as error:
        key = str(error)
        return None, fault_at(text, _second_place(text, key), f"the key {json.dumps(key, ensure_ascii=False)} is twice")
    except RecursionError:
        return None, JsonFault("this is nested too deeply", 1, 1)
    except ValueError as error:
        return None, fault_at(text, max(0, text.find(str(error))), f"{_short(str(error))} is no value that JSON keeps")


def _short(words: str) -> str:
    return words if len(words) <= _MAX_DIGITS else f"{words[:_MAX_DIGITS]}…"


def write_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def fault_in(text: str, path: Path, message: str) -> JsonFault:
    """A fault of the value at `path`; of its innermost part that is there, when it is not."""
    return fault_at(text, place_of(text, path), message)


def place_of(text: str, path: Path) -> int:
    """Where in `text`, which is valid JSON, the value at `path` starts."""
    place = _blank(text, 0)
    for step in path:
        found = next((start for name, start in _members(text, place) if name == step), None)
        if found is None:
            break
        place = found
    return place


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _Twice(key)
        made[key] = value
    return made


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(digits)
    return int(digits)


def _real(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError(digits)
    return number


def _second_place(text: str, key: str) -> int:
    quoted = json.dumps(key, ensure_ascii=False)
    first = text.find(quoted)
    return max(0, text.find(quoted, first + 1) if first >= 0 else 0)


def _blank(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _members(text: str, place: int) -> Iterator[tuple[str | int, int]]:
    """Key or index, and the start of each value inside the object or array at `place`."""
    decoder, opening = json.JSONDecoder(), text[place : place + 1]
    if opening not in ("{", "["):
        return
    place, index = _blank(text, place + 1), 0
    while place < len(text) and text[place] not in "}]":
        name: str | int = index
        if opening == "{":
            name, place = decoder.raw_decode(text, place)
            place = _blank(text, _blank(text, place) + 1)
        yield name, place
        _, place = decoder.raw_decode(text, place)
        place, index = _blank(text, place), index + 1
        if text[place : place + 1] == ",":
            place = _blank(text, place + 1)

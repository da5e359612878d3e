"""Functions as the texts that a person edits. Contract: pure. A tool list goes in and comes out with every other tool
in its place; a function whose text is no function (yet) stands in it as that text."""

from __future__ import annotations

import re
from typing import Any

from playground_tui.limits import check_field
from playground_tui.limits.json_schema import check_schema
from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.config.json_text import JsonFault, fault_in, read_json, write_json
from playground_tui.tui.config.param_path import param_path

SAMPLE: dict[str, Any] = {
    "name": "get_weather",
    "description": "The weather at a place, now.",
    "parameters": {
        "type": "object",
        "properties": {
            "place": {"type": "string", "description": "City and country."},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["place"],
        "additionalProperties": False,
    },
    "strict": False,
}
_NAME = re.compile(r'"name"\s*:\s*"([^"\\\n]{1,64})"')


@dataclass(frozen=True, slots=True)
class FunctionText:
    text: str

    @property
    def name(self) -> str:
        """As good as the text tells; empty when it tells none."""
        found = _NAME.search(self.text)
        return found.group(1) if found else ""


Slot = FunctionText | dict[str, Any]
"""A function, or another tool that only keeps its place."""


def slots_of(entries: list[Any]) -> list[Slot]:
    return [_slot(entry) for entry in entries]


def _slot(entry: Any) -> Slot:
    if isinstance(entry, str):
        return FunctionText(entry)
    if entry.get("type") == "function":
        return FunctionText(write_json(entry.get("function", {})))
    return dict(entry)


def function_of(value: Any) -> tuple[Any, tuple[str, ...]]:
    """The function inside what people paste, and the path to it: a whole tool, bare or as the Responses API has it."""
    if isinstance(value, dict) and value.get("type") == "function":
        if isinstance(value.get("function"), dict):
            return value["function"], ("function",)
        return {key: item for key, item in value.items() if key != "type"}, ()
    return value, ()


def check_function(value: Any, text: str, taken: frozenset[str] = frozenset()) -> JsonFault | None:
    """The first thing wrong with one function. `taken`: the names of the others."""
    function, way = function_of(value)
    if not isinstance(function, dict):
        return fault_in(text, way, "a function is an object with a name")
    problem = check_field("tools", [{"type": "function", "function": function}])
    if problem:
        path = param_path(problem.param.removeprefix("tools[0].function"))
        return fault_in(text, (*way, *path), problem.advice.rstrip("."))
    wrong = check_schema(function.get("parameters") or {})
    if wrong:
        return fault_in(text, (*way, "parameters", *wrong.path), wrong.advice)
    if function["name"] in taken:
        return fault_in(text, (*way, "name"), "another function has this name")
    return None


def entries_of(slots: list[Slot]) -> tuple[list[Any], str]:
    """The tools, and a sentence about the first function that is wrong; empty when all are right."""
    entries: list[Any] = []
    advice, taken = "", set[str]()
    for slot in slots:
        if not isinstance(slot, FunctionText):
            entries.append(slot)
            continue
        value, fault = read_json(slot.text)
        fault = fault or check_function(value, slot.text, frozenset(taken))
        if fault:
            entries.append(slot.text)
            advice = advice or f"Function {slot.name or 'without a name'}: {_lower(fault.sentence())}"
        else:
            function = function_of(value)[0]
            taken.add(function["name"])
            entries.append({"type": "function", "function": function})
    return entries, advice


def free_name(name: str, slots: list[Slot]) -> str:
    """`name`, or with the first number that no function has."""
    taken = {slot.name for slot in slots if isinstance(slot, FunctionText)}
    names = [name, *(f"{name[:60]}_{n}" for n in range(2, len(slots) + 3))]
    return next(candidate for candidate in names if candidate not in taken)


def renamed(text: str, name: str) -> str:
    """`text` with another name; a text without one comes back as it is."""
    return _NAME.sub(lambda found: found.group(0).replace(f'"{found.group(1)}"', f'"{name}"'), text, count=1)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]

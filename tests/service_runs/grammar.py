"""The stream's grammar (wire.md §6) as one regular expression over the event names, and what the events must agree on
among themselves: ids, states, and that deltas add up to the whole."""

from __future__ import annotations

import re
from typing import Any

from tests.service_runs.reading import Event
from tests.support.description import check

LETTERS = {
    "thread.created": "T",
    "thread.run.created": "C",
    "thread.run.queued": "Q",
    "thread.run.in_progress": "P",
    "thread.run.requires_action": "R",
    "thread.run.completed": "Z",
    "thread.run.incomplete": "I",
    "thread.run.failed": "F",
    "thread.run.cancelling": "X",
    "thread.run.cancelled": "x",
    "thread.run.expired": "E",
    "thread.run.step.created": "a",
    "thread.run.step.in_progress": "b",
    "thread.run.step.delta": "t",
    "thread.run.step.completed": "s",
    "thread.run.step.failed": "f",
    "thread.run.step.cancelled": "c",
    "thread.run.step.expired": "e",
    "thread.message.created": "m",
    "thread.message.in_progress": "n",
    "thread.message.delta": "d",
    "thread.message.completed": "M",
    "thread.message.incomplete": "N",
    "error": "!",
    "done": "$",
}
_MESSAGE = "abmnd*"
_CALLS = "abt*"
_BLOCK = f"(?:{_MESSAGE}Ms|{_CALLS}s)"
_WAITING = f"abt+(?:{_BLOCK}t*)*"
"""Calls that stay open, whatever is said after them."""
_OPEN = f"(?:{_MESSAGE}N|{_CALLS})"
_CUT = f"(?:{_OPEN}fF|{_OPEN}eE|{_MESSAGE}NsI|{_CALLS}fI|(?:{_MESSAGE}X N|{_CALLS}X)cx|[FEI]|Xx)".replace(" ", "")
_CUT_LATER = f"{_WAITING}(?:fF|eE|Xcx|fI|{_MESSAGE}(?:NffF|NeeE|XNccx|NfsI))"
_BODY = f"P{_BLOCK}*(?:Z|{_WAITING}R|{_CUT}|{_CUT_LATER})"
_BEFORE = "(?:F|E|Xx)"
_AFTER_REST = "(?:Xcx|eE)"
LEG = re.compile(rf"(?:T?CQ|s*Q)(?:{_BODY}|{_BEFORE})!?\$")
WHOLE = re.compile(rf"T?CQ(?:P{_BLOCK}*{_WAITING}R(?:sQ))*(?:{_BODY}|{_BEFORE})?{_AFTER_REST}?!?\$")
"""What one sees who follows a run from its creation; a leg that rested may have been ended from outside."""

SCHEMAS = (
    ("thread.run.step.delta", "RunStepDeltaObject"),
    ("thread.run.step.", "RunStepObject"),
    ("thread.run.", "RunObject"),
    ("thread.message.delta", "MessageDeltaObject"),
    ("thread.message.", "MessageObject"),
    ("thread.created", "ThreadObject"),
    ("error", "Error"),
)


def check_stream(events: list[Event], *, whole: bool = False) -> None:
    letters = "".join(LETTERS[event.name] for event in events)
    pattern = WHOLE if whole else LEG
    assert pattern.fullmatch(letters), letters
    for event in events[:-1]:
        check(next(schema for prefix, schema in SCHEMAS if event.name.startswith(prefix)), event.data)
    _check_agreement(events[:-1])


def _check_agreement(events: list[Event]) -> None:
    grown: dict[str, dict[int, Any]] = {}
    open_ids: set[str] = set()
    for event in events:
        noun, _, verb = event.name.removeprefix("thread.").rpartition(".")
        if noun not in ("message", "run.step", "run"):
            continue
        object_id = event.data["id"]
        if verb == "delta":
            assert object_id in open_ids, "a delta of something that is not open"
            _grow(grown.setdefault(object_id, {}), event.data["delta"])
            continue
        expected = {"created": "queued" if noun == "run" else "in_progress"}.get(verb, verb)
        assert event.data["status"] == expected
        if verb == "created":
            open_ids.add(object_id)
        elif noun != "run" and verb != "in_progress":
            open_ids.discard(object_id)
            if noun == "message":
                whole = [_without_index(part) for _, part in sorted(grown.get(object_id, {}).items())]
                assert whole == event.data["content"] or (not whole and not _text(event.data))
    assert not [i for i in open_ids if i.startswith("msg_")]


def _text(message: dict[str, Any]) -> str:
    return "".join(part.get("text", {}).get("value", "") for part in message["content"])


def _grow(parts: dict[int, Any], delta: dict[str, Any]) -> None:
    items = delta["content"] if "content" in delta else delta["step_details"]["tool_calls"]
    for item in items:
        parts[item["index"]] = _sum(parts.get(item["index"]), item)


def _sum(old: Any, new: Any) -> Any:
    if isinstance(new, dict) and isinstance(old, dict):
        return {**old, **{key: _keep(key, old.get(key), value) for key, value in new.items()}}
    return new


def _keep(key: str, old: Any, new: Any) -> Any:
    if old is None or key in ("index", "type", "id"):
        return new
    if isinstance(new, str | list):
        return old + new
    return _sum(old, new)


def _without_index(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_index(item) for key, item in value.items() if key != "index"}
    return [_without_index(item) for item in value] if isinstance(value, list) else value

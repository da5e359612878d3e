"""Assistants as the API has them (plain dicts), read tolerantly: some servers leave keys out or write times as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, Final

from playground_tui.limits import ASSISTANT_FIELDS, MAX_NAME
from playground_tui.workspace.api_objects import unix
from playground_tui.workspace.values import AssistantRow, Draft, Json

TITLES: Final[Mapping[str, str]] = {
    "name": "Name",
    "description": "Description",
    "instructions": "Instructions",
    "model": "Model",
    "tools": "Tools",
    "tool_resources": "Files",
    "temperature": "Temperature",
    "top_p": "Top P",
    "response_format": "Response format",
    "reasoning_effort": "Reasoning effort",
    "metadata": "Metadata",
}
"""Field → what it is called towards a person."""
_COPY: Final = re.compile(r" \(copy(?: \d+)?\)$")


def titles(fields: Iterable[str]) -> str:
    """`Instructions, Temperature and Top P`, in the form's order."""
    wanted = set(fields)
    names = [title for field, title in TITLES.items() if field in wanted]
    return names[0] if len(names) == 1 else " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def fields_of(doc: Mapping[str, Any]) -> dict[str, Json]:
    """The fields that are set. A key that is missing and one that is null both mean: not set."""
    return {name: doc[name] for name in ASSISTANT_FIELDS if doc.get(name) is not None}


def present_fields(doc: Mapping[str, Any]) -> dict[str, Json]:
    """The fields that the server speaks of, null included; one it leaves out it may not know at all."""
    return {name: doc[name] for name in ASSISTANT_FIELDS if name in doc}


def id_of(doc: Mapping[str, Any]) -> str | None:
    found = doc.get("id")
    return found if isinstance(found, str) and found else None


def created_at(doc: Mapping[str, Any]) -> int:
    """Unix seconds; 0 where the server does not say."""
    return unix(doc.get("created_at"))


def row_of(doc: Mapping[str, Any], used_at: float = 0.0, *, unsaved: bool = False) -> AssistantRow:
    return AssistantRow(
        id=str(doc.get("id") or ""),
        name=_text(doc.get("name")),
        model=_text(doc.get("model")),
        description=_text(doc.get("description")),
        instructions=_text(doc.get("instructions")),
        created_at=created_at(doc),
        used_at=used_at,
        unsaved=unsaved,
    )


def row_of_draft(draft: Draft, used_at: float, created: float) -> AssistantRow:
    """The line of an assistant that was never created."""
    doc = {**draft.values, "id": draft.id, "created_at": created}
    return replace(row_of(doc, used_at, unsaved=True), is_draft=True)


def holds(doc: Json, part: Json) -> bool:
    """Whether `doc` says all that `part` says: servers add defaults of their own inside objects."""
    if isinstance(part, Mapping):
        return isinstance(doc, Mapping) and all(holds(doc.get(key), value) for key, value in part.items())
    if isinstance(part, list):
        return isinstance(doc, list) and len(doc) == len(part) and all(map(holds, doc, part))
    return bool(doc == part)


def has_name(fields: Mapping[str, Any]) -> bool:
    """Blanks are no name."""
    return bool(_text(fields.get("name")).strip())


def untitled(names: Iterable[str]) -> str:
    """`Untitled N` with the first N that no assistant has."""
    return _first_free(lambda number: f"Untitled {number}", names)


def copied_name(name: str, names: Iterable[str]) -> str:
    """Of a copy: `Support bot (copy)`, then `Support bot (copy 2)`; of one without a name `Untitled N`."""
    if not name.strip():
        return untitled(names)
    original = _COPY.sub("", name)[: MAX_NAME - 16]
    return _first_free(lambda number: f"{original} (copy{f' {number}' if number > 1 else ''})", names)


def _first_free(name: Callable[[int], str], names: Iterable[str]) -> str:
    taken = set(names)
    return next(found for found in map(name, count(1)) if found not in taken)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

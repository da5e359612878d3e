"""What copying assistants to a server would do: pure, so that it can be shown before anything happens.

Assistants of two servers belong together as they were copied before (`links.py`), else by their names: ids
differ, and some servers count them from 1. Files and vector stores stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.differences import FieldDiff, changed_fields, compare
from playground_tui.workspace.exchange.slim import slim

Step = Literal["create", "update", "same", "collision"]
LEFT_BEHIND = "tool_resources"


@dataclass(frozen=True, slots=True)
class PlanItem:
    step: Step
    name: str
    fields: Mapping[str, Any]
    """The assistant as it shall stand there."""
    target_id: str = ""
    """What is changed; empty: nothing is there yet."""
    there: Mapping[str, Any] | None = None
    """As it stands there now."""
    why: str = ""
    """For a collision: one sentence. It is never written over."""
    left_behind: bool = False
    """Its files or vector stores stay on the server they are on."""
    source_id: str = ""

    @property
    def changes(self) -> dict[str, Any]:
        """Field → value to send; None clears it."""
        if self.step == "create":
            return dict(self.fields)
        if self.step != "update":
            return {}
        return {name: self.fields.get(name) for name in changed_fields(self.there or {}, self.fields)}

    @property
    def diffs(self) -> tuple[FieldDiff, ...]:
        return compare(self.there or {}, self.fields)


def plan(
    source: Iterable[Mapping[str, Any]],
    target: Sequence[Mapping[str, Any]],
    links: Mapping[str, str] = MappingProxyType({}),
) -> tuple[PlanItem, ...]:
    """`source` and `target` are assistants as the API has them; `links`: of earlier copies, source id → target id, also
    of assistants that are not among `source`."""
    wanted = list(source)
    there = {_id(doc): doc for doc in target}
    known = {_id(doc): links[_id(doc)] for doc in wanted if links.get(_id(doc)) in there}
    linked = frozenset(links.values())
    free = [doc for other, doc in there.items() if other not in linked]
    names = [_name(doc) for doc in wanted if _id(doc) not in known]
    return tuple(
        _matched(doc, there[known[_id(doc)]]) if _id(doc) in known else _by_name(doc, names, free) for doc in wanted
    )


def _by_name(doc: Mapping[str, Any], names: list[str], free: Sequence[Mapping[str, Any]]) -> PlanItem:
    """`names`: of all that have to be matched so."""
    name = _name(doc)
    found = [other for other in free if _name(other) == name]
    if not name:
        return _left(doc, "Unnamed", "It has no name to be found by.")
    if names.count(name) > 1 or len(found) > 1:
        return _left(doc, name, f"{max(names.count(name), len(found))} assistants are called {name}.")
    if found:
        return _matched(doc, found[0])
    return PlanItem("create", name, _fields(doc), left_behind=_has_files(doc), source_id=_id(doc))


def _matched(doc: Mapping[str, Any], other: Mapping[str, Any]) -> PlanItem:
    fields, there = _fields(doc), _fields(other)
    step: Step = "update" if changed_fields(there, fields) else "same"
    name = _name(doc) or _name(other) or "Unnamed"
    return PlanItem(step, name, fields, _id(other), there, left_behind=_has_files(doc), source_id=_id(doc))


def _left(doc: Mapping[str, Any], name: str, why: str) -> PlanItem:
    return PlanItem("collision", name, _fields(doc), why=why, left_behind=_has_files(doc), source_id=_id(doc))


def _name(doc: Mapping[str, Any]) -> str:
    return str(doc.get("name") or "")


def _id(doc: Mapping[str, Any]) -> str:
    return str(doc.get("id") or "")


def _has_files(doc: Mapping[str, Any]) -> bool:
    return any((doc.get(LEFT_BEHIND) or {}).values())


def _fields(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in slim(doc).items() if name != LEFT_BEHIND}

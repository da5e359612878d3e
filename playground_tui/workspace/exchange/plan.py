"""What copying assistants to a server would do: pure, so that it can be shown before anything happens.

Assistants of two servers belong together by their names; ids differ, and files and vector stores stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def plan(source: Iterable[Mapping[str, Any]], target: Sequence[Mapping[str, Any]]) -> tuple[PlanItem, ...]:
    """`source` and `target` are assistants as the API has them."""
    wanted = list(source)
    names = [str(doc.get("name") or "") for doc in wanted]
    return tuple(_item(doc, names, target) for doc in wanted)


def _item(doc: Mapping[str, Any], names: list[str], target: Sequence[Mapping[str, Any]]) -> PlanItem:
    name = str(doc.get("name") or "")
    left = bool(doc.get(LEFT_BEHIND)) and any((doc.get(LEFT_BEHIND) or {}).values())
    fields = _fields(doc)
    found = [other for other in target if str(other.get("name") or "") == name]
    if not name:
        return PlanItem("collision", "Unnamed", fields, why="It has no name to be found by.", left_behind=left)
    if names.count(name) > 1 or len(found) > 1:
        why = f"{max(names.count(name), len(found))} assistants are called {name}."
        return PlanItem("collision", name, fields, why=why, left_behind=left)
    if not found:
        return PlanItem("create", name, fields, left_behind=left)
    there = _fields(found[0])
    step: Step = "update" if changed_fields(there, fields) else "same"
    return PlanItem(step, name, fields, str(found[0].get("id") or ""), there, left_behind=left)


def _fields(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in slim(doc).items() if name != LEFT_BEHIND}

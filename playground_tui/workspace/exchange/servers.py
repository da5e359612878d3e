"""Assistants between two servers: read both, plan, apply, remember what belongs together. The other server is reached
beside the present one, which stays what the app shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import as_text
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.exchange.links import Links
from playground_tui.workspace.exchange.plan import PlanItem, plan
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.records import Records
from playground_tui.workspace.values import AssistantRow

Direction = Literal["push", "pull"]


class Place(Protocol):
    """One side: `Records` of a server, and its assistants."""

    async def docs(self) -> Sequence[Mapping[str, Any]]: ...

    async def create(self, fields: Mapping[str, Any]) -> dict[str, Any]: ...

    async def update(self, row: AssistantRow, changes: Mapping[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Applied:
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    """Name and why."""

    def sentence(self) -> str:
        parts = [
            f"{len(names)} {word}"
            for names, word in ((self.created, "created"), (self.updated, "changed"), (self.failed, "failed"))
            if names
        ]
        return ", ".join(parts) or "Nothing to do"


class ServerPlace:
    """A server's assistants, by the parts that both `Workspace` and `Headless` have."""

    def __init__(self, calls: AssistantCalls, records: Records) -> None:
        self._calls = calls
        self._records = records

    async def docs(self) -> Sequence[Mapping[str, Any]]:
        try:
            return [doc async for page in self._calls.pages() for doc in page]
        except Exception as error:
            raise FailureError(failure_of(error)) from error

    async def create(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await self._records.create(fields)

    async def update(self, row: AssistantRow, changes: Mapping[str, Any]) -> dict[str, Any]:
        return await self._records.update(row, changes)


async def read_plan(source: Place, target: Place, links: Links, only: Iterable[str] = ()) -> tuple[PlanItem, ...]:
    """`only`: ids of the source's assistants; none means all. Raises `FailureError`."""
    wanted = frozenset(only)
    docs = await source.docs()
    present = {doc.get("id") for doc in docs}
    known = {doc_id: other for doc_id, other in (await links.known()).items() if doc_id in present}
    return plan([doc for doc in docs if not wanted or doc.get("id") in wanted], await target.docs(), known)


async def apply_plan(items: Iterable[PlanItem], target: Place, links: Links) -> Applied:
    """Do what the plan says; one that fails does not keep the others from theirs."""
    created, updated, failed, together = [], [], [], []
    for item in items:
        target_id = item.target_id
        try:
            if item.step == "create":
                target_id = as_text((await target.create(item.fields)).get("id"))
                created.append(item.name)
            elif item.step == "update":
                await target.update(AssistantRow(item.target_id, item.name, ""), item.changes)
                updated.append(item.name)
        except FailureError as error:
            failed.append((item.name, error.failure.sentence()))
            continue
        if target_id and item.source_id:
            together.append((item.source_id, target_id))
    await links.remember(together)
    return Applied(tuple(created), tuple(updated), tuple(failed))

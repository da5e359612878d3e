"""How one save is done: read again, bring together, send the changed fields, compare the answer. Raises what
`failure_of` knows; on the way up nothing is lost, since the draft is on disk.

A creation is never blindly repeated. Before it is sent, its body and time are on disk; when its answer does not come
(a time-out, a dead process), the next try first looks for the assistant: among the newest hundred, one that has all
the fields that were sent, was made no earlier than an hour before the attempt (clocks differ), and is not known here
yet. The API has no better way: it knows no idempotency key, and marking metadata would change the assistant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, Final, NamedTuple

from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.documents import (
    created_at,
    fields_of,
    has_name,
    holds,
    id_of,
    present_fields,
    titles,
    untitled,
)
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.merge import Merged
from playground_tui.workspace.notices import Notices
from playground_tui.workspace.open_draft import OpenDraft
from playground_tui.workspace.outside import OutsideChange, outside_change
from playground_tui.workspace.store import Database
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.store.drafts import CreateTried
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import Json
from playground_tui.workspace.versions import Versions

CLOCKS_DIFFER: Final = 3600.0
"""Seconds that a server's clock may be behind this machine's."""


SHOWN: Final = "Click the save state to see or undo it (command: Changed elsewhere)."


class Outcome(NamedTuple):
    fields: tuple[str, ...] = ()
    """Changed elsewhere: taken over, or kept as a version."""
    refused: str | None = None
    """The one field whose value the server refused."""


class Shelf(NamedTuple):
    """Where confirmed assistants go: the cache and the list."""

    stored: Callable[[Mapping[str, Any]], Awaitable[None]]
    gone: Callable[[str], Awaitable[None]]
    names: Callable[[], Awaitable[Iterable[str]]]


class Saving:
    def __init__(
        self, db: Database, clock: Clock, calls: AssistantCalls, versions: Versions, notices: Notices, shelf: Shelf
    ) -> None:
        self._db = db
        self._clock = clock
        self._calls = calls
        self._versions = versions
        self._notices = notices
        self._shelf = shelf
        self.outside: Subject[OutsideChange | None] = Subject(None)
        """The last change that was made elsewhere."""

    # -- an assistant that the server has ------------------------------------------------------------------------------

    async def update(self, held: OpenDraft, *, send: bool) -> Outcome:
        """Read it again; with `send`, save what differs."""
        await held.catch_up()
        assistant_id = held.draft.assistant_id or ""
        doc = await self._watch_for_gone(held, self._calls.retrieve(assistant_id))
        before, mine = fields_of(doc), dict(held.draft.values)
        merged, done = held.merge(present_fields(doc))
        await _on_disk(done)
        await self._keep_theirs(held, merged, before)
        self._note_outside(held, merged, mine, before)
        sending = held.sendable if send else {}
        if not sending:
            if done is not None:
                await self._took_over(held, merged, doc)
            return Outcome(merged.fields)
        await _on_disk(held.mark_sending({**held.sending, **sending}))
        try:
            answer = await self._watch_for_gone(held, self._calls.update(assistant_id, sending))
        except Exception as error:
            return await self._refused(held, sending, error)
        mine = dict(held.draft.values)
        after, done = held.confirm(assistant_id, sending, present_fields(answer))
        await _on_disk(done)
        await self._keep_theirs(held, after, fields_of(answer))
        self._note_outside(held, after, mine, fields_of(answer))
        self._tell_taken(tuple({*merged.taken, *after.taken}))
        await self._versions.record(held.draft.id, held.draft.base, before=before)
        await self._shelf.stored(answer)
        return Outcome(tuple(sorted({*merged.fields, *after.fields})))

    async def _took_over(self, held: OpenDraft, merged: Merged, doc: Mapping[str, Any]) -> None:
        """The server has other values than before: somebody else's, or ours from a save whose answer was lost."""
        if not merged.contested:
            if merged.taken:
                await self._versions.keep(held.draft.id, fields_of(doc), "elsewhere")
            else:
                await self._versions.record(held.draft.id, held.draft.base)
        self._tell_taken(merged.taken)
        await self._shelf.stored(doc)

    async def _keep_theirs(self, held: OpenDraft, merged: Merged, theirs: Mapping[str, Json]) -> None:
        if not merged.contested:
            return
        number = await self._versions.keep(held.draft.id, theirs, "elsewhere")
        what = titles(merged.contested)
        told = f"{what} changed elsewhere too: yours stands, theirs is version {number}. {SHOWN}"
        self._notices.tell(told, "warning")

    def _note_outside(
        self, held: OpenDraft, merged: Merged, mine: Mapping[str, Json], theirs: Mapping[str, Json]
    ) -> None:
        name = str(mine.get("name") or "")
        change = outside_change(held.draft.id, name, merged.taken, merged.contested, mine, theirs)
        if change is not None:
            self.outside.set(change)

    def _tell_taken(self, fields: tuple[str, ...]) -> None:
        if fields:
            self._notices.tell(f"{titles(fields)} changed elsewhere; taken over. {SHOWN}")

    async def _refused(self, held: OpenDraft, sending: Mapping[str, Json], error: Exception) -> Outcome:
        failure = failure_of(error)
        if _said_no(failure):
            await _on_disk(held.mark_sending({}))
        if failure.kind != "invalid" or failure.field is None or failure.field not in sending:
            raise error
        held.refuse(failure.field, failure)
        return Outcome(refused=failure.field)

    async def _watch_for_gone(self, held: OpenDraft, call: Awaitable[dict[str, Any]]) -> dict[str, Any]:
        try:
            return await call
        except Exception as error:
            failure = failure_of(error)
            if failure.kind != "missing":
                raise
            gone = held.draft.assistant_id or ""
            await _on_disk(held.detach())
            await self._shelf.gone(gone)
            raise FailureError(
                Failure(
                    "missing",
                    "This assistant is gone on the server.",
                    kept="All of it is kept here as a draft.",
                    next="Save to create it again.",
                    details=failure.details,
                    status=404,
                )
            ) from error

    # -- an assistant that the server does not have --------------------------------------------------------------------

    async def create(self, held: OpenDraft) -> bool:
        """Create it, or find the one that an earlier try created. False: another app on this home has created it
        meanwhile; nothing was sent, and what differs is for a save."""
        await held.catch_up(anew=True)
        if held.draft.assistant_id is not None:
            return False
        body = await self._body(held)
        tried = held.tried
        doc = await self._look(tried) if tried is not None else None
        if doc is not None and tried is not None:
            body = dict(tried.body)
        else:
            doc = await self._create(held, body)
        assistant_id = id_of(doc)
        if assistant_id is None:
            raise FailureError(Failure("server", "The server's answer makes no sense: it names no assistant."))
        _, done = held.confirm(assistant_id, body, present_fields(doc))
        await _on_disk(done)
        await self._versions.record(held.draft.id, held.draft.base)
        await self._shelf.stored(doc)
        return True

    async def _create(self, held: OpenDraft, body: dict[str, Json]) -> dict[str, Any]:
        await _on_disk(held.mark_tried(CreateTried(self._clock.now().timestamp(), body)))
        try:
            return await self._calls.create(body)
        except Exception as error:
            failure = failure_of(error)
            if _said_no(failure):
                await _on_disk(held.mark_tried(None))
            if failure.kind == "invalid" and failure.field is not None and failure.field in body:
                held.refuse(failure.field, failure)
            raise

    async def _look(self, tried: CreateTried) -> dict[str, Any] | None:
        server_made = await self._calls.newest()
        known = await self._db.read(table.known_assistants)
        for doc in server_made:
            made = created_at(doc)
            recent = not made or made >= tried.at - CLOCKS_DIFFER
            if recent and id_of(doc) not in known and holds(doc, tried.body):
                return doc
        return None

    async def _body(self, held: OpenDraft) -> dict[str, Json]:
        """Only what is set; a name is given where there is none."""
        if not has_name(held.draft.values):
            free = untitled(await self._shelf.names())
            if not has_name(held.draft.values):
                held.suggest("name", free)
        return dict(held.draft.values)


def _said_no(failure: Failure) -> bool:
    """The server surely did not do what it was asked."""
    return failure.status is not None and failure.status < 500 and failure.kind != "timeout"


async def _on_disk(done: Future[None] | None) -> None:
    if done is not None:
        await asyncio.wrap_future(done)

"""The assistants of the present server: listed from the cache at once, from the server when it answers."""

from __future__ import annotations

import asyncio
import logging
from bisect import insort
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from playground_tui.workspace.cache import AssistantCache
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.documents import copied_name, fields_of, id_of, row_of, row_of_draft
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.store import Connection, Database
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import AssistantListing, AssistantRow, Draft

log = logging.getLogger("playground_tui.workspace.assistants")
NAMES_SECONDS: Final = 5.0
"""How long a new assistant waits for the names that are taken."""
Docs = dict[str, dict[str, Any]]
Haystacks = dict[str, tuple[AssistantRow, str]]
"""Row id → the row and its text to search in, in lower case."""


class Opened(Protocol):
    """The editor, as far as copying and deleting concern it."""

    async def settle(self, row_id: str, *, stop: bool = False) -> None: ...

    async def forget(self, row_id: str) -> None: ...


class Deleted(NamedTuple):
    """What an undo needs."""

    server: str
    draft_id: str | None
    created: bool
    fields: Mapping[str, Any]


class Assistants:
    """Answers that were asked for before a save or a deletion never undo it, in whatever order they come: each
    change made here is numbered, and a listing asked for earlier leaves what has a later number alone."""

    def __init__(self, folder: Path, db: Database, clock: Clock, calls: AssistantCalls) -> None:
        self.listing = Subject(AssistantListing())
        self._folder = folder
        self._db = db
        self._clock = clock
        self._calls = calls
        self.opened: Opened | None = None
        """Set once the editor is there."""
        self._deleted: dict[str, Deleted] = {}
        self._server = ""
        self._cache: AssistantCache | None = None
        self._docs: Docs = {}
        self._drafts: dict[str, AssistantRow] = {}
        self._used: dict[str, float] = {}
        self._unsaved: frozenset[str] = frozenset()
        self._haystacks: Haystacks = {}
        self._found: tuple[tuple[AssistantRow, ...], list[str], tuple[AssistantRow, ...]] = ((), [], ())
        self._renewals = 0
        self._changes = 0
        self._changed_of: dict[str, dict[str, int]] = {}
        """By server, and in it the change that an id had last: one may be left and come back to while it is asked."""
        self._changed: dict[str, int] = {}
        self._refreshing: dict[str, asyncio.Task[None]] = {}
        """By server: one that was asked about another is no answer about this one."""
        self._listed = 0

    # -- listing -------------------------------------------------------------------------------------------------------

    async def use(self, server: str) -> None:
        """Show the cache of `server`."""
        if self._cache is not None:
            await self._cache.close()
        self._server = server
        self._cache = AssistantCache(self._folder, server)
        self._docs, self._drafts, self._haystacks = {}, {}, {}
        self._changed = self._changed_of.setdefault(server, {})
        self.listing.set(AssistantListing())
        await self.reread()

    async def reread(self) -> None:
        """Take up what the cache and the drafts hold now, another app's changes included. Never raises."""
        try:
            if self._cache is not None:
                await self._read_cache(self._cache)
            await self._read_drafts()
        except Exception as error:
            log.warning("the cache could not be read: %s", failure_of(error).kind)
        await self._build()

    async def _read_cache(self, cache: AssistantCache) -> None:
        asked, listed = self._changes, self._listed
        found = await cache.read()
        if cache is self._cache and listed == self._listed:  # else the server's own list came meanwhile
            self._take(found, asked)

    async def refresh(self) -> None:
        """Ask the server for all of them. Never raises: a failure is in `listing`. Calls made meanwhile share it."""
        server = self._server
        task = self._refreshing.get(server)
        if task is None or task.done():
            self._refreshing[server] = task = asyncio.get_running_loop().create_task(self._refresh(server))
        await asyncio.shield(task)

    async def _refresh(self, server: str) -> None:
        asked = self._changes
        found: Docs = {}
        try:
            async for page in self._calls.pages():
                found.update({doc["id"]: self._known(doc) for doc in page})
        except Exception as error:
            if server == self._server:
                await self.reread()
            if server == self._server:  # it may be another by now
                self.listing.set(replace(self.listing.value, failure=failure_of(error)))
            return
        if server != self._server:
            return
        self._listed += 1
        await self._replace_cache(found, self._take(found, asked))
        await self._read_drafts()
        await self._build(refreshed=server == self._server)

    def _take(self, found: Docs, asked: int) -> set[str]:
        """Make it all that is held, but for what changed here since `asked`; the ids of that."""
        later = {doc_id for doc_id, number in self._changed.items() if number > asked}
        kept = {doc_id: doc for doc_id, doc in self._docs.items() if doc_id in later}
        self._docs = {doc_id: doc for doc_id, doc in found.items() if doc_id not in later} | kept
        self._renewals += 1
        return later

    def _known(self, doc: dict[str, Any]) -> dict[str, Any]:
        """The document that is held already where nothing changed: ten thousand new ones with each listing would be
        looked through by the next collection, which holds a key for 30 ms."""
        held = self._docs.get(doc["id"])
        return held if held == doc else doc

    async def _replace_cache(self, found: Docs, later: set[str]) -> None:
        if self._cache is None:
            return
        try:
            await self._cache.replace(found, later)
            if await self._cache.take_damaged():
                log.warning("the cache was rebuilt from the server")
        except Exception as error:
            log.warning("the cache could not be written: %s", failure_of(error).kind)

    async def _read_drafts(self) -> None:
        server = self._server

        def read(conn: Connection) -> tuple[dict[str, AssistantRow], dict[str, float], frozenset[str]]:
            own = [table.load(conn, draft_id) for draft_id in table.never_created(conn, server)]
            rows = {s.draft.id: row_of_draft(s.draft, s.used_at, s.created_at) for s in own if s is not None}
            edited = [table.load(conn, draft_id) for draft_id in table.with_edits(conn, server)]
            unsaved = frozenset(s.draft.assistant_id or "" for s in edited if s is not None)
            return rows, table.used_times(conn, server), unsaved

        await self._db.written()
        self._drafts, self._used, self._unsaved = await self._db.read(read)

    async def _build(self, *, refreshed: bool = False) -> None:
        """All rows and what is searched in, on a thread: ten thousand take a while. What is renewed meanwhile makes
        it begin again."""
        renewals = -1
        while renewals != self._renewals:
            renewals = self._renewals
            docs, drafts, used, unsaved = self._docs, self._drafts, self._used, self._unsaved
            rows, haystacks = await asyncio.to_thread(_all_rows, docs, drafts, used, unsaved, self._haystacks)
        self._haystacks = haystacks
        if refreshed:
            self.listing.set(AssistantListing(rows, "server"))
        else:
            self.listing.set(replace(self.listing.value, rows=rows))

    def search(self, text: str) -> tuple[AssistantRow, ...]:
        """Rows with every word of `text` in name, description, instructions or model, in the listing's order. While a
        person types on, only what the last search found is searched."""
        words = text.lower().split()
        rows = self.listing.value.rows
        last_rows, last_words, found = self._found
        if last_rows is rows and all(any(old in word for word in words) for old in last_words):
            fresh = [word for word in words if word not in last_words]
        else:
            found, fresh = rows, words
        for word in sorted(fresh, key=len, reverse=True):
            found = tuple(row for row in found if word in self._haystacks[row.id][1])
        self._found = (rows, words, found)
        return found

    async def names(self) -> Iterable[str]:
        """Of all of them: a cache that the server has not filled yet may know none, and another app on this home may
        have made one just now. Never raises; what the server does not tell in time is left out."""
        asking = self.reread() if self.listing.value.source == "server" else self.refresh()
        with suppress(TimeoutError):
            await asyncio.wait_for(asking, NAMES_SECONDS)
        return [row.name for row in self.listing.value.rows]

    def name(self, assistant_id: str) -> str:
        """Empty when it is not known."""
        found = self._haystacks.get(assistant_id)
        return found[0].name if found else ""

    # -- one of them ---------------------------------------------------------------------------------------------------

    async def doc(self, assistant_id: str) -> Mapping[str, Any]:
        """From the cache, else from the server. Raises what calls raise."""
        return self._docs.get(assistant_id) or await self._calls.retrieve(assistant_id)

    async def duplicate(self, row_id: str) -> str:
        """A new assistant with the same fields; a draft's copy is made on the server too if the draft is complete.
        Returns its id. Raises `FailureError`."""
        try:
            fields = await self._fields(row_id)
            name = copied_name(fields.get("name") or "", await self.names())
            doc = await self._calls.create({**fields, "name": name})
            copied = id_of(doc)
        except FailureError:
            raise
        except Exception as error:
            raise FailureError(failure_of(error)) from error
        if copied is None:
            raise FailureError(Failure("server", "The server's answer makes no sense: it names no assistant."))
        await self.stored(doc)
        return copied

    async def _fields(self, row_id: str) -> dict[str, Any]:
        """As the form would show them, unsaved edits included."""
        if self.opened is not None:
            await self.opened.settle(row_id)
        stored = await self._stored(row_id)
        return dict(stored.values) if stored is not None else fields_of(await self.doc(row_id))

    async def _stored(self, row_id: str) -> Draft | None:
        server = self._server

        def read(conn: Connection) -> Draft | None:
            stored = table.load(conn, table.find(conn, server, row_id) or row_id)
            return stored.draft if stored else None

        return await self._db.read(read)

    async def delete(self, row_id: str) -> None:
        """From the server, the cache and this machine's record; `undo_delete` brings it back in this session.
        One that is gone already counts as deleted. Raises `FailureError`; nothing is then removed."""
        if self.opened is not None:
            await self.opened.settle(row_id, stop=True)
        try:
            stored = await self._stored(row_id)
            created = stored is None or stored.assistant_id is not None
            fields = stored.values if stored is not None else fields_of(self._docs.get(row_id, {}))
            self._deleted[row_id] = Deleted(self._server, stored.id if stored else None, created, fields)
            if created:
                await self._calls.delete(row_id)
        except Exception as error:
            failure = failure_of(error)
            if failure.kind != "missing":
                self._deleted.pop(row_id, None)
                raise FailureError(failure) from error
        if stored is not None:
            draft_id, now = stored.id, self._clock.now().timestamp()
            await self._db.write(lambda conn: table.mark_deleted(conn, draft_id, now))
        await self.gone(row_id)
        if self.opened is not None:
            await self.opened.forget(row_id)

    @property
    def last_deleted(self) -> tuple[str, str] | None:
        """Id and name of what was deleted last on this server in this session and is not back."""
        for row_id, deleted in reversed(self._deleted.items()):
            if deleted.server == self._server:
                return row_id, str(deleted.fields.get("name") or "Unnamed")
        return None

    async def undo_delete(self, row_id: str) -> str:
        """Bring back what was deleted in this session, with its versions; on a server it gets another id, since the
        API gives no id twice. Returns the row's id. Raises `FailureError`."""
        deleted = self._deleted.get(row_id)
        if deleted is None or deleted.server != self._server:
            raise FailureError(Failure("missing", "It was not deleted in this session."))
        back = row_id
        try:
            if deleted.created:
                doc = await self._calls.create(deleted.fields)
                back = id_of(doc) or ""
                await self._relink(deleted.draft_id, doc)
            elif deleted.draft_id:
                draft_id = deleted.draft_id
                await self._db.write(lambda conn: table.mark_deleted(conn, draft_id, None))
        except Exception as error:
            raise FailureError(failure_of(error)) from error
        del self._deleted[row_id]
        await self.note_drafts()
        return back

    async def _relink(self, draft_id: str | None, doc: Mapping[str, Any]) -> None:
        if draft_id is not None:
            now, fields = self._clock.now().timestamp(), fields_of(doc)

            def write(conn: Connection) -> None:
                table.mark_deleted(conn, draft_id, None)
                table.put_base(conn, draft_id, id_of(doc), fields, now, {})

            await self._db.write(write)
        await self.stored(doc)

    # -- what saves and deletions tell ---------------------------------------------------------------------------------

    async def stored(self, doc: Mapping[str, Any]) -> None:
        """The server confirmed this assistant. Never raises."""
        assistant_id = id_of(doc)
        if assistant_id is None:
            return
        self._note(assistant_id)
        self._docs = {**self._docs, assistant_id: dict(doc)}
        await self._write_cache(lambda cache: cache.put([doc]))
        await self.note_drafts(assistant_id)

    async def gone(self, assistant_id: str) -> None:
        """The server does not have it any more. Never raises."""
        self._note(assistant_id)
        self._docs = {doc_id: doc for doc_id, doc in self._docs.items() if doc_id != assistant_id}
        await self._write_cache(lambda cache: cache.remove(assistant_id))
        await self.note_drafts(assistant_id)

    def _note(self, assistant_id: str) -> None:
        self._changes += 1
        self._changed[assistant_id] = self._changes

    async def _write_cache(self, change: Any) -> None:
        if self._cache is None:
            return
        try:
            await change(self._cache)
        except Exception as error:
            log.warning("the cache could not be written: %s", failure_of(error).kind)

    async def note_drafts(self, assistant_id: str = "") -> None:
        """Drafts came, went or changed; or the document of `assistant_id` did. Costs no walk over all documents.
        Never raises."""
        drafts, used, unsaved = self._drafts, self._used, self._unsaved
        try:
            await self._read_drafts()
        except Exception as error:
            log.warning("the drafts could not be read: %s", failure_of(error).kind)
        opened = {key for key in {*used, *self._used} if used.get(key) != self._used.get(key)}
        self._renew({assistant_id, *drafts, *self._drafts, *opened, *(unsaved ^ self._unsaved)})

    def _renew(self, row_ids: set[str]) -> None:
        """Make these rows anew; all others stay the objects they are."""
        self._renewals += 1
        rows = [row for row in self.listing.value.rows if row.id not in row_ids]
        for row_id in row_ids:
            self._haystacks.pop(row_id, None)
            row = self._row(row_id)
            if row is not None:
                insort(rows, row, key=_order)
                self._haystacks[row_id] = (row, _haystack(row))
        self.listing.set(replace(self.listing.value, rows=tuple(rows)))

    def _row(self, row_id: str) -> AssistantRow | None:
        if row_id in self._drafts:
            return self._drafts[row_id]
        doc = self._docs.get(row_id)
        return row_of(doc, self._used.get(row_id, 0.0), unsaved=row_id in self._unsaved) if doc else None

    async def close(self) -> None:
        for task in self._refreshing.values():
            task.cancel()
        await asyncio.gather(*self._refreshing.values(), return_exceptions=True)
        if self._cache is not None:
            await self._cache.close()


def _all_rows(
    docs: Docs, drafts: Mapping[str, AssistantRow], used: Mapping[str, float], unsaved: frozenset[str], old: Haystacks
) -> tuple[tuple[AssistantRow, ...], Haystacks]:
    rows = [row_of(doc, used.get(doc_id, 0.0), unsaved=doc_id in unsaved) for doc_id, doc in docs.items()]
    rows += drafts.values()
    rows.sort(key=_order)
    haystacks = {}
    for row in rows:
        known = old.get(row.id)
        haystacks[row.id] = known if known is not None and known[0] == row else (row, _haystack(row))
    return tuple(row for row, _ in haystacks.values()), haystacks


def _order(row: AssistantRow) -> tuple[float, int]:
    """Last used first, then newest first."""
    return -row.used_at, -row.created_at


def _haystack(row: AssistantRow) -> str:
    return "\n".join((row.name, row.description, row.model, row.instructions)).lower()

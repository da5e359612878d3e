"""The list of one server's threads: the local records, and the server's own list where it has one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from playground_tui.workspace.api_objects import as_dict, as_text, moment
from playground_tui.workspace.board import NEW_TITLE
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.store import messages as message_table
from playground_tui.workspace.store import threads as table
from playground_tui.workspace.store import unsent as unsent_table
from playground_tui.workspace.store.threads import ThreadRecord
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.values import ThreadRow

PAGE: Final = 100
PAGES: Final = 50
"""Read at most; 5,000 threads."""
PREVIEW: Final = 120
"""Characters."""


class ThreadList:
    def __init__(self, context: ChatContext) -> None:
        self._context = context
        self._records: dict[str, ThreadRecord] = {}
        self.from_server = False
        self.hidden: Callable[[str], bool] = lambda thread_id: False
        """Threads that are in the trash."""
        self.read()

    def read(self) -> None:
        server = self._context.server
        records = self._context.store.read_now(lambda conn: table.all_threads(conn, server))
        self._records = {record.id: record for record in records}

    def get(self, thread_id: str) -> ThreadRecord | None:
        return self._records.get(thread_id)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def rows(self, unsent: Collection[str], sent: Collection[str]) -> tuple[ThreadRow, ...]:
        """Last used first. `unsent` and `sent`: keys known to have unsent text or none, whatever is on disk yet."""
        server = self._context.server
        kept = self._context.store.read_now(lambda conn: unsent_table.keys_with_unsent(conn, server))
        with_text = (kept - set(sent)) | set(unsent)
        shown = (record for record in self._records.values() if not self.hidden(record.id))
        newest = sorted(shown, key=lambda record: (-record.used_at, record.id))
        return tuple(_row(record, record.id in with_text) for record in newest)

    def search(self, text: str, rows: tuple[ThreadRow, ...]) -> tuple[ThreadRow, ...]:
        """Rows whose title or messages hold every word, titles first."""
        words = text.casefold().split()
        if not words:
            return rows
        by_title = [row for row in rows if all(word in row.title.casefold() for word in words)]
        shown = {row.id for row in by_title}
        server = self._context.server
        found = self._context.store.read_now(lambda conn: message_table.search_threads(conn, server, text))
        return (*by_title, *(row for row in rows if row.id in found and row.id not in shown))

    def row(self, thread_id: str) -> ThreadRow | None:
        record = self._records.get(thread_id)
        return _row(record, False) if record is not None else None

    # -- changes -------------------------------------------------------------------------------------------------------

    def put(self, record: ThreadRecord) -> None:
        self._records[record.id] = record
        server = self._context.server
        self._context.store.keep(lambda conn: table.put_thread(conn, server, record))

    def add(self, thread_id: str) -> None:
        """A thread that this machine did not know."""
        now = self._now()
        self.put(ThreadRecord(thread_id, created_at=now, used_at=now))

    def used(self, thread_id: str, assistant_id: str | None, text: str) -> None:
        preview = preview_of(text)
        known = self._records.get(thread_id) or ThreadRecord(thread_id, created_at=self._now())
        self.put(replace(known, assistant_id=assistant_id or known.assistant_id, preview=preview, used_at=self._now()))

    async def rename(self, thread_id: str, title: str) -> None:
        """Raises StoreError."""
        server = self._context.server
        await self._context.store.write(lambda conn: table.title_thread(conn, server, thread_id, title))
        if (known := self._records.get(thread_id)) is not None:
            self._records[thread_id] = replace(known, title=title)

    async def drop(self, thread_id: str) -> None:
        """With its messages and what was typed for it. Raises StoreError."""
        server = self._context.server
        await self._context.store.write(lambda conn: table.drop_thread(conn, server, thread_id))
        self._records.pop(thread_id, None)

    # -- server --------------------------------------------------------------------------------------------------------

    async def merge(self) -> None:
        """Take over the server's list. Raises StoreError and what the client raises."""
        found = await self._on_server()
        server = self._context.server
        await self._context.store.write(lambda conn: table.merge_threads(conn, server, found))
        self.from_server = True
        self.read()

    async def _on_server(self) -> list[ThreadRecord]:
        api = ThreadApi(await self._context.api())
        found: dict[str, ThreadRecord] = {}
        after = ""
        for _ in range(PAGES):
            page = await api.list_threads(PAGE, after)
            records = [record for raw in page.data if (record := _record(raw)) is not None]
            fresh = [record for record in records if record.id not in found]
            found.update((record.id, record) for record in fresh)
            if not page.has_more or not fresh:
                break
            after = fresh[-1].id
        return list(found.values())

    def _now(self) -> float:
        return self._context.clock.now().timestamp()


def preview_of(text: str) -> str:
    return " ".join(text[: PREVIEW * 2].split())[:PREVIEW]


def _record(raw: dict[str, Any]) -> ThreadRecord | None:
    thread_id = as_text(raw.get("id"))
    if not thread_id:
        return None
    made = moment(raw.get("created_at"))
    at = made.timestamp() if made is not None else 0.0
    return ThreadRecord(thread_id, None, as_text(as_dict(raw.get("metadata")).get("title")), "", at, at)


def _row(record: ThreadRecord, has_unsent: bool) -> ThreadRow:
    title = record.title or record.preview or NEW_TITLE
    return ThreadRow(
        record.id, title, int(record.created_at), record.used_at, record.assistant_id, has_unsent, record.preview
    )

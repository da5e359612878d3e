"""The threads of the present server: their list, the open one, and those whose runs go on unseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

from playground_tui.workspace.api_objects import as_dict, as_text, moment
from playground_tui.workspace.board import NEW_TITLE
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.conversation import Conversation, Hooks
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.store import Connection
from playground_tui.workspace.store import messages as message_table
from playground_tui.workspace.store import threads as table
from playground_tui.workspace.store import unsent as unsent_table
from playground_tui.workspace.store.threads import ThreadRecord
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.turns import title_from
from playground_tui.workspace.values import Draft, ThreadListing, ThreadRow

log = logging.getLogger("playground_tui.workspace.threads")

PAGE: Final = 100
PAGES: Final = 50
"""Read at most; 5,000 threads."""
PREVIEW: Final = 120
"""Characters."""


class Threads:
    def __init__(self, context: ChatContext) -> None:
        """Opens the last thread of the editor's assistant from the record, at once."""
        self._context = context
        self._records: dict[str, ThreadRecord] = {}
        self._source_is_server = False
        self._live: dict[tuple[str, str], Conversation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.listing: Subject[ThreadListing] = Subject(ThreadListing())
        self._read_records()
        self.current: Subject[Conversation] = Subject(self._last_of(context.editor.draft.value))
        self._draft_id = context.editor.draft.value.id
        self._end_watch = context.editor.draft.watch(self._draft_changed)

    # -- opening -------------------------------------------------------------------------------------------------------

    async def open(self, thread_id: str | None) -> None:
        """Show a thread, or a new one (None): its record at once, then as the server has it. Runs of others go on."""
        await self._settle_writes()
        if thread_id is not None and thread_id not in self._records:
            await self._add(thread_id)
        conversation = self._conversation(thread_id)
        self._show(conversation)
        await conversation.refresh()
        self._title_untitled(conversation)

    async def _settle_writes(self) -> None:
        """Records are read next: what the open conversation handed to the writer belongs in them."""
        self.current.value.flush()
        await self._context.store.write(lambda conn: None)

    async def _add(self, thread_id: str) -> None:
        """A thread that this machine did not know."""
        server, now = self._context.server, self._now()
        record = ThreadRecord(thread_id, created_at=now, used_at=now)
        await self._context.store.write(lambda conn: table.put_thread(conn, server, record))
        self._records[thread_id] = record

    def _title_untitled(self, conversation: Conversation) -> None:
        """A thread made elsewhere without a title is shown by its first message, once that is loaded."""
        state = conversation.state.value
        record = self._records.get(state.thread_id or "")
        first = next((m for m in conversation.messages if m.role == "user"), None)
        if record is None or record.title or first is None or state.has_older or conversation.server != self._server:
            return
        title, server = title_from(first.text), self._server
        self._context.store.submit(lambda conn: table.title_thread(conn, server, record.id, title))
        self._records[record.id] = replace(record, title=title)
        conversation.rename(title)
        self._publish()

    async def start(self) -> None:
        """There is a client now: bring the open thread and the list up to date."""
        await asyncio.gather(self.current.value.refresh(), self.refresh())

    async def use(self, context: ChatContext) -> None:
        """Another server. Runs of the one before go on there, and are found again on the way back."""
        self._end_watch()
        for conversation in self._live.values():
            await conversation.close()
        self._live.clear()
        await self._settle_writes()
        self._context = context
        self._source_is_server = False
        self._read_records()
        self._draft_id = context.editor.draft.value.id
        self._end_watch = context.editor.draft.watch(self._draft_changed)
        self._show(self._last_of(context.editor.draft.value), remember=False)
        await self.start()

    def _draft_changed(self, draft: Draft) -> None:
        """Another assistant was opened in the form: so is its last thread."""
        if draft.id == self._draft_id:
            return
        self._draft_id = draft.id
        self._spawn(self._open_last(draft))

    async def _open_last(self, draft: Draft) -> None:
        await self._settle_writes()
        if draft.id == self._draft_id:
            conversation = self._last_of(draft)
            self._show(conversation, remember=False)
            await conversation.refresh()

    def _last_of(self, draft: Draft) -> Conversation:
        server = self._context.server
        last = self._context.store.read_now(lambda conn: table.last_thread(conn, server, draft.id))
        return self._conversation(last, draft)

    def _conversation(self, thread_id: str | None, draft: Draft | None = None) -> Conversation:
        draft = draft or self._context.editor.draft.value
        key = thread_id or f"new:{draft.id}"
        if (live := self._live.get((self._context.server, key))) is not None:
            return live
        record = self._records.get(thread_id) or ThreadRecord(thread_id) if thread_id is not None else None
        hooks = Hooks(self._made, self._used, lambda conversation: conversation is self.current.value)
        conversation = Conversation(self._context, key, record, hooks)
        if thread_id is None:
            conversation.asks(draft.assistant_id)
        self._live[self._context.server, key] = conversation
        return conversation

    def _show(self, conversation: Conversation, *, remember: bool = True) -> None:
        before = self.current.value
        self.current.set(conversation)
        if remember:
            self._remember(conversation)
        if before is not conversation and before is not None:
            before.flush()
            self._drop_idle()
        self._publish()

    def _remember(self, conversation: Conversation) -> None:
        server, thread_id = self._context.server, conversation.state.value.thread_id
        draft_id, now = self._context.editor.draft.value.id, self._now()
        self._context.store.submit(lambda conn: table.remember_last_thread(conn, server, draft_id, thread_id, now))

    def _drop_idle(self) -> None:
        """Forget conversations that neither show nor do anything."""
        for key, conversation in list(self._live.items()):
            waits = conversation.state.value.run.phase != "idle"
            if conversation is not self.current.value and not conversation.busy and not waits:
                del self._live[key]
                self._spawn(conversation.close())

    # -- what conversations tell ---------------------------------------------------------------------------------------

    def _made(self, conversation: Conversation, title: str) -> None:
        thread_id = conversation.state.value.thread_id or ""
        self._live = {k: c for k, c in self._live.items() if c is not conversation}
        self._live[conversation.server, thread_id] = conversation
        now = self._now()
        record = ThreadRecord(thread_id, conversation.assistant_id, title, "", now, now)
        server = conversation.server
        self._context.store.submit(lambda conn: table.put_thread(conn, server, record))
        if conversation is self.current.value:
            self._remember(conversation)
        if server == self._context.server:
            self._records[thread_id] = record
            self._publish()

    def _used(self, conversation: Conversation, text: str) -> None:
        thread_id, server, now = conversation.state.value.thread_id or "", conversation.server, self._now()
        preview = " ".join(text[: PREVIEW * 2].split())[:PREVIEW]
        known = self._records.get(thread_id, ThreadRecord(thread_id, created_at=now))
        record = ThreadRecord(
            thread_id, conversation.assistant_id or known.assistant_id, known.title, preview, known.created_at, now
        )
        self._context.store.submit(lambda conn: table.put_thread(conn, server, record))
        if server == self._context.server:
            self._records[thread_id] = record
            self._publish()

    # -- the list ------------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Take over the server's list where it has one; the record stays the list where it has none."""
        context = self._context
        if "threads.list" in context.lacking():
            self._publish()
            return
        try:
            found = await self._server_threads(context)
        except Exception as error:
            failure = failure_of(error)
            if failure.kind in ("unsupported", "missing", "retired"):
                context.lack("threads.list")
                self._publish()
            else:
                self.listing.set(ThreadListing(self._rows(), "local", failure))
            return
        await context.store.write(lambda conn: table.merge_threads(conn, context.server, found))
        if context is self._context:
            self._source_is_server = True
            self._read_records()

    async def _server_threads(self, context: ChatContext) -> list[ThreadRecord]:
        api = ThreadApi(await context.api())
        found: dict[str, ThreadRecord] = {}
        after = ""
        for _ in range(PAGES):
            page = await api.list_threads(PAGE, after)
            records = [record for raw in page.data if (record := self._record_of(raw)) is not None]
            fresh = [record for record in records if record.id not in found]
            found.update((record.id, record) for record in fresh)
            if not page.has_more or not fresh:
                break
            after = fresh[-1].id
        return list(found.values())

    def _record_of(self, raw: dict[str, Any]) -> ThreadRecord | None:
        thread_id = as_text(raw.get("id"))
        if not thread_id:
            return None
        made = moment(raw.get("created_at"))
        at = made.timestamp() if made is not None else 0.0
        return ThreadRecord(thread_id, None, as_text(as_dict(raw.get("metadata")).get("title")), "", at, at)

    def search(self, text: str) -> tuple[ThreadRow, ...]:
        """Threads whose title or messages hold every word of `text`, titles first, each group last used first."""
        words = text.casefold().split()
        rows = self.listing.value.rows
        if not words:
            return rows
        by_title = [row for row in rows if all(word in row.title.casefold() for word in words)]
        shown = {row.id for row in by_title}
        server = self._context.server
        found = self._context.store.read_now(lambda conn: message_table.search_threads(conn, server, text))
        return (*by_title, *(row for row in rows if row.id in found and row.id not in shown))

    def _read_records(self) -> None:
        server = self._context.server

        def read(conn: Connection) -> list[ThreadRecord]:
            return table.all_threads(conn, server)

        self._records = {record.id: record for record in self._context.store.read_now(read)}
        self._publish()

    def _publish(self) -> None:
        source = "server" if self._source_is_server else "local"
        self.listing.set(ThreadListing(self._rows(), source))  # type: ignore[arg-type]

    def _rows(self) -> tuple[ThreadRow, ...]:
        server = self._context.server
        unsent = self._context.store.read_now(lambda conn: unsent_table.keys_with_unsent(conn, server))
        for (owner, key), conversation in self._live.items():
            if owner == server:
                (unsent.add if conversation.has_unsent else unsent.discard)(key)
        newest = sorted(self._records.values(), key=lambda r: (-r.used_at, r.id))
        return tuple(_row(record, record.id in unsent) for record in newest)

    # -- changing ------------------------------------------------------------------------------------------------------

    async def rename(self, thread_id: str, title: str) -> None:
        """Here at once; on the server in its metadata, beside what else is in there. Raises FailureError."""
        title = " ".join(title.split())
        server = self._context.server
        await self._context.store.write(lambda conn: table.title_thread(conn, server, thread_id, title))
        if (live := self._live.get((server, thread_id))) is not None:
            live.rename(title)
        self._read_records()
        try:
            api = ThreadApi(await self._context.api())
            metadata = as_dict((await api.thread(thread_id)).get("metadata"))
            await api.update_thread(thread_id, {**metadata, "title": title})
        except Exception as error:
            failure = failure_of(error)
            if failure.kind == "unsupported":
                self._context.lack("threads.update")
            elif failure.kind != "missing":
                raise FailureError(failure) from error

    async def delete(self, thread_id: str) -> None:
        """On the server and here. A thread that the server does not have, or cannot delete, goes from here.
        Raises FailureError when the server was not reached; then nothing is deleted."""
        server = self._context.server
        try:
            await ThreadApi(await self._context.api()).delete_thread(thread_id)
        except Exception as error:
            failure = failure_of(error)
            if failure.kind == "unsupported":
                self._context.lack("threads.delete")
            elif failure.kind not in ("missing", "retired"):
                raise FailureError(failure) from error
        live = self._live.pop((server, thread_id), None)
        if live is not None:
            await live.close()
        await self._context.store.write(lambda conn: table.drop_thread(conn, server, thread_id))
        self._records.pop(thread_id, None)
        if live is not None and live is self.current.value:
            self._show(self._conversation(None))
        self._publish()

    @property
    def _server(self) -> str:
        return self._context.server

    # -- ending --------------------------------------------------------------------------------------------------------

    @property
    def running(self) -> Sequence[Conversation]:
        """Conversations with something under way."""
        return [conversation for conversation in self._live.values() if conversation.busy]

    def flush(self) -> None:
        """Hand all that is not on disk yet to the store's writer; the caller waits for the store."""
        for conversation in self._live.values():
            conversation.flush()

    async def close(self) -> None:
        """Leave: nothing is cancelled on the server."""
        self._end_watch()
        for conversation in list(self._live.values()):
            await conversation.close()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("in the background: %s", failure_of(error).kind)

    def _now(self) -> float:
        return self._context.clock.now().timestamp()


def _row(record: ThreadRecord, has_unsent: bool) -> ThreadRow:
    title = record.title or record.preview or NEW_TITLE
    return ThreadRow(
        record.id, title, int(record.created_at), record.used_at, record.assistant_id, has_unsent, record.preview
    )

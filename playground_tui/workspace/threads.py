"""The threads of the present server: their list, the open one, and those whose runs go on unseen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playground_tui.limits.assistant import METADATA
from playground_tui.workspace.api_objects import as_dict
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.conversation import Conversation, Hooks
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.store import threads as table
from playground_tui.workspace.store.threads import ThreadRecord
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.thread_list import ThreadList, preview_of
from playground_tui.workspace.thread_trash import ThreadTrash
from playground_tui.workspace.turns import title_from
from playground_tui.workspace.values import Draft, ThreadListing, ThreadRow, UnderWay

if TYPE_CHECKING:
    from playground_tui.workspace.thread_archive import ThreadArchive
    from playground_tui.workspace.thread_search import ThreadHit

log = logging.getLogger("playground_tui.workspace.threads")


class Threads:
    def __init__(self, context: ChatContext) -> None:
        """Opens the last thread of the editor's assistant from the record, at once. Raises StoreError."""
        self._live: dict[str, Conversation] = {}
        """By key: a thread's id, or `new:` and a draft's id."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening: asyncio.Task[None] | None = None
        self._take(context)
        self.current: Subject[Conversation] = Subject(self._last_of(context.editor.draft.value))
        self.listing: Subject[ThreadListing] = Subject(ThreadListing())
        self._publish()

    def _take(self, context: ChatContext) -> None:
        self._context = context
        self._list = ThreadList(context)
        self._trash = ThreadTrash(context, self._delete_for_good)
        self._list.hidden = self._trash.__contains__
        self._draft_id = context.editor.draft.value.id
        self._end_watch = context.editor.draft.watch(self._draft_changed)

    @property
    def archive(self) -> ThreadArchive:
        """Branches, exports and imports of the present server's threads. What it makes is listed, not opened."""
        from playground_tui.workspace.thread_archive import ThreadArchive

        return ThreadArchive(self._context, self._arrived)

    @property
    def context(self) -> ChatContext:
        """Of the present server."""
        return self._context

    # -- opening -------------------------------------------------------------------------------------------------------

    async def open(self, thread_id: str | None) -> None:
        """Show a thread, or a new one (None): its record at once, then as the server has it. Runs of others go on.
        Raises StoreError."""
        unknown = thread_id is not None and self._list.get(thread_id) is None
        if thread_id is not None and unknown:
            self._list.add(thread_id)
        await self._settle_writes()
        conversation = self._conversation(thread_id)
        self._show(conversation)
        await conversation.refresh()
        if thread_id is not None and unknown and _is_missing(conversation):
            await self._list.drop(thread_id)
            self._publish()
        else:
            await self._title_untitled(conversation)

    async def start(self) -> None:
        """There is a client now: bring the open thread and the list up to date."""
        self._spawn(self._trash.empty_left_over())
        await asyncio.gather(self.current.value.refresh(), self.refresh())

    async def use(self, context: ChatContext) -> None:
        """Another server. Runs of the one before go on there, and are found again on the way back."""
        self._end_watch()
        for conversation in self._live.values():
            await conversation.close()
        self._live.clear()
        await self._settle_writes()
        self._take(context)
        self._show(self._last_of(context.editor.draft.value), remember=False)
        await self.start()

    async def _settle_writes(self) -> None:
        """Records are read next: what the open conversation handed to the writer belongs in them."""
        self.current.value.flush()
        await self._context.store.write(lambda conn: None)

    def _draft_changed(self, draft: Draft) -> None:
        """Another assistant was opened in the form: so is its last thread."""
        if draft.id != self._draft_id:
            self._draft_id = draft.id
            self._opening = self._spawn(self._open_last(draft))

    async def shown(self) -> None:
        """The thread of the assistant that was opened last is the open one."""
        if self._opening is not None:
            await asyncio.wait({self._opening})

    async def _open_last(self, draft: Draft) -> None:
        await self._settle_writes()
        if draft.id == self._draft_id:
            conversation = self._last_of(draft)
            self._show(conversation, remember=False)
            self._spawn(conversation.refresh())

    def _last_of(self, draft: Draft) -> Conversation:
        server = self._context.server
        last = self._context.store.read_now(lambda conn: table.last_thread(conn, server, draft.id))
        return self._conversation(None if last in self._trash else last, draft)

    def _conversation(self, thread_id: str | None, draft: Draft | None = None) -> Conversation:
        draft = draft or self._context.editor.draft.value
        key = thread_id or f"new:{draft.id}"
        if (live := self._live.get(key)) is not None:
            return live
        record = None if thread_id is None else self._list.get(thread_id) or ThreadRecord(thread_id)
        hooks = Hooks(self._made, self._used, lambda conversation: conversation is self.current.value)
        conversation = Conversation(self._context, key, record, hooks)
        if thread_id is None:
            conversation.asks(draft.assistant_id)
        self._live[key] = conversation
        return conversation

    def _show(self, conversation: Conversation, *, remember: bool = True) -> None:
        before = self.current.value
        self.current.set(conversation)
        if remember:
            self._remember(conversation)
        if before is not conversation:
            before.flush()
            self._drop_idle()
        self._publish()

    def _remember(self, conversation: Conversation) -> None:
        server, thread_id = self._context.server, conversation.state.value.thread_id
        draft_id, now = self._context.editor.draft.value.id, self._now()
        self._context.store.keep(lambda conn: table.remember_last_thread(conn, server, draft_id, thread_id, now))

    def _drop_idle(self) -> None:
        """Forget conversations that neither show nor do anything."""
        for key, conversation in list(self._live.items()):
            waits = conversation.state.value.run.phase != "idle"
            if conversation is not self.current.value and not conversation.busy and not waits:
                del self._live[key]
                self._spawn(conversation.close())

    async def _title_untitled(self, conversation: Conversation) -> None:
        """A thread made elsewhere without a title is shown by its first message, once that is loaded."""
        state = conversation.state.value
        record = self._list.get(state.thread_id or "")
        first = next((m for m in conversation.messages if m.role == "user"), None)
        if record is not None and not record.title and first is not None and not state.has_older:
            title = title_from(first.text)
            await self._list.rename(record.id, title)
            conversation.rename(title)
            self._publish()

    # -- what conversations tell ---------------------------------------------------------------------------------------

    def _made(self, conversation: Conversation, title: str) -> None:
        if conversation not in self._live.values():
            return
        thread_id, now = conversation.key, self._now()
        self._live = {key: known for key, known in self._live.items() if known is not conversation}
        self._live[thread_id] = conversation
        self._list.put(ThreadRecord(thread_id, conversation.assistant_id, title, "", now, now))
        if conversation is self.current.value:
            self._remember(conversation)
        self._publish()

    def _used(self, conversation: Conversation, text: str) -> None:
        if conversation in self._live.values():
            self._list.used(conversation.key, conversation.assistant_id, text)
            self._publish()

    # -- the list ------------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Take over the server's list where it has one; the records stay the list where it has none."""
        context, failure = self._context, None
        if "threads.list" not in context.lacking():
            failure = await self._merge()
        if context is self._context:
            self._publish(failure)

    async def _merge(self) -> Failure | None:
        context = self._context
        try:
            await self._list.merge()
        except Exception as error:
            failure = failure_of(error)
            if failure.kind not in ("unsupported", "missing", "retired"):
                return failure
            context.lack("threads.list")
        return None

    def search(self, text: str) -> tuple[ThreadRow, ...]:
        """Threads whose title or messages hold every word of `text`, titles first, each group last used first.
        Raises StoreError."""
        return self._list.search(text, self.listing.value.rows)

    async def find(self, text: str) -> tuple[ThreadHit, ...]:
        """The same with what was found in each and where; reads on another thread. Raises StoreError."""
        from playground_tui.workspace.thread_search import find_snippets, hits

        server, rows = self._context.server, self.listing.value.rows
        snippets = await self._context.store.read(lambda conn: find_snippets(conn, server, text))
        return hits(rows, text, snippets)

    def _publish(self, failure: Failure | None = None) -> None:
        unsent = {key for key, conversation in self._live.items() if conversation.has_unsent}
        rows = self._list.rows(unsent, self._live.keys() - unsent)
        from_server = self._list.from_server and failure is None
        self.listing.set(ThreadListing(rows, "server" if from_server else "local", failure))

    # -- changing ------------------------------------------------------------------------------------------------------

    async def rename(self, thread_id: str, title: str) -> None:
        """Here at once; on the server in its metadata, beside what else is in there. Raises FailureError when the
        server did not take it; it is renamed here all the same."""
        title = " ".join(title.split())
        await self._retitle(thread_id, title)
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

    async def _retitle(self, thread_id: str, title: str) -> None:
        await self._list.rename(thread_id, title)
        if (live := self._live.get(thread_id)) is not None:
            live.rename(title)
        self._publish()

    async def metadata(self, thread_id: str) -> dict[str, str]:
        """As the server has it now, the title among it. Raises FailureError."""
        try:
            return as_dict((await ThreadApi(await self._context.api()).thread(thread_id)).get("metadata"))
        except Exception as error:
            raise FailureError(failure_of(error)) from error

    async def set_metadata(self, thread_id: str, metadata: Mapping[str, str]) -> None:
        """All of it, in the place of what is there; its `title` is the thread's. Raises FailureError, with the field
        `metadata` for what the API does not allow."""
        if problem := METADATA.check(dict(metadata), "metadata"):
            raise FailureError(Failure("invalid", problem.message, next=problem.advice, field="metadata"))
        try:
            await ThreadApi(await self._context.api()).update_thread(thread_id, dict(metadata))
        except Exception as error:
            failure = failure_of(error)
            if failure.kind == "unsupported":
                self._context.lack("threads.update")
            raise FailureError(failure) from error
        await self._retitle(thread_id, metadata.get("title", ""))

    async def delete(self, thread_id: str) -> None:
        """At once and for good, on the server and here. A thread that the server does not have, or cannot delete, goes
        from here. Raises FailureError when the server was not reached; then nothing is deleted."""
        await self._delete_for_good(thread_id)
        self._publish()

    async def _delete_for_good(self, thread_id: str) -> None:
        await self._delete_on_server(thread_id)
        await self._let_go(thread_id)
        await self._list.drop(thread_id)

    async def _let_go(self, thread_id: str) -> None:
        """Show it no more, and do no more in it."""
        live = self._live.pop(thread_id, None)
        if live is not None:
            await live.close()
        if live is not None and live is self.current.value:
            self._show(self._conversation(None))

    async def discard(self, thread_ids: Sequence[str]) -> None:
        """Delete with an undo: they are gone from here at once, and from the server when the program is closed. A run
        that is active in one is stopped. Raises StoreError."""
        for thread_id in thread_ids:
            live = self._live.get(thread_id)
            if live is not None and live.state.value.run.phase != "idle":
                await live.stop()
        await self._trash.put(thread_ids)
        for thread_id in thread_ids:
            await self._let_go(thread_id)
        self._publish()

    async def restore(self, thread_ids: Sequence[str]) -> None:
        """Bring discarded threads back as they were. Raises StoreError."""
        await self._trash.restore(thread_ids)
        self._publish()

    @property
    def discarded(self) -> tuple[ThreadRow, ...]:
        """What can be brought back, last deleted first."""
        found = (self._list.row(thread_id) for thread_id in self._trash.ids)
        return tuple(row for row in found if row is not None)

    async def recreate(self, thread_id: str) -> str:
        """Make a thread that the server no longer has (`state.gone`) again out of what was kept here, and show it where
        it was shown. Only when the person agreed. Returns its new id. Raises FailureError."""
        await self._settle_writes()
        shown = self.current.value.state.value.thread_id == thread_id
        new_id = await self.archive.recreate(thread_id)
        live = self._live.pop(thread_id, None)
        if live is not None:
            await live.close()
        self._list.read()
        if shown:
            await self.open(new_id)
        self._publish()
        return new_id

    async def _arrived(self, thread_id: str, title: str, text: str, source: str) -> None:
        """A thread was made out of another, or of a file."""
        now = self._now()
        known = self._list.get(source)
        assistant_id = known.assistant_id if known is not None else self._context.editor.draft.value.assistant_id
        self._list.put(ThreadRecord(thread_id, assistant_id, title, preview_of(text), now, now))
        self._publish()

    async def _delete_on_server(self, thread_id: str) -> None:
        try:
            await ThreadApi(await self._context.api()).delete_thread(thread_id)
        except Exception as error:
            failure = failure_of(error)
            if failure.kind == "unsupported":
                self._context.lack("threads.delete")
            elif failure.kind not in ("missing", "retired"):
                raise FailureError(failure) from error

    # -- ending --------------------------------------------------------------------------------------------------------

    @property
    def running(self) -> Sequence[Conversation]:
        """Conversations with something under way."""
        return [conversation for conversation in self._live.values() if conversation.busy]

    @property
    def under_way(self) -> tuple[UnderWay, ...]:
        """What goes on, for the question on quitting."""
        return tuple(found for c in self._live.values() if (found := c.under_way) is not None)

    def flush(self) -> None:
        """Hand all that is not on disk yet to the store's writer; the caller waits for the store."""
        for conversation in self._live.values():
            conversation.flush()

    async def close(self) -> None:
        """Leave: nothing is cancelled on the server."""
        self._end_watch()
        for conversation in list(self._live.values()):
            await conversation.close()
        await self._trash.close()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("in the background: %s", failure_of(error).kind)

    def _now(self) -> float:
        return self._context.clock.now().timestamp()


def _is_missing(conversation: Conversation) -> bool:
    """The server has no such thread, and nothing of it is kept here."""
    failure = conversation.state.value.failure
    return failure is not None and failure.kind == "missing" and not conversation.messages

"""One thread as it is talked in: its messages, its run, its queue. It lives on while its run goes on, shown or not.

How the queue goes: a text sent while a run is active waits. When the run ends well the next one is sent. After a stop
or a failure the queue is held, so that nothing is sent that the person may want to change; the next `send` (its text
goes to the end) or `send("")` lets it go on.

A text whose run failed goes back into the box although the server has the message: sent again unchanged, it is not
posted twice, only run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.board import IDLE, NEW_TITLE, Board
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.runs import Runs
from playground_tui.workspace.store.threads import ThreadRecord
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.turns import is_active
from playground_tui.workspace.values import ChatMessage, ConversationChange, ConversationState, UnderWay

if TYPE_CHECKING:
    from playground_tui.workspace.answering import Answering
    from playground_tui.workspace.filling import Filling
    from playground_tui.workspace.message_notes import MessageNotes
    from playground_tui.workspace.rerunning import Rerunning
    from playground_tui.workspace.sending import Sending
    from playground_tui.workspace.store.unsent import QueuedText
    from playground_tui.workspace.writing.attachments import Attachments
    from playground_tui.workspace.writing.typed_history import HistoryWalk


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a conversation tells `Threads` of itself."""

    made: Callable[[Conversation, str], None]
    """The thread was made on the server, with this title."""
    used: Callable[[Conversation, str], None]
    """A message came or went; the text of the newest."""
    shown: Callable[[Conversation], bool]
    """Whether this is the open conversation: only that one saves and uses what the editor holds."""


class Conversation:
    """Made by `Threads`. Nothing in here raises towards the screen: what fails is in `state.failure`."""

    def __init__(self, context: ChatContext, key: str, thread: ThreadRecord | None, hooks: Hooks) -> None:
        self._runs = Runs()
        self._board = Board(context, key, thread, self._runs.growing)
        self._runs.attach(self._board)
        self._hooks = hooks
        self._board.when_idle = self._work_ended
        self._facts: asyncio.Task[None] | None = None
        self.state = self._board.state
        self.state.watch(self._state_changed)
        if thread is None:
            self._settle_interrupted()

    # -- its parts: made, and their modules read, when they are first asked for ----------------------------------------

    @cached_property
    def calls(self) -> Answering:
        """The function calls that the run waits for."""
        from playground_tui.workspace.answering import Answering

        return Answering(
            self._board,
            waiting_run=lambda: self._runs.waiting,
            submit=self._runs.submit,
            look=self._runs.look,
        )

    @cached_property
    def attachments(self) -> Attachments:
        """What goes with the message in the box."""
        from playground_tui.workspace.writing.attachments import Attachments

        return Attachments(self._board)

    @cached_property
    def variables(self) -> Filling:
        """`{{variables}}` of the message and of the instructions."""
        from playground_tui.workspace.filling import Filling

        return Filling(self._board, lambda: self._hooks.shown(self))

    @cached_property
    def notes(self) -> MessageNotes:
        from playground_tui.workspace.message_notes import MessageNotes

        return MessageNotes(self._board)

    @cached_property
    def _sending(self) -> Sending:
        from playground_tui.workspace.sending import Sending

        return Sending(
            self._board,
            self._runs,
            shown=lambda: self._hooks.shown(self),
            made=lambda title: self._hooks.made(self, title),
            used=lambda preview: self._hooks.used(self, preview),
            attachments=self.attachments,
            filling=self.variables,
        )

    @cached_property
    def _rerunning(self) -> Rerunning:
        from playground_tui.workspace.rerunning import Rerunning

        return Rerunning(self._board, self._runs, self._sending, self.attachments)

    @property
    def has_calls(self) -> bool:
        """Whether its run ever waited for calls: before that, asking for `calls` only makes them."""
        return self._has("calls")

    def _has(self, part: str) -> bool:
        """Whether a part was ever asked for."""
        return part in self.__dict__

    def _state_changed(self, state: ConversationState) -> None:
        if state.run.phase == "waiting_outputs" or self._has("calls"):
            self.calls.run_changed()

    # -- what is seen --------------------------------------------------------------------------------------------------

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """What is loaded now, the growing reply as it stands. Costs their number; not for every delta."""
        return self._board.transcript.messages

    def watch(self, watcher: Callable[[ConversationChange], None]) -> Callable[[], None]:
        """Call `watcher` with each change of the messages. Returns what ends the watch."""
        return self._board.transcript.watch(watcher)

    @property
    def assistant_id(self) -> str | None:
        """The assistant of the last run; None before the first."""
        return self._board.assistant_id

    @property
    def key(self) -> str:
        """What its unsent text is kept under: the thread's id, or `new:` and the draft's id."""
        return self._board.outbox.key

    @property
    def server(self) -> str:
        return self._board.context.server

    @property
    def busy(self) -> bool:
        """Something is under way that must not be left behind: a send, a run that is followed, a handler."""
        return self._board.work is not None or self._answers

    @property
    def _answers(self) -> bool:
        return self._has("calls") and self.calls.running

    @property
    def has_unsent(self) -> bool:
        return bool(self._board.outbox.text) or bool(self._board.outbox)

    @property
    def under_way(self) -> UnderWay | None:
        """What goes on here; None: nothing that must not be left behind."""
        if not self.busy:
            return None
        state = self.state.value
        running = len(self.calls.state.value.running) if self._has("calls") else 0
        return UnderWay(self.key, state.title, state.run, running, len(state.queued))

    async def wait_idle(self) -> None:
        """Return when nothing is under way: the run ended, waits for outputs, or failed."""
        while True:
            if (work := self._board.work) is not None:
                await asyncio.wait({work})
            elif self._answers:
                await self.calls.changed()
            else:
                return

    # -- writing -------------------------------------------------------------------------------------------------------

    def set_unsent(self, text: str) -> None:
        """On disk at most 250 ms later."""
        self._board.outbox.set_text(text)
        self._board.update(unsent=text)

    def flush(self) -> None:
        """Hand what is not on disk yet to the store's writer."""
        self._board.outbox.flush()
        if self._has("calls"):
            self.calls.flush()

    async def send(self, text: str, *, as_is: bool = False) -> None:
        """Send `text` and the attachments after what waits already; returns once it is on disk, the rest goes on by
        itself. A slash command is carried out, variables are filled when its turn comes; where one has no value it is
        held back (`failure.field` is `variables`). `as_is`: nothing in it is a command or a variable. An empty text
        lets a held queue go on."""
        await self._sending.send(text, as_is=as_is)

    def history(self, text: str) -> HistoryWalk:
        """A walk through what was sent before, this thread's first, from what stands in the box. Raises StoreError."""
        from playground_tui.workspace.writing.typed_history import TypedHistory

        return TypedHistory(self._board.context.store, self.server).walk(self.key, text)

    async def dequeue(self, index: int) -> str:
        """Take a waiting text out of the queue, what goes along with it back to the attachments; empty when there is
        none at `index`."""
        with suppress(IndexError):
            item = self._board.outbox.drop(index)
            self._put_back(item)
            self._board.show_outbox()
            return item.text
        return ""

    def _put_back(self, item: QueuedText) -> None:
        """What went with a text that is in the box again."""
        if item.attachments:
            from playground_tui.workspace.writing.attachment import from_json

            self.attachments.put_back(from_json(item.attachments))

    # -- steering the run ----------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Cancel the run on the server. What came so far stays, marked as stopped; the queue is held."""
        await self._runs.stop()

    async def resume(self) -> None:
        """Follow the active run that was found on opening."""
        await self._runs.follow()

    async def submit_outputs(self, outputs: Mapping[str, str]) -> None:
        """Answer the calls that the run waits for by hand, call id → output; `calls` has the rest."""
        if self._board.run.phase == "waiting_outputs":
            self.calls.answer_all(outputs)

    # -- changing what was said ----------------------------------------------------------------------------------------

    async def regenerate(self) -> None:
        """Delete the replies after the person's last message, where the server can, and run again. A server that
        cannot keeps them; the new reply comes after them."""
        self._rerunning.regenerate()

    async def continue_reply(self) -> None:
        """Let the assistant go on with its last reply, if that was cut short: another run, told by additional
        instructions. What comes is a message of its own after the partial one."""
        self._rerunning.continue_reply()

    async def resend(self, message_id: str, text: str, *, as_is: bool = False) -> None:
        """Put `text` in the place of an earlier message of the person, with what that had attached: that message and
        all after it are deleted on the server, then `text` is sent. A server that cannot delete messages is left as it
        is. `as_is` as in `send`."""
        self._rerunning.resend(message_id, text, as_is=as_is)

    # -- loading -------------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Take over what the server has, find an active run, and fill in what earlier replies lack. While a run is
        followed here nothing is read: its stream is newer."""
        board, loading = self._board, self._board.loading
        if loading is None or board.work is not None:
            return
        board.update(loading=True)
        try:
            api = await board.api()
            await loading.refresh(api, lambda: board.work is None)
        except Exception as error:
            failure = failure_of(error)
            gone = failure.kind == "missing" and bool(self.messages)
            board.update(loading=False, gone=gone)
            board.fail(replace(failure, kept="What is shown is what was kept here."))
            return
        board.update(loading=False, has_older=loading.has_older, failure=None, gone=False)
        if board.work is None:
            board.update(no_reply=loading.no_reply())
            self._settle_interrupted()
            self._runs.take_active(api, next((run for run in loading.runs if is_active(run)), None))
        self._start_facts(api)
        self.attachments.begin()

    async def load_older(self) -> None:
        """The page before the first message; from the record when the server is away."""
        board, loading = self._board, self._board.loading
        if loading is None or self.state.value.loading or not loading.has_older:
            return
        board.update(loading=True)
        try:
            api = await board.api()
            await loading.older(api)
            self._start_facts(api)
        except Exception as error:
            await loading.older(None)
            board.fail(failure_of(error))
        finally:
            board.update(loading=False, has_older=loading.has_older)

    def _start_facts(self, api: ThreadApi) -> None:
        if self._board.loading is not None and (self._facts is None or self._facts.done()) and not self._board.closing:
            self._facts = asyncio.create_task(self._board.loading.add_facts(api))

    def _settle_interrupted(self) -> None:
        """A text was on its way when the program ended: the thread tells whether it arrived."""
        item = self._board.outbox.interrupted
        if item is None:
            return
        last = next((m for m in reversed(self.messages) if m.role == "user"), None)
        if last is not None and last.text == self._sending.filled(item.text):
            self._board.outbox.sent(item)
        elif self._board.outbox.give_back(item):
            self._put_back(item)
        self._board.show_outbox()

    # -- for Threads ---------------------------------------------------------------------------------------------------

    def asks(self, assistant_id: str | None) -> None:
        """Who is asked as long as the editor is not."""
        self._board.assistant_id = assistant_id

    def rename(self, title: str) -> None:
        self._board.update(title=title or NEW_TITLE)

    def _work_ended(self) -> None:
        if not self._runs.active:
            self._board.show_run(IDLE)
        if self._has("calls"):
            self.calls.go_on()
        self._sending.go_on()

    async def close(self) -> None:
        """Stop following; nothing is cancelled on the server. What is not on disk yet is handed to the writer."""
        self._board.closing = True
        self._runs.end_grace()
        if self._has("calls"):
            await self.calls.close()
        if self._has("attachments"):
            await self.attachments.close()
        self.flush()
        tasks = [task for task in (self._board.work, self._facts) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

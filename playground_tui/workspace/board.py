"""What the parts of a conversation share: its state, transcript and outbox, and the one task that is at work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.outbox import Outbox
from playground_tui.workspace.store.threads import ThreadRecord
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.thread_loading import ThreadLoading
from playground_tui.workspace.transcript import Transcript
from playground_tui.workspace.values import ChatMessage, ConversationState, RunView

NEW_TITLE: Final = "New thread"
IDLE: Final = RunView()


class Board:
    def __init__(
        self, context: ChatContext, key: str, thread: ThreadRecord | None, growing: Callable[[str], ChatMessage | None]
    ) -> None:
        self.context = context
        self.assistant_id = thread.assistant_id if thread is not None else None
        self.outbox = Outbox(context.store, context.clock, context.server, key)
        self.transcript = Transcript(growing)
        self.loading: ThreadLoading | None = None
        self.closing = False
        self.failed_text: str | None = None
        """The text of the last run that failed."""
        self.work: asyncio.Task[None] | None = None
        self.when_idle: Callable[[], None] = lambda: None
        title = (thread.title or thread.preview) if thread is not None else ""
        state = ConversationState(thread.id if thread is not None else None, title or NEW_TITLE)
        self.state: Subject[ConversationState] = Subject(state)
        self.show_outbox()
        if thread is not None:
            self.has_thread(thread.id)

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def thread_id(self) -> str | None:
        return self.state.value.thread_id

    @property
    def run(self) -> RunView:
        return self.state.value.run

    @property
    def held(self) -> bool:
        """The queue waits for the person."""
        return self.state.value.held

    @held.setter
    def held(self, held: bool) -> None:
        if held != self.held:
            self.update(held=held)

    @property
    def active(self) -> bool:
        """A send or a run is under way, or a run waits."""
        return self.run.phase != "idle"

    @property
    def free(self) -> bool:
        """Nothing is under way, and no run holds the thread."""
        return self.work is None and not self.active

    async def api(self) -> ThreadApi:
        """Raises what `failure_of` knows."""
        return ThreadApi(await self.context.api(), self.context.exchanges)

    def update(self, **fields: Any) -> None:
        self.state.set(replace(self.state.value, **fields))

    def fail(self, failure: Failure) -> None:
        self.update(failure=failure)

    def show_run(self, view: RunView) -> None:
        if view is not self.run:
            self.update(run=view)

    def show_sending(self) -> None:
        """What failed before is not true of what goes now."""
        self.update(failure=None, no_reply=None)
        self.show_run(RunView("sending", None, "", self.context.clock.now()))

    def show_wait(self, seconds: float) -> None:
        what = f"rate limit, next try in {seconds:.0f} s"
        now = self.context.clock.now()
        self.show_run(RunView("retrying", None, what, now, retry_at=now + timedelta(seconds=seconds)))

    def show_outbox(self) -> None:
        self.update(queued=self.outbox.waiting, unsent=self.outbox.text)

    def has_thread(self, thread_id: str) -> None:
        self.loading = ThreadLoading(self.context, thread_id, self.transcript)
        self.loading.open_record()
        self.update(has_older=self.loading.has_older)

    def keep(self, messages: Sequence[ChatMessage]) -> None:
        """Into the local record."""
        if self.loading is not None and messages:
            self.loading.history.keep(messages)

    # -- the task at work ----------------------------------------------------------------------------------------------

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Only while there is none."""
        self.work = asyncio.create_task(work)
        self.work.add_done_callback(self._work_done)

    def _work_done(self, task: asyncio.Task[None]) -> None:
        self.work = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self.held = True
            self.fail(failure_of(error))
        if not self.closing:
            self.when_idle()

    def end_work(self) -> None:
        if self.work is not None:
            self.work.cancel()

"""The runs of a conversation: made, followed, stopped, answered, found again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import TERMINAL_STATUSES, as_text
from playground_tui.workspace.board import IDLE, Board
from playground_tui.workspace.clock import Handle
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.patience import when_allowed
from playground_tui.workspace.run_failures import STOPPED_EMPTY
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.turns import UNSURE, active_run, unknown_run
from playground_tui.workspace.values import Changed, ChatMessage

if TYPE_CHECKING:
    from playground_tui.workspace.run_events import Changes
    from playground_tui.workspace.thread_run import ThreadRun

STOP_SECONDS: Final = 5.0
"""After a cancel was accepted: how long the run's last events are waited for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked for a reply, and with what."""

    api: ThreadApi
    assistant_id: str
    overrides: Mapping[str, Any]


class Runs:
    def __init__(self) -> None:
        self._run: ThreadRun | None = None
        self._followed: set[str] = set()
        self._grace: Handle | None = None
        self._sent = ""
        self._board: Board

    def attach(self, board: Board) -> None:
        """The board needs `growing` and this the board: the second half of the construction."""
        self._board = board

    def growing(self, message_id: str) -> ChatMessage | None:
        return self._run.reply(message_id) if self._run is not None else None

    @property
    def active(self) -> bool:
        return self._run is not None and self._run.active

    @property
    def waiting(self) -> Mapping[str, Any] | None:
        """The run object while it waits for tool outputs, those that are on their way included."""
        run = self._run
        return run.reducer.run if run is not None and run.active and run.reducer.waits_for_outputs else None

    # -- making and following ------------------------------------------------------------------------------------------

    async def make(self, asked: Asked, text: str, sent: str = "") -> bool:
        """Run the thread and follow it. False: it gave no good reply; `text` is offered again, if it is not empty.
        `sent`: what the message on the server says, where that is not `text`."""
        board = self._board
        self._sent = sent or text
        self._mark_question("complete")
        run = self._new(asked.api, board.context.version())
        try:
            await when_allowed(
                board.context.clock, lambda: run.create(asked.assistant_id, asked.overrides), board.show_wait
            )
        except FailureError as error:
            return self._failed(error.failure, text)
        except Exception as error:
            failure = failure_of(error)
            if not await self._was_made_after_all(run, failure):
                return self._failed(failure, text)
        return self._over(run, text)

    def _new(self, api: ThreadApi, version: int | None = None) -> ThreadRun:
        from playground_tui.workspace.thread_run import ThreadRun

        board = self._board
        self._run = ThreadRun(
            board.context,
            api,
            board.thread_id or "",
            author=board.context.author(board.assistant_id or "") or "Assistant",
            version=version,
            tell=self._take_changes,
            show=board.show_run,
        )
        return self._run

    def _take_changes(self, changes: Changes) -> None:
        self._board.transcript.tell_all(changes)
        self._board.keep([c.message for c in changes if isinstance(c, Changed) and c.message.status != "streaming"])

    async def _was_made_after_all(self, run: ThreadRun, failure: Failure) -> bool:
        """The answer to the run's creation got lost: look before saying that it failed."""
        if failure.kind not in UNSURE or run.id is not None:
            return False
        found = await unknown_run(await self._board.api(), self._board.thread_id or "", self._known())
        if found is None:
            return False
        # Whatever it is by now, following it looks at it anew and fetches its replies.
        run.found({**found, "status": "queued"}, followed=True)
        with suppress(FailureError):
            await run.follow()
        return True

    def _known(self) -> set[str]:
        listed = self._board.loading.runs if self._board.loading is not None else []
        replies = (message.run_id or "" for message in self._board.transcript.messages)
        return {*self._followed, *replies, *(as_text(run.get("id")) for run in listed)}

    def _over(self, run: ThreadRun, text: str) -> bool:
        """The run ended or waits for outputs."""
        self.end_grace()
        self._followed.add(run.id or "")
        if run.active:
            return True
        failure = run.failure()
        if failure is not None:
            return self._failed(failure, text)
        self._say_stopped(run)
        self._board.failed_text = None
        self._board.update(failure=None)
        return run.reducer.status in ("completed", "incomplete")

    def _failed(self, failure: Failure, text: str) -> bool:
        """The message is on the server; its text is offered again all the same."""
        board = self._board
        board.show_run(IDLE)
        self._mark_question("failed")
        kept = "Your message is in the thread."
        if text and board.outbox.put_back(text):
            kept = "Your message is in the thread and in the box, to be sent again."
            board.failed_text = self._sent
        board.show_outbox()
        board.fail(replace(failure, kept=failure.kept or kept))
        return False

    def _mark_question(self, status: Literal["complete", "failed"]) -> None:
        """A message whose run left no reply stays marked when the failure's own line is gone."""
        last = next(reversed(self._board.transcript.messages), None)
        if last is not None and last.role == "user" and last.status in ("complete", "failed") and last.status != status:
            marked = replace(last, status=status)
            self._board.transcript.tell(Changed(last.id, marked))
            self._board.keep([marked])

    async def follow(self) -> None:
        """Follow the active run that was found."""
        board, run = self._board, self._run
        if run is not None and run.active and board.work is None and board.run.phase != "waiting_outputs":
            board.held = False
            board.start(self._follow(run))

    async def _follow(self, run: ThreadRun) -> None:
        try:
            await run.follow()
        except FailureError as error:
            self._board.held = not self._failed(error.failure, "")
            return
        self._board.held = not self._over(run, "") or self._board.held

    # -- tool outputs --------------------------------------------------------------------------------------------------

    def submit(self, outputs: Mapping[str, str], taken: Callable[[], None]) -> None:
        """Hand in the outputs of all calls that the run waits for, call id → output; `taken` is called when the server
        has them."""
        run = self._run
        if run is not None and self._board.work is None:
            self._board.held = False
            self._board.start(self._submit(run, outputs, taken))

    async def _submit(self, run: ThreadRun, outputs: Mapping[str, str], taken: Callable[[], None]) -> None:
        board = self._board
        try:
            await run.submit(outputs, taken)
        except Exception as error:
            board.held = True
            board.fail(replace(failure_of(error), kept="The outputs were not taken."))
            board.show_run(run.view)
            await self.find()
            return
        board.held = not self._over(run, "") or board.held

    async def look(self) -> None:
        """The run's time to wait for outputs has passed: has the server ended it?"""
        run, board = self._run, self._board
        if run is None or self.waiting is None or board.work is not None:
            return
        with suppress(Exception):
            found = await run.fetch()
            if board.work is None and run is self._run and found.get("status") in TERMINAL_STATUSES:
                run.found(found, followed=True)
                board.held = True
                self._over(run, "")

    # -- stopping ------------------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        board, run = self._board, self._run
        board.held = True
        if not board.active:
            return
        if run is None or not run.active:
            await self._stop_sending(run)
            return
        failure = await run.cancel()
        if failure is not None:
            board.fail(failure)
        if not run.active:
            self._say_stopped(run)
            self.end_grace()
            board.end_work()
        elif board.work is None:
            board.start(self._follow(run))
        if run.active and failure is None:
            self._grace = board.context.clock.call_later(STOP_SECONDS, lambda: self._stop_waiting(run))

    async def _stop_sending(self, run: ThreadRun | None) -> None:
        """Nothing was heard of a run yet. If one was asked for, it may be there all the same."""
        board, work = self._board, self._board.work
        board.end_work()
        if work is not None:
            await asyncio.wait({work})
        board.show_run(IDLE)
        if run is None or not run.started or board.thread_id is None:
            return
        self._say_stopped(run)
        with suppress(Exception):
            api = await board.api()
            if (found := await active_run(api, board.thread_id)) is not None:
                await api.cancel_run(board.thread_id, as_text(found.get("id")))

    def _say_stopped(self, run: ThreadRun) -> None:
        """A reply that has begun is marked itself."""
        if not run.active and run.reducer.status != "completed" and not run.reducer.messages():
            self._board.update(no_reply=STOPPED_EMPTY)

    def _stop_waiting(self, run: ThreadRun) -> None:
        if run is self._run and run.active:
            run.abandon()
            self._say_stopped(run)
            self.end_grace()
            self._board.end_work()

    def end_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    # -- runs that were not made here ----------------------------------------------------------------------------------

    async def find(self) -> None:
        """The thread is locked: by which run?"""
        thread_id = self._board.thread_id
        if thread_id is not None:
            with suppress(Exception):
                api = await self._board.api()
                self.take_active(api, await active_run(api, thread_id))

    def take_active(self, api: ThreadApi, found: dict[str, Any] | None) -> None:
        """The thread's active run as the server has it; None: there is none (any more)."""
        if found is None:
            if self._board.active and self._run is not None:
                self._run.abandon("Ended elsewhere.")
            return
        self._board.update(no_reply=None)
        self._board.assistant_id = as_text(found.get("assistant_id")) or self._board.assistant_id
        if self._run is None or self._run.id != found.get("id"):
            self._new(api)
        if self._run is not None:
            self._run.found(found, followed=found.get("status") == "requires_action")

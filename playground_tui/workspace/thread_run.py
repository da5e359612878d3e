"""The present run of a thread: made, followed, answered, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from playground_tui.workspace.api_objects import as_text
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.run_events import Changes, RunReducer
from playground_tui.workspace.run_failures import run_failure
from playground_tui.workspace.run_follower import RunFollower
from playground_tui.workspace.store import runs as table
from playground_tui.workspace.store.runs import RunRecord
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.values import ChatMessage, RunView


class ThreadRun:
    """`tell` hears of every group of changes, `show` of every other view of the run."""

    def __init__(
        self,
        context: ChatContext,
        api: ThreadApi,
        thread_id: str,
        *,
        author: str,
        tell: Callable[[Changes], None],
        show: Callable[[RunView], None],
        version: int | None = None,
    ) -> None:
        self._context = context
        self._api = api
        self._thread_id = thread_id
        self._version = version
        self._overrides: Mapping[str, Any] = {}
        self._tell_changes = tell
        self._show = show
        self._known_id: str | None = None
        self._stop_asked = False
        self.followed = True
        self.started = False
        """The run was asked for: it may exist even while its id is not known."""
        self._gives_up_at: datetime | None = None
        self.reducer = RunReducer(context.clock, author=author, version=version, price=context.price)
        self._follower = RunFollower(
            api,
            thread_id,
            self.reducer,
            clock=context.clock,
            silence=context.run_timeout(),
            tell=self._tell,
            lacking=context.lacking,
            lack=context.lack,
            warn=self._silent,
        )

    # -- following -----------------------------------------------------------------------------------------------------

    async def create(self, assistant_id: str, overrides: Mapping[str, Any]) -> None:
        """Raises what the client raises when it was not made; FailureError when it was lost sight of."""
        self._overrides = overrides
        self.reducer.made_with(overrides)
        self.started = True
        await self._follower.create({**overrides, "assistant_id": assistant_id})

    def found(self, run: dict[str, Any], *, followed: bool) -> None:
        """A run that is active already."""
        self.followed = followed
        self._tell(self.reducer.take_run(run))

    async def fetch(self) -> dict[str, Any]:
        """The run as the server has it now. Raises what the client raises."""
        return await self._api.run(self._thread_id, self.id or "")

    async def follow(self) -> None:
        """Raises FailureError when it was lost sight of."""
        self.followed = True
        self._show(self.view)
        await self._follower.follow()

    async def submit(self, outputs: Mapping[str, str], taken: Callable[[], None] = lambda: None) -> None:
        """`taken` is called when the server has them. Raises what the client raises when the outputs were not taken,
        FailureError as above."""
        body = [{"tool_call_id": call.id, "output": outputs[call.id]} for call in self.view.calls]
        self.followed = True
        self._show(RunView("queued", self.id, "", self._context.clock.now()))
        await self._follower.submit(body, taken)

    def _tell(self, changes: Changes) -> None:
        self._tell_changes(changes)
        self._show(self.view)
        if self._known_id is None and self.id is not None:
            self._known_id = self.id
            self._remember(self.id)

    def _remember(self, run_id: str) -> None:
        if not self.started:
            return
        now = self._context.clock.now().timestamp()
        record = RunRecord(run_id, self._thread_id, self._version, dict(self._overrides), now)
        server = self._context.server
        self._context.store.keep(lambda conn: table.put_run(conn, server, record))

    def _silent(self, left: float | None) -> None:
        """Nothing was heard for long, or something was again."""
        now = self._context.clock.now()
        self._gives_up_at = now + timedelta(seconds=left) if left is not None else None
        self._show(self.view)

    # -- what it is ----------------------------------------------------------------------------------------------------

    @property
    def id(self) -> str | None:
        return self.reducer.run_id

    @property
    def view(self) -> RunView:
        """While a stop is under way, the run's own phases are not shown."""
        view = self.reducer.view
        if not self.followed and view.phase != "idle":
            view = replace(view, followed=False)
        if self._stop_asked and view.phase not in ("idle", "stopping"):
            view = RunView("stopping", self.id, "", view.since)
        if self._gives_up_at is not None and view.phase not in ("idle", "waiting_outputs"):
            view = replace(view, gives_up_at=self._gives_up_at)
        return view

    @property
    def active(self) -> bool:
        return self.reducer.view.phase != "idle"

    def failure(self) -> Failure | None:
        return run_failure(self.reducer.run, self.reducer.error)

    def reply(self, message_id: str) -> ChatMessage | None:
        return self.reducer.message(message_id)

    # -- stopping ------------------------------------------------------------------------------------------------------

    async def cancel(self) -> Failure | None:
        """Ask the server to cancel. None: it will, or the run had already ended. A server that cannot is remembered;
        then this stops looking at the run, which goes on there."""
        self._stop_asked = True
        self._show(self.view)
        if "cancel" in self._context.lacking():
            return self._cannot()
        try:
            run = await self._api.cancel_run(self._thread_id, self.id or "")
        except Exception as error:
            return self._cancel_failed(failure_of(error))
        if as_text(run.get("id")) in ("", self.id):
            self._tell(self.reducer.take_run(run))
        return None

    def _cancel_failed(self, failure: Failure) -> Failure | None:
        if failure.kind == "unsupported":
            self._context.lack("cancel")
            return self._cannot()
        if failure.kind in ("invalid", "conflict", "missing"):
            return None
        self._stop_asked = False
        self._show(self.view)
        return failure

    def _cannot(self) -> Failure:
        self.abandon("Stopped here; the run goes on at the server.")
        what = "This server cannot cancel a run: it goes on there, and is no longer followed here."
        return Failure("unsupported", what, kept="What came so far stays.", details=f"run {self.id}")

    def abandon(self, note: str = "Stopped.") -> None:
        """Hear no more of it; what came so far stays, marked as stopped."""
        self._tell(self.reducer.give_up("stopped", note))

"""When a draft goes to the server, and what is told about it. One save is in flight at a time; edits made meanwhile go
in the next. `saving.py` knows how one save is done.

    new ── save() ──► saving ──► saved ◄──► unsaved          (every save reads the assistant again first)
                        │  └──► changed_elsewhere
                        ├─ not reached ──► offline ┐
                        └─ refused ──────► failed  ┴─► saving   after 2, 4, 8, 15, 30, 60 s, or as soon as any
                                                               other call reaches the server (offline only)

A refusal that another try cannot change (a wrong key, a value) waits for the next edit or an explicit save.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from playground_tui.workspace.clock import Clock, Handle
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.open_draft import OpenDraft, first_problem
from playground_tui.workspace.saving import Saving
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import SavePhase, SaveState

BACKOFF: Final = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds before each further try."""
_WORTH_REPEATING: Final = frozenset({"offline", "timeout", "rate", "server", "storage"})
KEPT: Final = "Your edits are kept here."


class Autosave:
    def __init__(
        self, held: OpenDraft, saving: Saving, clock: Clock, delay: Callable[[], float], *, paused: bool = False
    ) -> None:
        self.held = held
        self._saving = saving
        self._clock = clock
        self._delay = delay
        self.state = Subject(_rest(held, SaveState("new", at=_moment(clock, held.saved_at), paused=paused)))
        self._timer: Handle | None = None
        self._task: asyncio.Task[None] | None = None
        self._due = self._create = self._check = False
        self._failures = 0

    # -- asked from outside --------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def settled(self) -> bool:
        """Nothing of this draft waits for the server."""
        return not self.busy and not self.held.sendable

    def edited(self) -> None:
        """The draft was edited just now."""
        state = self.state.value
        if state.retry_at is not None:
            return  # the next try takes it along
        if not self.busy:
            self._rest()
        self._arm()

    async def save(self, *, create: bool = True) -> None:
        """Save what can be saved now; create the assistant if the server does not have it. Never raises: how it went
        is in `state`."""
        self._due, self._create = True, self._create or create
        await self._run()

    async def check(self) -> None:
        """Read the assistant again and take over what changed elsewhere."""
        if self.held.draft.assistant_id is not None:
            self._check = True
            await self._run()

    def reached(self) -> None:
        """Some call just reached the server."""
        state = self.state.value
        if state.phase == "offline" and self._timer is not None and not self.busy:
            self._due = True
            self._start()

    def set_paused(self, paused: bool) -> None:
        self.state.set(replace(self.state.value, paused=paused))
        self._cancel_timer()
        if not paused:
            self._arm()

    def take_up(self) -> None:
        """Edits from an earlier session wait: save them in due time."""
        self._arm()

    def taken_up(self) -> None:
        """Another app on this home wrote into the draft: say how it stands now."""
        if not self.busy and self.state.value.failure is None:
            self._rest()

    async def stop(self) -> None:
        """No more tries. A save in flight is given up; what it was saving is on disk."""
        self._cancel_timer()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        self._cancel_timer()
        state, held = self.state.value, self.held
        if held.draft.assistant_id is not None and held.sendable and not state.paused:
            self._timer = self._clock.call_later(self._delay(), self._fire)

    def _fire(self) -> None:
        self._timer = None
        self._due = True
        self._start()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self) -> asyncio.Task[None]:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())
        return self._task

    async def _run(self) -> None:
        await asyncio.shield(self._start())

    async def _work(self) -> None:
        try:
            while self._due or self._check:
                await self._round()
        except Exception as error:
            self._failed(failure_of(error))
        else:
            self._arm_if_needed()

    def _arm_if_needed(self) -> None:
        if self._timer is None and self.state.value.failure is None:
            self._arm()

    async def _round(self) -> None:
        due, create = self._due, self._create
        self._due = self._create = self._check = False
        draft = self.held.draft
        if due:
            self._cancel_timer()
        if draft.assistant_id is None:
            await self._create_round(create)
            return
        sending = due and bool(self.held.sendable)
        if sending:
            self._tell("saving")
        outcome = await self._saving.update(self.held, send=due)
        self._failures = 0
        if outcome.refused:
            self._due = True  # that field is held back now; the others go
        fields = outcome.fields
        self._tell("changed_elsewhere" if fields else self._resting(), fields=fields)

    async def _create_round(self, wanted: bool) -> None:
        if not wanted:
            return
        if problem := first_problem(self.held.draft):
            self._tell("failed", failure=problem)
            return
        self._tell("saving")
        try:
            if not await self._saving.create(self.held):
                self._due = True  # what was edited here may still differ
        except BaseException:
            self._create = True
            raise
        self._failures = 0
        self._rest()

    def _failed(self, failure: Failure) -> None:
        repeat = failure.kind in _WORTH_REPEATING and (failure.kind != "rate" or failure.status == 429)
        self._due = self._check = False
        if failure.kind == "missing" and self.held.draft.assistant_id is None:
            self._create = False
            self._tell("failed", failure=failure)
            return
        if not self._create and not self.held.sendable:
            self._rest()  # only looked: the connection tells that it did not work
            return
        failure = replace(failure, kept="" if failure.kind == "storage" else KEPT)
        if not repeat:
            self._create = False
            self._tell("failed", failure=failure)
            return
        wait = failure.retry_after or BACKOFF[min(self._failures, len(BACKOFF) - 1)]
        self._failures += 1
        self._cancel_timer()
        self._timer = self._clock.call_later(wait, self._fire)
        phase: SavePhase = "offline" if failure.kind == "offline" else "failed"
        self._tell(phase, failure=failure, retry_at=self._clock.now() + timedelta(seconds=wait))

    def _resting(self) -> SavePhase:
        return _rest(self.held, self.state.value).phase

    def _rest(self) -> None:
        self._tell(self._resting())

    def _tell(
        self,
        phase: SavePhase,
        *,
        failure: Failure | None = None,
        retry_at: datetime | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        at = _moment(self._clock, self.held.saved_at)
        paused = self.state.value.paused
        self.state.set(SaveState(phase, at=at, retry_at=retry_at, failure=failure, paused=paused, fields=fields))


def _rest(held: OpenDraft, state: SaveState) -> SaveState:
    """The phase of a draft for which nothing is under way."""
    draft = held.draft
    if draft.assistant_id is None:
        phase: SavePhase = "new"
    else:
        phase = "unsaved" if held.sendable or draft.raw else "saved"
    return replace(state, phase=phase)


def _moment(clock: Clock, seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, clock.now().tzinfo)

"""The tool calls of one run as its events tell of them: known by their id, before that by their place in a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from playground_tui.workspace.api_objects import as_text
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.run_reply import CallInProgress
from playground_tui.workspace.values import ToolCallView


class RunCalls:
    def __init__(self, clock: Clock, run_id: Callable[[], str | None]) -> None:
        self._clock = clock
        self._run_id = run_id
        self._by_id: dict[str, CallInProgress] = {}
        self._by_place: dict[tuple[str, int], CallInProgress] = {}

    def grow(self, step_id: str, index: int, raw: dict[str, Any]) -> CallInProgress | None:
        """Take a delta. The call, when only this made known which it is; one that is done grows no more."""
        call = self._by_place.get((step_id, index)) or self._by_id.get(as_text(raw.get("id")))
        if call is None:
            call = self._new(step_id)
        self._by_place[step_id, index] = call
        if call.view is not None and call.view.done:
            return None
        first = call.grow(raw)
        if call.id:
            self._by_id[call.id] = call
        return call if first and call.view is not None else None

    def settle(self, views: Sequence[ToolCallView], step_id: str) -> Iterator[CallInProgress]:
        """Take calls as they are told whole; those that are new or other than shown, one by one as they are taken."""
        for index, view in enumerate(views):
            call = self._by_id.get(view.id) or self._by_place.get((step_id, index))
            fresh = call is None
            call = call or self._new(step_id)
            before = call.whole()
            call.settle(view, self._clock.monotonic())
            self._by_id[view.id] = call
            if step_id:
                self._by_place.setdefault((step_id, index), call)
            if fresh or call.untold or call.whole() != before:
                call.untold = False
                yield call

    def begin_again(self) -> None:
        """Arguments are told from their beginning again, those of calls that are not done."""
        for call in self._by_place.values():
            if call.view is not None and not call.view.done:
                call.arguments.clear()

    def _new(self, step_id: str) -> CallInProgress:
        return CallInProgress(step_id, self._run_id() or "", self._clock.monotonic())

"""Waiting with a limit: for a sign of life, and for a rate limit to pass. By the workspace's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, TypeVar

from playground_tui.workspace.clock import Clock, Handle
from playground_tui.workspace.exceptions import failure_of

T = TypeVar("T")
RATE_TRIES: Final = 4
LONGEST_WAIT: Final = 60.0
"""Seconds; a longer wait is the person's to decide."""


class Patience:
    """Like `asyncio.timeout`, put off by each sign of life: cancels the block's task after `limit`
    seconds without a `touch` and raises TimeoutError from the block. A touch costs one look at the clock; the timer is
    only set again when it fires."""

    def __init__(self, clock: Clock, limit: float, warn: Callable[[float | None], None] = lambda left: None) -> None:
        """`warn` hears the seconds left once half of them are gone, and None when a sign of life came after that."""
        self.limit = limit
        self._warn = warn
        self._warned = False
        self._clock = clock
        self._last = clock.monotonic()
        self._handle: Handle | None = None
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._out = False

    def touch(self) -> None:
        self._last = self._clock.monotonic()
        if self._warned:
            self._warned = False
            self._warn(None)

    def allow(self, seconds: float) -> None:
        """Silence counts from `seconds` from now."""
        self.touch()
        self._last += seconds

    async def __aenter__(self) -> Patience:
        self._task = asyncio.current_task()
        assert self._task is not None
        self._cancelling = self._task.cancelling()
        self.touch()
        self._handle = self._clock.call_later(self.limit / 2, self._look)
        return self

    def _look(self) -> None:
        left = self.limit - (self._clock.monotonic() - self._last)
        if left > self.limit / 2:
            self._handle = self._clock.call_later(left - self.limit / 2, self._look)
            return
        if left > 0:
            self._handle = self._clock.call_later(left, self._look)
            self._warned = True
            self._warn(left)
            return
        self._out = True
        if self._task is not None:
            self._task.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self.touch()
        if self._out and self._task is not None:
            ours = self._task.uncancel() <= self._cancelling
            if ours and kind is not None and issubclass(kind, asyncio.CancelledError):
                raise TimeoutError from error


async def when_allowed(clock: Clock, act: Callable[[], Awaitable[T]], waiting: Callable[[float], None]) -> T:
    """Do it again after the wait that a 429 asks for: at most `RATE_TRIES` times, and only short waits. `waiting`
    hears how many seconds it waits. Only for what a refused call certainly did not do. Raises what `act` raises."""
    for attempt in range(1, RATE_TRIES):
        try:
            return await act()
        except Exception as error:
            failure = failure_of(error)
            wait = failure.retry_after if failure.retry_after is not None else 2.0**attempt
            if failure.kind != "rate" or failure.status != 429 or wait > LONGEST_WAIT:
                raise
        waiting(wait)
        await clock.sleep(wait)
    return await act()

"""A clock that tests move by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

TURNS = 20
"""Rounds of the loop given to what a due timer started."""


@dataclass(order=True)
class _Timer:
    due: float
    number: int
    fn: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class ScriptedClock:
    """Time stands still until `advance`. Timers fire in the order of their times, each at its own."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
        self._elapsed = 0.0
        self._timers: list[_Timer] = []
        self._numbers = count()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def call_later(self, delay: float, fn: Callable[[], None]) -> _Timer:
        timer = _Timer(self._elapsed + max(delay, 0.0), next(self._numbers), fn)
        self._timers.append(timer)
        return timer

    async def sleep(self, delay: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.call_later(delay, lambda: woken.done() or woken.set_result(None))
        await woken

    @property
    def waiting(self) -> list[float]:
        """Seconds until each pending timer, soonest first."""
        return sorted(t.due - self._elapsed for t in self._timers if not t.cancelled)

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`, firing what falls due, and let the loop turn after each."""
        end = self._elapsed + seconds
        await settle()
        while due := [t for t in self._timers if not t.cancelled and t.due <= end]:
            timer = min(due)
            self._timers.remove(timer)
            self._elapsed = max(self._elapsed, timer.due)
            timer.fn()
            await settle()
        self._elapsed = end
        await settle()


async def settle(turns: int = TURNS) -> None:
    """Let everything that is ready to run, run. What waits for a thread needs a condition instead."""
    for _ in range(turns):
        await asyncio.sleep(0)

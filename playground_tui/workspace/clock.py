"""The seam to time. Everything in the workspace that waits or stamps asks a `Clock`; tests hand in one they move."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol


class Handle(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, with the local time zone."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...

    def call_later(self, delay: float, fn: Callable[[], None]) -> Handle:
        """Call `fn` on the running loop `delay` seconds from now."""
        ...

    async def sleep(self, delay: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now().astimezone()

    def monotonic(self) -> float:
        return time.monotonic()

    def call_later(self, delay: float, fn: Callable[[], None]) -> Handle:
        return asyncio.get_running_loop().call_later(delay, fn)

    async def sleep(self, delay: float) -> None:
        await asyncio.sleep(delay)


BEAT: Final = 2.0
"""Seconds between looks at what nobody tells: files, and what other programs write."""


def until_beat(clock: Clock) -> float:
    """Seconds until the next look. All look at the same moments, so an idle program wakes once for all of them."""
    left = BEAT - clock.monotonic() % BEAT
    return left if left > BEAT / 10 else left + BEAT

"""Ctrl+c and SIGTERM while something runs on a server: the first asks to stop, the second leaves at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from playground_tui.cli.exits import ENDED, INTERRUPTED


class Interrupts:
    """Holds until the process ends: closing can be interrupted too."""

    def __init__(self) -> None:
        self.code = 0
        """The exit code that the first signal asks for; 0: none came."""
        self._asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Not the loop's own handlers: those do not exist on Windows.
            signal.signal(number, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.code:
            os._exit(self.code)
        self.code = INTERRUPTED if number == signal.SIGINT else ENDED
        self._loop.call_soon_threadsafe(self._asked.set)

    async def wait(self) -> None:
        await self._asked.wait()


@contextmanager
def asking_a_person(*, interruptible: bool) -> Iterator[None]:
    """While this holds, ctrl+c ends the question at once; or is the editor's own affair. A running loop's handler would
    only cancel the command, which nobody sees before the answer, and which then loses it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler if interruptible else _not_ours)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _not_ours(number: int, frame: FrameType | None) -> None:
    """Not ignored, since a program that is started would inherit that."""

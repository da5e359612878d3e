"""What `ask` waits for, and how long: one line on a terminal's standard error, gone when the reply comes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from playground_tui.cli.output import Out
from playground_tui.cli.reply import ReplyWriter

if TYPE_CHECKING:
    from playground_tui.workspace.values import RunView

WORDS = {"waiting_outputs": "", "idle": "", "answering": ""}


class Waiting:
    def __init__(self, out: Out, writer: ReplyWriter) -> None:
        self._out = out
        self._writer = writer
        self._what = ""
        self._since = time.monotonic()

    def show(self, view: RunView) -> None:
        """The run does something else now."""
        what = WORDS.get(view.phase, view.phase)
        self.say(f"{what} {view.what}".strip() if what else "")

    def say(self, what: str) -> None:
        if what != self._what:
            self._what, self._since = what, time.monotonic()
            self._draw()

    async def tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._draw()

    def _draw(self) -> None:
        if not self._what:
            self._out.clear_status()
        elif not (self._writer.in_line and self._out.is_terminal):
            seconds = int(time.monotonic() - self._since)
            self._out.status(f"{self._what}… {seconds} s" if seconds else f"{self._what}…")

"""The program that a streaming benchmark measures from outside and inside: one widget, one input, a scripted text.

Started in a pseudo-terminal by `streaming.py` and `keys.py`; writes one JSON object to the file named last.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Input, Log, Markdown

from bench.text import markdown, tokens_of
from playground_tui.tui.chat_view import ChatView
from playground_tui.workspace.values import ChatMessage

BEAT = 0.01


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def written(result: object) -> None:
    """Textual's Markdown stream is written to with `await`, the others at once."""
    if asyncio.iscoroutine(result):
        await result


class StreamApp(App[None]):
    CSS = "Log, ChatView, Markdown { height: 1fr; }"

    def __init__(self, way: str, before: int, rate: int, seconds: float, out: str) -> None:
        super().__init__()
        self._way = way
        self._before = before
        self._rate = rate
        self._seconds = seconds
        self._out = out
        self._beats: list[float] = []
        self._typed: list[float] = []

    def compose(self) -> ComposeResult:
        ways: dict[str, type[Widget]] = {"log": Log, "chat": ChatView, "markdown": Markdown}
        yield ways[self._way]()
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.run_worker(self._measure())

    def on_input_changed(self) -> None:
        self.call_after_refresh(lambda: self._typed.append(time.monotonic()))

    def _writer(self) -> Any:
        if self._way == "log":
            return self.query_one(Log).write
        if self._way == "markdown":
            return Markdown.get_stream(self.query_one(Markdown)).write
        view = self.query_one(ChatView)
        view.show([ChatMessage("m", "assistant", "", datetime.now(UTC), "streaming", "Bot")])
        return lambda text: view.grow("m", text)

    async def _beat(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(BEAT)
            now = time.perf_counter()
            self._beats.append(now - last - BEAT)
            last = now

    async def _measure(self) -> None:
        text = markdown(self._before + int(self._rate * self._seconds) + 10)
        tokens = tokens_of(text)
        write = self._writer()
        await asyncio.sleep(0.3)
        gc.freeze()  # as the app does once it stands: Textual's own objects are not looked through again
        start_mb = resident_mb()
        for at in range(0, self._before, 400):
            if (waited := write("".join(tokens[at : min(at + 400, self._before)]))) is not None and asyncio.iscoroutine(
                waited
            ):
                await waited
            await asyncio.sleep(0.01)
        await self._idle()
        beat = asyncio.create_task(self._beat())
        cpu, start, sent = time.process_time(), time.perf_counter(), 0
        await asyncio.to_thread(Path(self._out + ".go").touch)
        while (elapsed := time.perf_counter() - start) < self._seconds:
            due = int(elapsed * self._rate)
            for token in tokens[self._before + sent : self._before + due]:
                await written(write(token))
            sent = due
            await asyncio.sleep(1 / self._rate)
        used = time.process_time() - cpu
        beat.cancel()
        result = {
            "cpu_per_1000": used / max(1, sent) * 1000,
            "stall_ms": max(self._beats) * 1000,
            "mb": resident_mb() - start_mb,
            "typed": self._typed,
            "tokens": sent,
        }
        await asyncio.to_thread(Path(self._out).write_text, json.dumps(result))
        self.exit()

    async def _idle(self) -> None:
        """Wait until what was fed is drawn: half a second of hardly any work."""
        while True:
            cpu = time.process_time()
            await asyncio.sleep(0.5)
            if time.process_time() - cpu < 0.05:
                return


if __name__ == "__main__":
    way, before, rate, seconds, out = sys.argv[1:6]
    StreamApp(way, int(before), int(rate), float(seconds), out).run()

"""Opening long threads and paging through them: 10,000 messages beside 100 in the same run.

`python -m bench.threads [--json] [--quick]`: from `show` to the painted frame, CPU of a page up, memory added.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from textual.app import App, ComposeResult

from bench.stream_app import resident_mb
from bench.text import markdown
from playground_tui.tui.chat_view import ChatView
from playground_tui.workspace.values import ChatMessage

SIZE = (120, 40)
SIZES = (100, 1_000, 10_000)
REPLY_TOKENS = 150
PAGES = 30


class ThreadApp(App[None]):
    def compose(self) -> ComposeResult:
        yield ChatView()


def thread(count: int) -> list[ChatMessage]:
    at, texts = datetime.now(UTC), [markdown(REPLY_TOKENS, seed) for seed in range(40)]
    return [
        ChatMessage(f"msg_{number}", "assistant", texts[number % 40], at, author="Bot")
        if number % 2
        else ChatMessage(f"msg_{number}", "user", "What about it? " * 5, at)
        for number in range(count)
    ]


def paint(view: ChatView) -> int:
    """What a frame of the terminal takes: the strips in sight, as escape sequences."""
    return sum(len(strip.render(view.app.console)) for strip in view.render_lines(view.size.region))


async def opening(messages: list[ChatMessage]) -> dict[str, float]:
    """Wall milliseconds until the frame is painted, and CPU milliseconds of a page up."""
    app = ThreadApp()
    async with app.run_test(size=SIZE) as pilot:
        view = app.query_one(ChatView)
        view.show(thread(4))  # parser and lexers are loaded
        await pilot.pause()
        gc.collect()
        before = resident_mb()
        start = time.perf_counter()
        view.show(messages)
        paint(view)
        opened = time.perf_counter() - start
        await pilot.pause()
        cpu = time.process_time()
        for _ in range(PAGES):
            view.action_page_up()
            paint(view)
        page = (time.process_time() - cpu) / PAGES
        return {"open_ms": opened * 1000, "page_ms": page * 1000, "mb": resident_mb() - before}


async def measure(rounds: int) -> dict[str, Any]:
    threads = {count: thread(count) for count in SIZES}
    runs: dict[int, list[dict[str, float]]] = {count: [] for count in SIZES}
    for _ in range(rounds):
        for count, messages in threads.items():
            runs[count].append(await opening(messages))
    rows = {
        count: {
            "open_ms": statistics.median(run["open_ms"] for run in found),
            "page_ms": statistics.median(run["page_ms"] for run in found),
            "mb": max(run["mb"] for run in found),  # only the first round takes fresh memory
        }
        for count, found in runs.items()
    }
    return {
        "load": os.getloadavg()[0],
        "rows": rows,
        "open_ratio": rows[SIZES[-1]]["open_ms"] / rows[SIZES[0]]["open_ms"],
        "open_s": rows[SIZES[-1]]["open_ms"] / 1000,
        "page_ms": rows[SIZES[-1]]["page_ms"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    asked = parser.parse_args()
    found = asyncio.run(measure(3 if asked.quick else 7))
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}")
    for count, row in found["rows"].items():
        print(
            f"{count:>7,} messages: {row['open_ms']:5.1f} ms, page up {row['page_ms']:4.1f} ms CPU, {row['mb']:4.1f} MB"
        )


if __name__ == "__main__":
    main()

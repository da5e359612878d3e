"""Long threads in the real app, from the carried service through the workspace: 10,000 messages beside 100.

`python -m bench.long_threads [--json] [--quick]`: opening for the first time and again, by the clock and as CPU of the
screen's thread; page up by key with every picture looked at (nothing blank, nothing skipped), and memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.real_app import Opened, fill_service, open_app
from bench.stream_app import resident_mb
from playground_tui.service.shapes import new_message, new_thread
from playground_tui.service.store import MESSAGES, THREADS, Connection, objects
from playground_tui.tui.chat_view import ChatView

COUNTS = (100, 10_000)
TEXT = "\n\n".join(["What about **it**? " * 8, "- one\n- two\n- three", "```python\nx = 1\n```"])


def fill(threads: dict[int, list[str]], rounds: int) -> Any:
    """As many threads of each length as there are rounds: each is opened for the first time once."""

    def write(conn: Connection) -> None:
        for count in COUNTS:
            for _ in range(rounds):
                thread = new_thread({}, 1_700_000_000)
                objects.insert(conn, THREADS, thread)
                for number in range(count):
                    body = {"role": "user", "content": f"Number{number}.\n\n{TEXT}"}
                    objects.insert(conn, MESSAGES, new_message(thread["id"], body, 1_700_000_000 + number))
                threads.setdefault(count, []).append(thread["id"])

    return write


def lines_of(opened: Opened) -> list[str]:
    """The messages' part of the painted screen."""
    region = opened.app.screen.query_one(ChatView).region
    strips = opened.app.screen._compositor.render_strips()[region.y : region.bottom]
    return ["".join(segment.text for segment in strip)[region.x : region.right] for strip in strips]


def numbers(lines: list[str]) -> list[int]:
    return [int(found) for line in lines for found in re.findall(r"Number(\d+)\.", line)]


async def opening(opened: Opened, thread_id: str, count: int) -> dict[str, float]:
    """Until its end is painted."""
    await opened.workspace.threads.open(None)
    await opened.pilot.pause(0.1)
    began, cpu = time.perf_counter(), time.thread_time()
    open_task = asyncio.create_task(opened.workspace.threads.open(thread_id))
    while f"Number{count - 1}." not in "".join(lines_of(opened)):  # noqa: ASYNC110  # the screen has no event for it
        await asyncio.sleep(0.002)
    wall = time.perf_counter() - began
    await open_task
    await opened.pilot.pause(0.1)
    return {"ms": wall * 1000, "cpu_ms": (time.thread_time() - cpu) * 1000}


async def paging(opened: Opened, pages: int) -> dict[str, Any]:
    view = opened.app.screen.query_one(ChatView)
    view.focus()
    await opened.pilot.pause()
    before_mb, costs, blank, jumps = resident_mb(), [], 0, 0
    first, last = 0, 0
    top = min(numbers(lines_of(opened)))
    for _ in range(pages):
        costs.append(await opened.loop_ms("pageup"))
        lines = lines_of(opened)
        seen = numbers(lines)
        rows_blank = max(len(run) for run in "".join(" x"[bool(line.strip(" ▁▂▃▄▅▆▇█"))] for line in lines).split("x"))
        blank += not seen or rows_blank > 4
        jumps += bool(seen) and (max(seen) < top - 1 or max(seen) > top + 1 or sorted(seen) != seen)
        top = min(seen, default=top)
        await opened.until(lambda: not opened.workspace.conversation.value.state.value.loading)
    first, last = top, len(opened.workspace.conversation.value.messages)
    return {
        "pages": pages,
        "page_cpu_ms": statistics.median(costs),
        "blank": blank,
        "jumps": jumps,
        "reached": first,
        "messages_held": last,
        "mb": resident_mb() - before_mb,
    }


async def measure(rounds: int, pages: int) -> dict[str, Any]:
    threads: dict[int, list[str]] = {}
    first: dict[int, list[dict[str, float]]] = {count: [] for count in COUNTS}
    again: dict[int, list[dict[str, float]]] = {count: [] for count in COUNTS}
    with tempfile.TemporaryDirectory() as folder:
        await fill_service(Path(folder), fill(threads, rounds + 1))
        async with open_app(Path(folder)) as opened:
            for turn in range(rounds + 1):
                for count in COUNTS:
                    first[count].append(await opening(opened, threads[count][turn], count))
                    again[count].append(await opening(opened, threads[count][turn], count))
            paged = await paging(opened, pages)
    rows = {
        count: {
            f"{name}_{key}": statistics.median(run[key] for run in runs[count][1:])  # the first loads modules
            for name, runs in (("first", first), ("again", again))
            for key in ("ms", "cpu_ms")
        }
        for count in COUNTS
    }
    few, many = (rows[count] for count in COUNTS)
    return {
        "load": os.getloadavg()[0],
        "rows": rows,
        "paging": paged,
        "first_ratio": many["first_cpu_ms"] / few["first_cpu_ms"],
        "again_ratio": many["again_cpu_ms"] / few["again_cpu_ms"],
        "again_s": many["again_ms"] / 1000,
        "not_seen": paged["blank"] + paged["jumps"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    asked = parser.parse_args()
    found = asyncio.run(measure(*((2, 40) if asked.quick else (5, 120))))
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}")
    for count, row in found["rows"].items():
        print(
            f"{count:>7,} messages: first {row['first_ms']:.0f} ms ({row['first_cpu_ms']:.0f} CPU), "
            f"again {row['again_ms']:.0f} ms ({row['again_cpu_ms']:.0f} CPU)"
        )
    row = found["paging"]
    print(
        f"{row['pages']} pages up to message {row['reached']:,}: {row['page_cpu_ms']:.1f} ms CPU each, "
        f"{row['blank']} blank, {row['jumps']} jumps, {row['messages_held']} messages held, {row['mb']:.1f} MB"
    )


if __name__ == "__main__":
    main()

"""Thousands of assistants in the real app: how long a save holds the screen's loop, opening the list, a key in its
filter; 10,000 beside 100 in the same run.

`python -m bench.lists [--json] [--quick]`. A hold is the longest time that the loop did not come round, by the clock
and in CPU of its own thread, which other programs hardly change; so are keys counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.real_app import Hold, Opened, add_assistants, fill_service, longest_hold, open_app
from playground_tui.tui.screens.assistants import AssistantsScreen
from playground_tui.workspace.cache import AssistantCache

COUNTS = (100, 1_000, 10_000)
WORDS = ["refund", "window", "delivery", "invoice", "support", "policy", "answer", "customer", "window", "plan"]
TYPED = ("refund", "bot 7", "window 12")


def bodies(count: int) -> list[dict[str, Any]]:
    """Of 2 kB each."""
    return [
        {
            "name": f"{WORDS[n % len(WORDS)].capitalize()} bot {n}",
            "model": "demo/demo",
            "description": f"Number {n}",
            "instructions": f"Case {n}. " + " ".join(WORDS[(n + at) % len(WORDS)] for at in range(280)),
        }
        for n in range(count)
    ]


async def hold_of_save(opened: Opened, rounds: int) -> list[Hold]:
    """Of an edit that is saved: to the server, into the cache, as a version, back onto the screen."""
    editor, holds = opened.workspace.editor, []
    rows = opened.workspace.assistants.listing.value.rows
    await opened.workspace.open_assistant(rows[len(rows) // 2].id)
    await opened.pilot.pause()
    for number in range(rounds):
        editor.edit("instructions", f"Edited {number}. " + "Answer first. " * 140)
        await opened.pilot.pause()
        holds.append(await longest_hold(editor.save()))
        await opened.pilot.pause()
    return holds


async def hold_of_nothing(rounds: int) -> list[Hold]:
    return [await longest_hold(asyncio.sleep(0.1)) for _ in range(rounds)]


async def hold_of_cache(home: Path, opened: Opened, rounds: int) -> list[Hold]:
    """Of the cache alone: one changed document, on a copy of the file."""
    source = opened.workspace.assistants._cache
    assert source is not None
    cache, holds = AssistantCache(home / "copy", "copy"), []
    docs = await source.read()
    await cache.replace(docs)
    doc = next(iter(docs.values()))
    for number in range(rounds):
        holds.append(await longest_hold(cache.put([{**doc, "instructions": f"{number} " * 1_000}])))
    await cache.close()
    return holds


async def list_costs(opened: Opened, rounds: int) -> dict[str, Any]:
    openings, walls, keys = [], [], []
    for turn in range(rounds + 1):
        began, cpu = time.perf_counter(), time.thread_time()
        opened.app.screen.action_assistants()  # type: ignore[attr-defined]
        await opened.until(lambda: isinstance(opened.app.screen, AssistantsScreen) and shows_rows(opened))
        if turn:  # the first loads modules
            walls.append((time.perf_counter() - began) * 1000)
            openings.append((time.thread_time() - cpu) * 1000)
        await opened.pilot.pause(0.3)  # the server's answer to the list's own refresh comes behind
        for letter in TYPED[turn % len(TYPED)]:
            keys.append(await opened.loop_ms("space" if letter == " " else letter))
        await opened.pilot.press("escape")
        await opened.pilot.pause()
    return {
        "open_ms": statistics.median(openings),
        "open_wall_ms": statistics.median(walls),
        "key_p95_ms": sorted(keys)[round(len(keys) * 0.95) - 1],
        "key_ms": statistics.median(keys),
    }


def shows_rows(opened: Opened) -> bool:
    """Whether rows stand on the painted screen."""
    lines = opened.app.screen._compositor.render_strips()
    return any(" bot " in "".join(segment.text for segment in line) for line in lines[3:])


async def of_count(count: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        await fill_service(home, add_assistants(bodies(count)))
        async with open_app(home) as opened:
            await opened.until(lambda: len(opened.workspace.assistants.listing.value.rows) >= count)
            await opened.workspace.assistants.refresh()
            found = await list_costs(opened, rounds)
            nothing = await hold_of_nothing(rounds)
            saves = await hold_of_save(opened, rounds)
            cache = await hold_of_cache(home, opened, rounds)
    return {
        **found,
        **{
            f"{name}_hold_{kind}ms": statistics.median(getattr(hold, field) for hold in holds)
            for name, holds in (("save", saves), ("cache", cache), ("idle", nothing))
            for field, kind in (("wall", ""), ("cpu", "cpu_"))
        },
    }


def measure(rounds: int) -> dict[str, Any]:
    rows = {count: asyncio.run(of_count(count, rounds)) for count in COUNTS}
    return {
        "load": os.getloadavg()[0],
        "rows": rows,
        "open_ratio": rows[COUNTS[-1]]["open_ms"] / rows[COUNTS[0]]["open_ms"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    asked = parser.parse_args()
    found = measure(3 if asked.quick else 7)
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}")
    print("\n".join(words(found)))


def words(found: dict[str, Any]) -> Iterator[str]:
    for count, row in found["rows"].items():
        yield (
            f"{count:>7,} assistants: list open {row['open_ms']:.0f} ms CPU ({row['open_wall_ms']:.0f} by the clock), "
            f"filter key {row['key_ms']:.1f} ms, 95th percentile {row['key_p95_ms']:.1f}; held by a save "
            f"{row['save_hold_cpu_ms']:.1f} ms CPU ({row['save_hold_ms']:.1f} by the clock), by the cache alone "
            f"{row['cache_hold_cpu_ms']:.1f} ({row['cache_hold_ms']:.1f}), by nothing {row['idle_hold_cpu_ms']:.1f} "
            f"({row['idle_hold_ms']:.1f})"
        )


if __name__ == "__main__":
    main()

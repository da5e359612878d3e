"""An open program that nobody touches: bytes it writes, CPU it takes, how often it wakes, beside a bare Textual app.

`python -m bench.idle [--json] [--quick]`. CPU is counted in nanoseconds over all threads (Linux only).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.start import BARE, ROOT, environ_of
from bench.watched import Watched

QUIET = 1.5
"""Seconds without a byte after which a program counts as settled."""


def threads_of(pid: int) -> tuple[float, int]:
    """CPU milliseconds of its threads, and how often they were put on a processor."""
    spent, times = 0, 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        ran, _waited, slices = (task / "schedstat").read_text().split()
        spent, times = spent + int(ran), times + int(slices)
    return spent / 1e6, times


def settle(watched: Watched, most: float = 60) -> None:
    end = time.monotonic() + most
    while time.monotonic() < end:
        before = len(watched.raw)
        read_on(watched, QUIET)
        if len(watched.raw) == before:
            return


def read_on(watched: Watched, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        watched.read_for(left)


def idle(command: list[str], ready: str, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        watched = Watched(command, environ_of(Path(home)), folder=str(ROOT))
        try:
            watched.until(ready, timeout=60)
            read_on(watched, 3)
            settle(watched)
            written, (cpu, wakes) = len(watched.raw), threads_of(watched.pid)
            read_on(watched, seconds)
            spent, woken = threads_of(watched.pid)
            return {
                "bytes": len(watched.raw) - written,
                "cpu_ms_per_s": (spent - cpu) / seconds,
                "wakes_per_s": (woken - wakes) / seconds,
            }
        finally:
            watched.end()


def measure(rounds: int, seconds: float) -> dict[str, Any]:
    ways = {
        "bare": ([sys.executable, "-c", BARE], "bare is here"),
        "app": ([sys.executable, "-m", "playground_tui"], "the demo answers"),
    }
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (command, ready) in ways.items():
            runs[name].append(idle(command, ready, seconds))
    rows = {
        name: {key: statistics.median(run[key] for run in found) for key in found[0]} for name, found in runs.items()
    }
    ratio = rows["app"]["cpu_ms_per_s"] / rows["bare"]["cpu_ms_per_s"]
    return {"load": os.getloadavg()[0], "rows": rows, "seconds": seconds, "cpu_over_bare": ratio}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one short round")
    asked = parser.parse_args()
    found = measure(*((1, 8) if asked.quick else (3, 8)))
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}")
    for name, row in found["rows"].items():
        print(
            f"{name:<5} {row['bytes']:.0f} bytes in {found['seconds']} s, {row['cpu_ms_per_s']:.2f} ms CPU a second, "
            f"{row['wakes_per_s']:.1f} wake-ups a second"
        )


if __name__ == "__main__":
    main()

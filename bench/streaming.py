"""Streaming a long Markdown reply into the chat view, beside a plain `Log` fed the same text in the same run.

`python -m bench.streaming [--json] [--quick] [--peer]`: marginal CPU seconds per 1,000 tokens once the reply is some
tokens long, at 100 tokens a second in a pseudo-terminal of 120×40; medians; compare ratios, not times.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from bench.pseudo_terminal import python, run_in_terminal

LENGTHS = (500, 2_000, 8_000, 32_000)
RATE = 100


def once(way: str, before: int, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        ran = run_in_terminal(python("bench.stream_app", way, before, RATE, seconds, out))
        found = json.loads(out.read_text())
    del found["typed"]
    return {**found, "bytes_per_token": ran.written / max(1, found["tokens"])}


def median_of(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def exponent(costs: list[float], lengths: tuple[int, ...]) -> float:
    """Of cost = a × length^exponent, by least squares over the logarithms."""
    xs, ys = [math.log(length) for length in lengths], [math.log(cost) for cost in costs]
    mx, my = statistics.mean(xs), statistics.mean(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)


def measure(rounds: int, seconds: float, ways: tuple[str, ...]) -> dict[str, Any]:
    runs: dict[tuple[str, int], list[dict[str, float]]] = {(way, length): [] for way in ways for length in LENGTHS}
    for _ in range(rounds):
        for (way, length), found in runs.items():
            found.append(once(way, length, seconds))
    rows = {way: {length: median_of(runs[way, length]) for length in LENGTHS} for way in ways}
    costs = {way: [rows[way][length]["cpu_per_1000"] for length in LENGTHS] for way in ways}
    return {
        "load": os.getloadavg()[0],
        "rows": rows,
        "exponent": {way: exponent(costs[way], LENGTHS) for way in ways},
        "cpu_over_log": max(chat / log for chat, log in zip(costs["chat"], costs["log"], strict=True)),
        "stall_ms": rows["chat"][LENGTHS[-1]]["stall_ms"],
        "added_mb": rows["chat"][LENGTHS[-1]]["mb"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--peer", action="store_true", help="Textual's own streamed Markdown too")
    asked = parser.parse_args()
    ways = ("log", "chat", "markdown") if asked.peer else ("log", "chat")
    found = measure(1 if asked.quick else 3, 3, ways)
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}; CPU s per 1,000 tokens · longest stall ms · MB added, by length of the reply")
    for way, rows in found["rows"].items():
        cells = [
            f"{length:>7,}: {row['cpu_per_1000']:5.2f} · {row['stall_ms']:4.0f} · {row['mb']:4.1f}"
            for length, row in rows.items()
        ]
        print(f"{way:<9}{'  '.join(cells)}  exponent {found['exponent'][way]:.2f}")


if __name__ == "__main__":
    main()

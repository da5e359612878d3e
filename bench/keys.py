"""A key typed while a reply streams: from the write into the terminal to the painted input, beside a plain `Log`.

`python -m bench.keys [--json] [--quick]`: 95th percentiles in milliseconds, at 100 and 500 tokens a second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.pseudo_terminal import python, run_in_terminal

CASES = ((100, 2_000), (100, 8_000), (500, 8_000))
"""Tokens a second, and tokens that are shown already."""


class Typist:
    """Types a letter every 60 to 120 ms from when the measuring begins."""

    def __init__(self, go: Path) -> None:
        self._go = go
        self._next = 0.0
        self._rng = random.Random(3)

    def __call__(self) -> bytes | None:
        now = time.monotonic()
        if now < self._next or not self._go.exists():
            return None
        self._next = now + self._rng.uniform(0.06, 0.12)
        return b"k"


def delays(way: str, before: int, rate: int, seconds: float) -> list[float]:
    """Milliseconds of each key."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = python("bench.stream_app", way, before, rate, seconds, out)
        ran = run_in_terminal(command, key=Typist(Path(f"{out}.go")))
        painted: list[float] = json.loads(out.read_text())["typed"]
    return [(shown - sent) * 1000 for sent, shown in zip(ran.sent, painted, strict=False)]


def percentile(values: list[float], share: float = 0.95) -> float:
    return sorted(values)[min(len(values) - 1, round(len(values) * share))]


def measure(rounds: int, seconds: float) -> dict[str, Any]:
    rows: list[dict[str, float]] = []
    for rate, length in CASES:
        times: dict[str, list[float]] = {"log": [], "chat": []}
        for _ in range(rounds):
            for way, found in times.items():
                found.append(percentile(delays(way, length, rate, seconds)))
        log, chat = statistics.median(times["log"]), statistics.median(times["chat"])
        rows.append({"rate": rate, "length": length, "log_ms": log, "chat_ms": chat, "ratio": chat / log})
    return {"load": os.getloadavg()[0], "rows": rows, "worst_ratio": max(row["ratio"] for row in rows)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one short round")
    asked = parser.parse_args()
    found = measure(1 if asked.quick else 3, 3 if asked.quick else 4)
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}; delay of a key, 95th percentile")
    for row in found["rows"]:
        print(
            f"{row['rate']:>4} tokens/s, {row['length']:>6,} shown: "
            f"Log {row['log_ms']:5.1f} ms, chat {row['chat_ms']:5.1f} ms, {row['ratio']:.2f} ×"
        )


if __name__ == "__main__":
    main()

"""Runs every benchmark and prints one table: figure, goal, reached. `python -m bench [--quick] [--json] [NAME…]`.

Each benchmark is a module of its own that prints one JSON object with `--json`; `GATES` says which of its values have
a goal. See README.md for how to read them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Found = dict[str, Any]


@dataclass(frozen=True)
class Gate:
    name: str
    value: Callable[[Found], float]
    most: float
    unit: str
    least: bool = False
    """Whether the goal is a lower bound."""

    def reached(self, value: float) -> bool:
        return value >= self.most if self.least else value <= self.most


GATES: dict[str, tuple[Gate, ...]] = {
    "streaming": (
        Gate("growth exponent of a streamed reply to 32,000 tokens", lambda f: f["exponent"]["chat"], 0.1, ""),
        Gate("CPU of a streamed reply", lambda f: f["cpu_over_log"], 1.5, "× Log"),
        Gate("longest stall at 32,000 tokens", lambda f: f["stall_ms"], 60, "ms"),
        Gate("memory added by 32,000 tokens", lambda f: f["added_mb"], 25, "MB"),
    ),
    "keys": (Gate("key while streaming, 95th percentile", lambda f: f["worst_ratio"], 1.5, "× Log"),),
    "threads": (
        Gate("opening 10,000 messages", lambda f: f["open_ratio"], 1.2, "× 100 messages"),
        Gate("opening 10,000 messages", lambda f: f["open_s"], 0.15, "s"),
        Gate("page up, CPU", lambda f: f["page_ms"], 13, "ms"),
    ),
    "start": (
        Gate("first recognisable frame", lambda f: f["times bare"]["frame"], 1.3, "× bare"),
        Gate("form takes keys", lambda f: f["times bare"]["form"], 2.0, "× bare"),
        Gate("enter is accepted and queued", lambda f: f["times bare"]["queued"], 2.0, "× bare"),
    ),
    "cli": (
        Gate("--help", lambda f: f["times import click"]["help"], 2.0, "× import click"),
        Gate("--version", lambda f: f["times import click"]["version"], 2.0, "× import click"),
    ),
    "configuration": (
        Gate(
            "key in the instructions up to 64,000 characters",
            lambda f: max(row["pane_p95_ms"] for row in f["keys"] if row["characters"] <= 64_000),
            50,
            "ms",
        ),
    ),
    "service": (
        Gate("service's share per event", lambda f: f["burst"]["share_us"], 25, "µs"),
        Gate("first event after the engine's", lambda f: f["first_event"]["median_ms"], 5, "ms"),
        Gate("first event with 50 clients", lambda f: f["first_event_of_50"]["median_ms"], 60, "ms"),
        Gate("events per second with 50 runs", lambda f: f["at_once"]["ratio"], 0.8, "× one run", least=True),
        Gate("listing 100 of 10,000 messages", lambda f: f["listing"]["ratio"], 1.2, "× of 100"),
    ),
}
QUICK = {"streaming": ["--quick"], "keys": ["--quick"], "threads": ["--quick"], "service": ["--quick"],
         "start": ["--runs", "3"], "cli": ["--runs", "3"], "configuration": ["--rounds", "3"]}  # fmt: skip


def run(name: str, *, quick: bool) -> Found | None:
    """What the benchmark found; None when it failed, with its words on standard error."""
    command = [sys.executable, "-m", f"bench.{name}", "--json", *(QUICK[name] if quick else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return None
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def row(gate: Gate, found: Found | None) -> dict[str, Any]:
    try:
        value = None if found is None else gate.value(found)
    except (KeyError, TypeError):
        value = None
    return {
        "figure": gate.name,
        "value": value,
        "goal": gate.most,
        "least": gate.least,
        "unit": gate.unit,
        "reached": value is not None and gate.reached(value),
    }


def line(row: dict[str, Any]) -> str:
    value = "failed" if row["value"] is None else f"{row['value']:.2f}"
    sign = "≥" if row["least"] else "≤"
    answer = "reached" if row["reached"] else "NOT REACHED"
    return f"{row['figure']:<52}{value:>9} {row['unit']:<16}{sign} {row['goal']:<7g}{answer}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="few short rounds")
    parser.add_argument("names", nargs="*", choices=[[], *GATES], help="only these", metavar="NAME")
    asked = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if not asked.json:
        print(f"{machine}, load {os.getloadavg()[0]:.1f}", flush=True)
    results: dict[str, Any] = {}
    for name in asked.names or GATES:
        found = run(name, quick=asked.quick)
        rows = [row(gate, found) for gate in GATES[name]]
        results[name] = {"found": found, "figures": rows}
        if not asked.json:
            print("\n".join(map(line, rows)), flush=True)
    if asked.json:
        print(json.dumps({"machine": machine, "load": os.getloadavg()[0], "benchmarks": results}))


if __name__ == "__main__":
    main()

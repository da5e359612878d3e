"""Runs every benchmark and prints one table: figure, goal, reached.
`python -m bench [--quick] [--peers] [--json | --markdown] [NAME…]`.

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
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
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
    "whole_app": (
        Gate("whole app streaming, CPU", lambda f: f["cpu_over_best"], 0.6, "× best other app"),
        Gate("whole app streaming, keys lost", lambda f: f["keys_lost"], 0, ""),
    ),
    "idle": (
        Gate("idle, bytes written", lambda f: f["rows"]["app"]["bytes"], 0, "bytes"),
        Gate("idle, CPU", lambda f: f["cpu_over_bare"], 1.1, "× bare"),
    ),
    "threads": (
        Gate("chat view opens 10,000 messages", lambda f: f["open_ratio"], 1.2, "× 100 messages"),
        Gate("chat view opens 10,000 messages", lambda f: f["open_s"], 0.15, "s"),
        Gate("chat view, page up, CPU", lambda f: f["page_ms"], 13, "ms"),
    ),
    "long_threads": (
        Gate("app opens a thread of 10,000, first time", lambda f: f["first_ratio"], 1.2, "× 100 messages"),
        Gate("app opens a thread of 10,000, again", lambda f: f["again_ratio"], 1.2, "× 100 messages"),
        Gate("app opens a thread of 10,000, again", lambda f: f["again_s"], 0.15, "s"),
        Gate("page up by key: pictures blank or skipped", lambda f: f["not_seen"], 0, ""),
    ),
    "lists": (
        Gate("loop held by a save, 1,000 assistants", lambda f: f["rows"]["1000"]["cache_hold_ms"], 5, "ms"),
        Gate("loop held by a save, 10,000 assistants", lambda f: f["rows"]["10000"]["cache_hold_ms"], 20, "ms"),
        Gate("loop held by a whole save, 1,000, CPU", lambda f: f["rows"]["1000"]["save_hold_cpu_ms"], 5, "ms"),
        Gate("opening the list of 10,000 assistants", lambda f: f["open_ratio"], 1.2, "× of 100"),
        Gate("key in the filter, 10,000 assistants", lambda f: f["rows"]["10000"]["key_ms"], 16, "ms"),
    ),
    "start": (
        Gate("first recognisable frame", lambda f: f["times bare"]["frame"], 1.3, "× bare"),
        Gate("form takes keys", lambda f: f["times bare"]["form"], 2.0, "× bare"),
        Gate("enter is accepted and queued", lambda f: f["times bare"]["queued"], 2.0, "× bare"),
        Gate("longest key while the rest loads", lambda f: 1000 * f["seconds"]["longest key"], 60, "ms"),
        Gate("memory over the same modules", lambda f: f["MB over the same modules"]["found"], 25, "MB"),
    ),
    "cli": (
        Gate("--help", lambda f: f["times import click"]["help"], 2.0, "× import click"),
        Gate("--version", lambda f: f["times import click"]["version"], 2.0, "× import click"),
    ),
    "editing": (
        Gate("key in 64,000 characters, 95th percentile", lambda f: f["key_p95_ms"], 50, "ms"),
        Gate("paste of up to 255,000 characters", lambda f: f["paste_s"], 0.5, "s"),
        Gate("pastes with a key lost behind them", lambda f: f["keys_lost"], 0, ""),
        Gate("colours off above the limit, with a note", lambda f: f["notes_right"], 1, "", least=True),
    ),
    "service": (
        Gate("service's share per event, in a burst", lambda f: f["burst"]["share_us"], 25, "µs"),
        Gate("service's share per event, 100 a second", lambda f: f["at_100_a_second"]["share_us"], 25, "µs"),
        Gate("first event after the engine's", lambda f: f["first_event"]["median_ms"], 5, "ms"),
        Gate("first event with 50 clients", lambda f: f["first_event_of_50"]["median_ms"], 60, "ms"),
        Gate("events per second with 50 runs", lambda f: f["at_once"]["ratio"], 0.8, "× one run", least=True),
        Gate("listing 100 of 10,000 messages", lambda f: f["listing"]["ratio"], 1.2, "× of 100"),
    ),
}
RUNS = {"start": ("5", "3"), "cli": ("5", "3")}
"""Rounds, and quick ones, of those that are asked with `--runs`; all together take some twelve minutes."""


def run(name: str, *, quick: bool, peers: bool) -> Found | None:
    """What the benchmark found; None when it failed, with its words on standard error."""
    command = [sys.executable, "-m", f"bench.{name}", "--json"]
    if name in RUNS:
        command += ["--runs", RUNS[name][quick]]
    elif quick:
        command.append("--quick")
    if peers and name == "whole_app":
        command.append("--peers")
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


def words(row: dict[str, Any]) -> tuple[str, str, str, str]:
    value = "failed" if row["value"] is None else f"{row['value']:.2f}"
    sign = "≥" if row["least"] else "≤"
    answer = "reached" if row["reached"] else "**not reached**"
    return row["figure"], f"{value} {row['unit']}".strip(), f"{sign} {row['goal']:g}", answer


def line(row: dict[str, Any]) -> str:
    figure, value, goal, answer = words(row)
    return f"{figure:<52}{value:>26}   {goal:<9}{answer.strip('*').upper() if '*' in answer else answer}"


def cells(row: dict[str, Any]) -> str:
    return f"| {' | '.join(words(row))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", action="store_true", help="the table as it stands in docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="few short rounds")
    parser.add_argument("--peers", action="store_true", help="install other programs and measure them beside")
    parser.add_argument("names", nargs="*", choices=[[], *GATES], help="only these", metavar="NAME")
    asked = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    machine += f", Textual {version('textual')}"
    began, load, results = time.monotonic(), os.getloadavg()[0], {}
    draw = cells if asked.markdown else line
    if asked.markdown:
        print(f"`python -m bench {' '.join(sys.argv[1:])}`; {machine}; load {load:.1f} when it began.\n")
        print("| figure | measured | goal | |\n|---|---|---|---|", flush=True)
    elif not asked.json:
        print(f"{machine}, load {load:.1f}", flush=True)
    for name in asked.names or GATES:
        found = run(name, quick=asked.quick, peers=asked.peers)
        rows = [row(gate, found) for gate in GATES[name]]
        results[name] = {"found": found, "figures": rows}
        if not asked.json:
            print("\n".join(map(draw, rows)), flush=True)
    if asked.json:
        print(json.dumps({"machine": machine, "load": load, "benchmarks": results}))
    else:
        print(f"\n{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()

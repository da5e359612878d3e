"""The whole program against a scripted endpoint at 100 tokens a second: CPU per 1,000 tokens, a key's delay, memory.

`python -m bench.whole_app [--json] [--quick] [--peers]`: beside it a minimal Textual app that shows the same reply in
Textual's own streamed Markdown, and with `--peers` other programs, which are installed first (`peers.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.paced import END, PacedReply
from bench.peers import Peer, install
from bench.start import ROOT, environ_of
from bench.watched import Watched
from tests.support.endpoint import ScriptedEndpoint

LENGTHS = (500, 1_500)
TYPED_TOKENS = 800
"""Of the reply that keys are typed into."""
SETTLE = 3.0
"""Seconds from the first sight until it is asked: some load on after it."""
TAIL = 0.5
"""Seconds after the last token that still count: the end is drawn."""
LETTERS = [
    chr(code) for code in (*range(0x430, 0x44F), *range(0x410, 0x42F), *range(0x3B1, 0x3C1), *range(0x391, 0x3A1))
]
"""Each key is another letter that no reply has, so that its echo is found in what is written."""
LOST = 3.0
"""Seconds after which a key counts as lost."""


@dataclass(frozen=True)
class Program:
    name: str
    command: Callable[[str], list[str]]
    """For an endpoint's address."""
    environ: Callable[[Path, str], dict[str, str]]
    ready: str
    send: str = "\r"


def environ(home: Path) -> dict[str, str]:
    """With compiled modules where they are: compiling a peer's thousands for each start takes longer than the rest."""
    return {name: value for name, value in environ_of(home).items() if name != "PYTHONPYCACHEPREFIX"}


def ours() -> Program:
    command = [sys.executable, "-m", "playground_tui"]
    return Program(
        "playground-tui",
        lambda base_url: [*command, "--base-url", base_url, "--model", "scripted-model"],
        lambda home, _: environ(home),
        "Ask",
    )


def minimal() -> Program:
    return Program(
        "minimal app, streamed Markdown",
        lambda base_url: [sys.executable, "-m", "bench.minimal_app", base_url],
        lambda home, _: environ(home),
        "minimal is here",
    )


def program_of(peer: Peer) -> Program:
    return Program(
        peer.package,
        lambda _: [str(peer.executable), *peer.command[1:]],
        lambda home, base_url: environ(home) | peer.environ(home, base_url),
        peer.ready,
        peer.send,
    )


def cpu_of(pid: int) -> float:
    """CPU seconds of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_on(watched: Watched, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        watched.read_for(left)


def wait_for(watched: Watched, condition: Callable[[], bool], seconds: float = 60) -> None:
    """Raises TimeoutError, with the end of what the program wrote."""
    end = time.monotonic() + seconds
    while not condition():
        watched.read_for(0.02)
        if time.monotonic() > end:
            raise TimeoutError(f"the program did not ask or did not listen: {watched.shown()[-500:]!r}")


class Typist:
    """Types a letter every 120 to 240 ms and waits for its echo."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.lost = 0
        self._rng = random.Random(5)

    def turn(self, watched: Watched) -> None:
        letter = LETTERS[(len(self.delays) + self.lost) % len(LETTERS)]
        seen, sent = len(watched.raw), time.monotonic()
        watched.write(letter)
        while letter.encode() not in watched.raw[seen:]:
            watched.read_for(0.05)
            if time.monotonic() - sent > LOST:
                self.lost += 1
                return
        self.delays.append((time.monotonic() - sent) * 1000)
        read_on(watched, self._rng.uniform(0.12, 0.24))


def follow(program: Program, tokens: int, typist: Typist | None = None) -> dict[str, float]:
    """One start, one message, its reply; CPU at each of `LENGTHS` that it reaches."""
    reply, found = PacedReply(tokens), {}
    with tempfile.TemporaryDirectory() as folder, ScriptedEndpoint(default=reply) as endpoint:
        home, base_url = Path(folder), endpoint.base_url
        watched = Watched(program.command(base_url), program.environ(home, base_url), folder=str(ROOT))
        try:
            watched.until(program.ready, timeout=60)
            read_on(watched, SETTLE)
            watched.write("Hello")
            read_on(watched, 1)
            watched.write(program.send)
            wait_for(watched, reply.begun.is_set)
            used, written = cpu_of(watched.pid), len(watched.raw)
            if typist is not None:
                while not reply.ended.is_set():
                    typist.turn(watched)
            for length in LENGTHS:
                if length < tokens:
                    wait_for(watched, lambda length=length: reply.sent >= length)  # type: ignore[misc]
                    found[f"cpu_{length}"] = (cpu_of(watched.pid) - used) / length * 1000
            wait_for(watched, reply.ended.is_set)
            read_on(watched, TAIL)
            found[f"cpu_{tokens}"] = (cpu_of(watched.pid) - used) / tokens * 1000
            written = len(watched.raw) - written
            shown = END in watched.shown()
        finally:
            cost = watched.end()
    return {**found, "bytes_per_token": written / tokens, "peak_mb": cost.peak_mb, "end_shown": shown}


def median_of(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def percentile(values: list[float], share: float = 0.95) -> float:
    return sorted(values)[min(len(values) - 1, round(len(values) * share))]


def measure(programs: list[Program], rounds: int) -> dict[str, Any]:
    runs: dict[str, list[dict[str, float]]] = {program.name: [] for program in programs}
    for _ in range(rounds):
        for program in programs:
            runs[program.name].append(follow(program, LENGTHS[-1]))
    rows: dict[str, Any] = {}
    for program in programs:
        typist = Typist()
        follow(program, TYPED_TOKENS, typist)
        rows[program.name] = {
            **median_of(runs[program.name]),
            "end_shown": all(run["end_shown"] for run in runs[program.name]),
            "key_p95_ms": percentile(typist.delays) if typist.delays else None,
            "keys": len(typist.delays),
            "keys_lost": typist.lost,
        }
    own, *others = (rows[program.name] for program in programs)
    ratios = {at: own[f"cpu_{at}"] / min(other[f"cpu_{at}"] for other in others) for at in LENGTHS}
    return {
        "load": os.getloadavg()[0],
        "rows": rows,
        "cpu_over_best": max(ratios.values()),
        "ratios": ratios,
        "key_p95_ms": own["key_p95_ms"],
        "keys_lost": own["keys_lost"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--peers", action="store_true", help="install other programs and measure them too")
    asked = parser.parse_args()
    programs = [ours(), minimal(), *(program_of(peer) for peer in (install() if asked.peers else ()))]
    found = measure(programs, 1 if asked.quick else 3)
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}; CPU s per 1,000 tokens at {LENGTHS} tokens, key 95th percentile, peak MB")
    for name, row in found["rows"].items():
        cells = " / ".join(f"{row[f'cpu_{at}']:.1f}" for at in LENGTHS)
        key = "none came" if row["key_p95_ms"] is None else f"{row['key_p95_ms']:.0f} ms"
        end = "" if row["end_shown"] else ", the end of the reply was not shown in time"
        print(f"{name:<32} {cells}, {key} ({row['keys']} keys, {row['keys_lost']} lost), {row['peak_mb']:.0f} MB{end}")


if __name__ == "__main__":
    main()

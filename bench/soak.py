"""An automated person at high rate for minutes: edits, sends, switches, resizes; what the app holds over time.

`python -m bench.soak [--minutes 10] [--seed 1] [--svg FILE]`: the real app in a pseudo-terminal against the scripted
endpoint. JSON on standard output: a row every few seconds with memory, open files, threads, unfinished tasks, the
longest stall of the app's loop and the longest echo of a key since the last row. It stops by itself, says on standard
error line by line what held and what did not, and ends with 1 if something did not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import mean, median
from typing import Any

from bench.plot import Line, Panel, svg
from bench.whole_app import LETTERS, LOST
from tests.faults.stage import Hurt, Stage
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Say

SAMPLE = 5.0
"""Seconds between rows."""
REPLY = "Some **bold** words, `code`, and a list:\n\n- one\n- two\n\n```python\nprint('three')\n```\n\n" * 3
AFTER_ESCAPE = 0.25
"""Seconds: a letter that comes sooner after the byte of escape is alt and that letter in every terminal."""
SOON = 3.0
"""Seconds within which a list is there, or gone again when there was something to choose."""
LIST = "Search"
"""Stands in every list."""
BEHIND = "Instructions"
"""Stands where lists open: painted again when one is gone."""
WARM = 0.4
"""The share of the time after which caches are full and memory should stay as it is."""
MOST_GROWTH = 1.5
"""Megabytes a minute: what caches of fixed sizes and the record of ever more threads may still take."""
F6, ENTER, ESCAPE, DOWN, PAGE_UP, PAGE_DOWN = "\x1b[17~", "\r", "\x1b", "\x1b[B", "\x1b[5~", "\x1b[6~"
CTRL_G, CTRL_O, CTRL_R, CTRL_S, CTRL_T = "\x07", "\x0f", "\x12", "\x13", "\x14"


class Person:
    """Acts without pause; every few acts it types a letter into the message box and waits to see it.
    A letter that is not seen there went into what else was open, or came late: it counts as missed, and is looked for
    in what the app kept when it has ended."""

    def __init__(self, program: Hurt, seed: int, only: Sequence[str] = ()) -> None:
        """`only`: names of acts, so that what each of them holds can be told apart."""
        self.program, self.random = program, random.Random(seed)
        self.acts = 0
        self.done: dict[str, int] = {}
        self.echoes: list[float] = []
        self.missed = 0
        self.suspended = 0
        self.typed: list[str] = []
        """How each text begins that was sent."""
        self._ways: list[tuple[Callable[[], Any], int]] = [
            (self.send, 6),
            (self.edit, 5),
            (self.scroll, 3),
            (self.resize, 2),
            (self.switch_assistant, 1),
            (self.switch_thread, 1),
            (self.new_thread, 1),
            (self.fold, 1),
            (self.save, 1),
            (self.echo, 0),
        ]
        if only:
            self._ways = [(way, weight or 1) for way, weight in self._ways if way.__name__ in only]

    def wake(self) -> None:
        """As `fg` does: ctrl+z outside of a text suspends the app."""
        if self.program.state == "T":
            self.suspended += 1
            os.kill(self.program.pid, signal.SIGCONT)
            time.sleep(0.5)

    def act(self) -> None:
        self.wake()
        ways, weights = zip(*self._ways, strict=True)
        way: Callable[[], Any] = self.random.choices(ways, weights)[0]
        way()
        self.acts += 1
        self.done[way.__name__] = self.done.get(way.__name__, 0) + 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.program.write(key)
            self.look(AFTER_ESCAPE if key == ESCAPE else 0.03)

    def look(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.program.read_for(left)
        self.program.raw = self.program.raw[-4096:]

    def send(self) -> None:
        self.typed.append(f"{self.echo()}{len(self.typed)} and")
        self.press(f"{self.typed[-1][1:]} more ", "of it", ENTER)

    def echo(self) -> str:
        letter = LETTERS[(len(self.echoes) + self.missed) % len(LETTERS)]
        self.program.raw = b""
        sent = time.monotonic()
        self.program.write(letter)
        while letter.encode() not in self.program.raw:
            self.program.read_for(0.02)
            if time.monotonic() - sent > LOST:
                self.missed += 1
                self.press(ESCAPE, ESCAPE)
                return letter
        self.echoes.append(time.monotonic() - sent)
        return letter

    def edit(self) -> None:
        """A word into the instructions, which is taken back now and then, so that they do not grow for ever."""
        self.press(F6, f"word{self.acts} ", *(["\x1a"] * 3 if self.random.random() < 0.9 else []), F6, F6)

    def scroll(self) -> None:
        self.press(*self.random.choices((PAGE_UP, PAGE_DOWN), k=3))

    def resize(self) -> None:
        for _ in range(4):
            self.program.resize(self.random.randint(60, 180), self.random.randint(20, 60))
            self.look(0.03)
        self.program.resize(120, 40)
        self.look(0.05)

    def switch_assistant(self) -> None:
        self.choose(CTRL_O, DOWN)

    def switch_thread(self) -> None:
        self.choose(CTRL_R, DOWN, DOWN)

    def choose(self, opens: str, *keys: str) -> None:
        """From a list. One without rows stays open and would take for its search what is typed next."""
        self.see(opens, LIST)
        self.press(*keys)
        if not self.see(ENTER, BEHIND):
            self.press(ESCAPE)

    def see(self, key: str, text: str) -> bool:
        """Whether the key has it painted in time."""
        self.program.raw = b""
        self.program.write(key)
        end = time.monotonic() + SOON
        while text not in self.program.shown():
            if time.monotonic() > end:
                return False
            self.program.read_for(0.02)
        return True

    def new_thread(self) -> None:
        self.press(CTRL_T)
        self.look(0.1)

    def fold(self) -> None:
        """Opening the configuration goes there; f6 twice leads back to the box."""
        self.press(CTRL_G, CTRL_G, F6, F6)

    def save(self) -> None:
        self.press(CTRL_S)


def sample(program: Hurt, person: Person, since: float, before: int) -> dict[str, Any]:
    status = Path(f"/proc/{program.pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    handles, found = program.handles, program.look_inside()
    return {
        "minutes": (time.monotonic() - since) / 60,
        "mb": int(fields["VmRSS"].split()[0]) / 1024,
        "threads": int(fields["Threads"]),
        "handles": sum(handles.values()),
        "tasks": len(found["tasks"]),
        "stall_ms": found["stall"] * 1000,
        "key_ms": max(person.echoes[before:], default=0.0) * 1000,
        **{name: found[name] for name in ("types", "places") if name in found},
    }


def not_kept(stage: Stage, person: Person) -> list[str]:
    """Beginnings of texts that stand in no message, no draft, no queue and no box."""
    kept = ""
    for name in ("workspace", "service"):
        with closing(sqlite3.connect(stage.folder / f"{name}.sqlite3")) as connection:
            kept += "\n".join(connection.iterdump())
    return [text for text in person.typed if text not in kept and json.dumps(text)[1:-1] not in kept]


def soak(folder: Path, minutes: float, seed: int, only: Sequence[str] = (), **environ: str) -> dict[str, Any]:
    def reply(call: Call) -> Say:
        return Say(REPLY, delay=0.005) if isinstance(call.body, dict) and call.body.get("stream") else Say("A title")

    stage, rows = Stage(folder), []
    with ScriptedEndpoint(default=reply) as endpoint:
        stage.settings(endpoint.base_url, more="autosave_delay: 0.5\n")
        program = stage.open(FAULTS_STALLS="1", **environ)
        person = Person(program, seed, only)
        program.meanwhile = person.wake
        try:
            program.look_inside()
            since, next_sample, before = time.monotonic(), time.monotonic() + SAMPLE, 0
            while time.monotonic() < since + minutes * 60:
                person.act()
                if time.monotonic() >= next_sample:
                    rows.append(sample(program, person, since, before))
                    before, next_sample = len(person.echoes), time.monotonic() + SAMPLE
            sent = len(endpoint.posts)
            person.press(ESCAPE, ESCAPE)
            program.leave()
        except EOFError:
            raise RuntimeError(f"it ended: {program.wait_end()}\n{program.shown()[-3000:]}\n{stage.log}") from None
        finally:
            stage.end()
    assert "Traceback" not in stage.log, stage.log
    echoes = sorted(person.echoes) or [0.0]
    return {
        "minutes": minutes,
        "load": os.getloadavg(),
        "acts": person.done,
        "suspended": person.suspended,
        "requests": sent,
        "keys": {
            "count": len(person.echoes),
            "missed": person.missed,
            "not_kept": not_kept(stage, person),
            "median_ms": echoes[len(echoes) // 2] * 1000,
            "p95_ms": echoes[int(len(echoes) * 0.95)] * 1000,
        },
        "rows": rows,
    }


def verdict(found: dict[str, Any]) -> list[tuple[bool, str]]:
    """What must hold, whether it did, and by which figures."""
    rows, keys = found["rows"], found["keys"]
    warm = rows[int(len(rows) * WARM) :]
    early = rows[1 : 1 + len(rows) // 3] or rows
    growth = slope([(row["minutes"], row["mb"]) for row in warm])
    lines = [
        (not keys["not_kept"], f"not_kept: {len(keys['not_kept'])} of {found['acts'].get('send', 0)} texts sent"),
        (not keys["missed"], f"keys not seen within {LOST:g} s: {keys['missed']} of {keys['missed'] + keys['count']}"),
        (not found["suspended"], f"suspended by a key: {found['suspended']} times"),
        (
            growth <= MOST_GROWTH,
            f"memory: {growth:+.2f} MB a minute after the first {warm[0]['minutes']:.1f} minutes"
            f" ({rows[0]['mb']:.0f}, {warm[0]['mb']:.0f}, {rows[-1]['mb']:.0f} MB), at most {MOST_GROWTH:+g}",
        ),
    ]
    for name, what in (("handles", "open files"), ("threads", "threads"), ("tasks", "unfinished tasks")):
        first, last = (median(row[name] for row in some) for some in (early, rows[-len(early) :]))
        lines.append((last <= first + 2, f"{what}: {first:g} early, {last:g} late (medians), at most 2 more"))
    return lines


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line with the least squares; 0 for one point."""
    x, y = (mean(values) for values in zip(*points, strict=True))
    spread = sum((at - x) ** 2 for at, _ in points)
    return sum((at - x) * (value - y) for at, value in points) / spread if spread else 0.0


def picture(found: dict[str, Any]) -> str:
    def line(name: str, key: str) -> Line:
        return Line(name, [(row["minutes"], row[key]) for row in found["rows"]])

    acts = sum(found["acts"].values())
    held = [line("open files", "handles"), line("threads", "threads"), line("unfinished tasks", "tasks")]
    longest = [line("echo of a key", "key_ms"), line("stall of the loop", "stall_ms")]
    return svg(
        f"{found['minutes']:g} minutes of an automated person: {acts:,} acts, {found['requests']:,} requests",
        [
            Panel("Memory (RSS), MB", [line("RSS", "mb")]),
            Panel("Held by the process", held),
            Panel("Longest within 5 s, ms", longest),
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--svg", type=Path, help="where to draw the plot")
    parser.add_argument("--only", nargs="*", default=(), help="names of acts: only these")
    parser.add_argument("--types", action="store_true", help="count objects by type in each row")
    parser.add_argument("--places", action="store_true", help="tell where memory was taken (tracemalloc: slow)")
    asked = parser.parse_args()
    inside = {f"FAULTS_{name.upper()}": "1" for name in ("types", "places") if getattr(asked, name)}
    with tempfile.TemporaryDirectory() as folder:
        found = soak(Path(folder), asked.minutes, asked.seed, asked.only, **inside)
    if asked.svg:
        asked.svg.write_text(picture(found))
    json.dump(found, sys.stdout)
    held = verdict(found)
    print(*(f"{'pass' if ok else 'FAIL'}  {line}" for ok, line in held), sep="\n", file=sys.stderr)
    sys.exit(0 if all(ok for ok, _ in held) else 1)


if __name__ == "__main__":
    main()

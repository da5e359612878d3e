"""Loaded by a program under test before anything else, when this folder is on its path. It does nothing by itself:

- `FAULTS_CLOCK` names a file: the clock of the day is set by as many seconds as stand in it;
- `FAULTS_ANSWER` names a file: SIGUSR1 writes the names of unfinished tasks and of threads into it, and the longest
  delay of the main thread's loop since the last one, in seconds, which is measured when `FAULTS_STALLS` is set;
- `FAULTS_TYPES` adds how many objects there are of each type to that, after a collection, `FAULTS_PLACES` where the
  memory that Python holds was taken, in bytes (tracemalloc).
"""

import asyncio
import collections
import datetime
import gc
import json
import os
import signal
import threading
import time

NAMES = ("CLOCK", "ANSWER", "STALLS", "TYPES", "PLACES")
CLOCK, ANSWER, STALLS, TYPES, PLACES = (os.environ.get(f"FAULTS_{name}") for name in NAMES)
TIME, DATETIME = time.time, datetime.datetime


def offset():
    with open(CLOCK, encoding="ascii") as file:
        return float(file.read() or 0)


class Shifted(DATETIME):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)


class Watch(threading.Thread):
    """Asks the loop for a sign of life again and again, and remembers the longest wait."""

    def __init__(self, loop):
        super().__init__(name="watch", daemon=True)
        self.loop, self.longest, self.looked_into = loop, 0.0, False

    def run(self):
        while not self.loop.is_closed():
            here, asked = threading.Event(), time.monotonic()
            self.looked_into = False
            try:
                self.loop.call_soon_threadsafe(here.set)
            except RuntimeError:
                return
            here.wait()
            if not self.looked_into:
                self.longest = max(self.longest, time.monotonic() - asked)
            time.sleep(0.01)

    def take(self):
        """Counting anew; the looking itself does not count."""
        longest, self.longest, self.looked_into = self.longest, 0.0, True
        return longest


watches = []


def watch():
    if not watches:
        watches.append(Watch(asyncio.get_running_loop()))
        watches[0].start()
    return watches[0]


def types():
    gc.collect()
    kinds = collections.Counter(type(thing) for thing in gc.get_objects())
    return {f"{kind.__module__}.{kind.__qualname__}": count for kind, count in kinds.items() if count > 5}


def places():
    import tracemalloc

    found = tracemalloc.take_snapshot().statistics("traceback")
    return {" < ".join(f"{f.filename}:{f.lineno}" for f in reversed(one.traceback)): one.size for one in found[:150]}


def answer(*_):
    stall = watch().take() if STALLS else 0.0
    tasks = [thing for thing in gc.get_objects() if issubclass(type(thing), asyncio.Task)]
    found = {
        "tasks": sorted(str(getattr(task.get_coro(), "__qualname__", "")) for task in tasks if not task.done()),
        "stall": stall,
        "threads": sorted(thread.name for thread in threading.enumerate()),
    }
    if TYPES:
        found["types"] = types()
    if PLACES:
        found["places"] = places()
    with open(f"{ANSWER}.new", "w", encoding="utf-8") as file:
        json.dump(found, file)
    os.replace(f"{ANSWER}.new", ANSWER)
    if STALLS:
        watch().longest = 0.0
        watch().looked_into = True


if CLOCK:
    time.time = lambda: TIME() + offset()
    time.time_ns = lambda: int(time.time() * 1e9)
    datetime.datetime = Shifted
if ANSWER:
    signal.signal(signal.SIGUSR1, answer)
if PLACES:
    import tracemalloc

    tracemalloc.start(4)

"""Loaded by a program under test before anything else, when this folder is on its path. It does nothing by itself:

- `FAULTS_CLOCK` names a file: the clock of the day is set by as many seconds as stand in it;
- `FAULTS_ANSWER` names a file: SIGUSR1 writes the names of unfinished tasks and of threads into it.
"""

import asyncio
import datetime
import gc
import json
import os
import signal
import threading
import time

CLOCK, ANSWER = os.environ.get("FAULTS_CLOCK"), os.environ.get("FAULTS_ANSWER")
TIME, DATETIME = time.time, datetime.datetime


def offset():
    with open(CLOCK, encoding="ascii") as file:
        return float(file.read() or 0)


class Shifted(DATETIME):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)


def answer(*_):
    tasks = [thing for thing in gc.get_objects() if issubclass(type(thing), asyncio.Task)]
    found = {
        "tasks": sorted(str(getattr(task.get_coro(), "__qualname__", "")) for task in tasks if not task.done()),
        "threads": sorted(thread.name for thread in threading.enumerate()),
    }
    with open(f"{ANSWER}.new", "w", encoding="utf-8") as file:
        json.dump(found, file)
    os.replace(f"{ANSWER}.new", ANSWER)


if CLOCK:
    time.time = lambda: TIME() + offset()
    time.time_ns = lambda: int(time.time() * 1e9)
    datetime.datetime = Shifted
if ANSWER:
    signal.signal(signal.SIGUSR1, answer)

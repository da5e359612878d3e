"""The real app on a real workspace and its carried service, in this process and without a terminal; for benchmarks that
count what its loop does. What `tui/app.py` sets for a start is set here too."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from textual import events
from textual.app import App
from textual.pilot import Pilot

from playground_tui.service.config import ServiceConfig
from playground_tui.service.service import Service
from playground_tui.service.shapes import new_assistant
from playground_tui.service.store import ASSISTANTS, Connection, objects
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.model import Settings
from playground_tui.settings.paths import Paths, find_paths
from playground_tui.tui.app import TURN
from playground_tui.tui.playground import PlaygroundApp
from playground_tui.workspace.workspace import Workspace

SIZE = (120, 40)
BEAT = 0.001


SETTLED, STILL, MOST = 0.05, 0.5, 2.0
"""A key is done once so many seconds cost the loop less than so many milliseconds; after so many seconds at most."""


async def loop_ms(app: App[Any], *keys: str) -> float:
    """CPU milliseconds of the screen's thread for these keys, each with its painting. What other threads and programs
    do is not in it, and nothing of Textual's `Pilot`, which calls every widget of the screen for each key."""
    spent = 0.0
    for key in keys:
        end = time.monotonic() + MOST
        began = last = time.thread_time()
        app.post_message(events.Key(key, " " if key == "space" else key if len(key) == 1 else None))
        while time.monotonic() < end:
            await asyncio.sleep(SETTLED)
            before, last = last, time.thread_time()
            if (last - before) * 1000 < STILL:
                break
        spent += last - began
    return spent * 1000


@dataclass
class Opened:
    app: PlaygroundApp
    pilot: Pilot[int]
    workspace: Workspace

    async def until(self, condition: Callable[[], Any], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the condition did not come true")
            await self.pilot.pause(0.005)

    async def loop_ms(self, *keys: str) -> float:
        return await loop_ms(self.app, *keys)


@asynccontextmanager
async def open_app(home: Path) -> AsyncIterator[Opened]:
    """Connected, with all it fetches at its start."""
    gc.disable()
    sys.setswitchinterval(TURN)
    paths = find_paths(home)
    paths.make()
    settings = SettingsStore(paths)
    workspace = Workspace(paths, settings, KeyRing(), environ={})
    app = PlaygroundApp(workspace, paths, settings)
    try:
        async with app.run_test(size=SIZE) as pilot:
            opened = Opened(app, pilot, workspace)
            await opened.until(lambda: app._is_loaded)
            yield opened
    finally:
        await workspace.close()
        gc.unfreeze()


class Hold(NamedTuple):
    """Milliseconds that the loop did not come round, at the most."""

    wall: float
    """By the clock: other programs and threads are in it."""
    cpu: float
    """Of the loop's own thread."""


async def longest_hold(work: Awaitable[Any]) -> Hold:
    """While `work` went on."""
    longest = Hold(0.0, 0.0)

    async def beat() -> None:
        nonlocal longest
        last, cpu_last = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(BEAT)
            now, cpu = time.perf_counter(), time.thread_time()
            longest = Hold(max(longest.wall, now - last - BEAT), max(longest.cpu, cpu - cpu_last))
            last, cpu_last = now, cpu

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0.02)
    longest = Hold(0.0, 0.0)
    await work
    await asyncio.sleep(0.02)
    beating.cancel()
    return Hold(longest.wall * 1000, longest.cpu * 1000)


async def fill_service(home: Path, write: Callable[[Connection], None]) -> None:
    """Put objects into the service's store as its own routes would."""
    paths: Paths = find_paths(home)
    paths.make()
    service = Service(ServiceConfig(paths, Settings, lambda provider: None))
    await service.start()
    try:
        await service.db.write(write)
    finally:
        await service.close(1)


def add_assistants(bodies: Iterable[Mapping[str, Any]]) -> Callable[[Connection], None]:
    def write(conn: Connection) -> None:
        for number, body in enumerate(bodies):
            objects.insert(conn, ASSISTANTS, new_assistant(dict(body), 1_700_000_000 + number))

    return write

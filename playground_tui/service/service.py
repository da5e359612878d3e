"""The service without HTTP: who owns the database, the runs and the engines, and in which order they start and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, Protocol

from playground_tui.service.config import ServiceConfig
from playground_tui.service.engines.base import Engine
from playground_tui.service.errors import ApiError
from playground_tui.service.files.library import Library
from playground_tui.service.models import ModelCatalogue
from playground_tui.service.store import Database, runs
from playground_tui.settings.model import Provider

CANCEL_PATIENCE: Final = 5.0
"""Seconds a run has to end before its thread is deleted."""
log = logging.getLogger("playground_tui.service")


class Engines(Protocol):
    def get(self, provider: Provider) -> Engine: ...
    async def aclose(self) -> None: ...


class RunHandle(Protocol):
    run: dict[str, Any]

    def events(self, *, progress: bool = False) -> AsyncIterator[bytes]: ...


class Runs(Protocol):
    """What the routes ask of the run manager. Every method but `close` may raise `ApiError`."""

    async def create(
        self,
        thread_id: str,
        body: dict[str, Any],
        *,
        stream: bool,
        thread_created: dict[str, Any] | None = None,
        contents: bool = False,
    ) -> RunHandle: ...
    async def cancel(self, thread_id: str, run_id: str) -> dict[str, Any]: ...
    async def submit(self, thread_id: str, run_id: str, outputs: Sequence[dict[str, Any]]) -> RunHandle: ...
    async def follow(self, thread_id: str, run_id: str, *, progress: bool = False) -> AsyncIterator[bytes]: ...
    async def settle(self, thread_id: str) -> None: ...
    async def recover(self) -> None: ...
    async def close(self, grace: float) -> None: ...


class Service:
    """Belongs to one event loop. `start` before the first request, `close` after the last."""

    runs: Runs

    def __init__(
        self,
        config: ServiceConfig,
        *,
        engines: Engines | None = None,
        make_runs: Callable[[Service], Runs] | None = None,
    ) -> None:
        self.config = config
        self.db = Database(config.paths.service_db)
        self.library = Library(self.db, config)
        self.engines = engines or _engine_pool(config)
        self.models = ModelCatalogue(self.engines, config.settings)
        self._make_runs = make_runs or _run_manager

    async def start(self) -> None:
        """Raises OSError, `StoreError`, `SchemaTooNew`."""
        self.config.paths.make()
        await self.db.open()
        self.runs = self._make_runs(self)
        await self.runs.recover()
        await self.library.start()

    async def close(self, grace: float, hurry: asyncio.Event | None = None) -> None:
        """Give active runs `grace` seconds to end, or until `hurry` is set; what is active then is left for the next
        start to find."""
        try:
            if hasattr(self, "runs"):
                await self._end_runs(grace, hurry or asyncio.Event())
            await self.library.close()
            await self.engines.aclose()
        finally:
            await self.db.close()

    async def _end_runs(self, grace: float, hurry: asyncio.Event) -> None:
        ending = asyncio.ensure_future(self.runs.close(grace))
        hurried = asyncio.ensure_future(hurry.wait())
        await asyncio.wait((ending, hurried), return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if ending.done():
            ending.result()
            return
        ending.cancel()
        await asyncio.wait((ending,))
        await self.runs.close(0)

    def now(self) -> int:
        return int(self.config.clock())

    async def end_active_run(self, thread_id: str) -> None:
        """Cancel the thread's run, if one is active, and wait until it is over. Raises 409 when it does not end."""
        await self.runs.settle(thread_id)
        run = await self.db.read(lambda conn: runs.active_run(conn, thread_id))
        if run is None:
            return
        with contextlib.suppress(ApiError):  # it ended by itself meanwhile
            await self.runs.cancel(thread_id, run["id"])
        deadline = time.monotonic() + CANCEL_PATIENCE
        while await self.db.read(lambda conn: runs.active_run(conn, thread_id)):
            if time.monotonic() > deadline:
                message = f"Thread {thread_id} still has an active run {run['id']}; it is being cancelled. Try again."
                raise ApiError(409, message, code="run_active")
            await asyncio.sleep(0.02)


def _engine_pool(config: ServiceConfig) -> Engines:
    from playground_tui.service.engines.pool import EnginePool

    return EnginePool(key=config.key, key_refused=config.key_refused)


def _run_manager(service: Service) -> Runs:
    from playground_tui.service.files.tool import FileSearch
    from playground_tui.service.runs.manager import RunManager

    library = service.library
    tools = {FileSearch.type: FileSearch(library)}
    return RunManager(
        service.db, service.config, service.engines, tools=tools, files=library, attached=library.indexer.wake
    )

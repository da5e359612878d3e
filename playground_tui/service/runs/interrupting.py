"""A task that may be told to stop, and hears it only where it waits for the world outside: never while it stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from playground_tui.service.runs.means import Stopped, StopReason

T = TypeVar("T")


class Interruptible:
    def __init__(self) -> None:
        self._reason: StopReason | None = None
        self._listening = False
        self._task: asyncio.Task[None] | None = None

    def start(self, doing: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        self._task = asyncio.create_task(doing, name=name)
        return self._task

    def stop(self, reason: StopReason) -> None:
        """The first reason counts."""
        if self._reason is None:
            self._reason = reason
            if self._listening and self._task is not None:
                self._task.cancel()

    def check(self) -> None:
        """Raises `Stopped`."""
        if self._reason is not None:
            raise Stopped(self._reason)

    async def waits(self, waiting: Awaitable[T]) -> T:
        """Await it; `Stopped` is raised when `stop` comes before or meanwhile."""
        if self._reason is not None:
            if isinstance(waiting, Coroutine):
                waiting.close()
            raise Stopped(self._reason)
        self._listening = True
        try:
            result = await waiting
        except asyncio.CancelledError:
            if self._reason is None or self._task is None:
                raise
            self._task.uncancel()
            raise Stopped(self._reason) from None
        finally:
            self._listening = False
        self.check()
        return result

    @asynccontextmanager
    async def undisturbed(self) -> AsyncIterator[None]:
        """Inside `waits`: what must not be torn apart. Raises `Stopped` afterwards."""
        self._listening = False
        yield
        self._listening = True
        self.check()

"""Other apps on this home: a look, every few seconds, whether the database was written to. It costs one pragma."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from playground_tui.workspace.clock import Clock, Handle
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.store import Database

LOOK_SECONDS: Final = 2.0


class Neighbours:
    def __init__(self, db: Database, clock: Clock, take_up: Callable[[], Awaitable[None]]) -> None:
        """`take_up` is called after any write but those it makes itself, also one of this app's: which it was, SQLite
        does not tell."""
        self._db = db
        self._clock = clock
        self._take_up = take_up
        self._seen = self._version()
        self._look: Handle | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """From now on."""
        if self._look is None:
            self._look = self._clock.call_later(LOOK_SECONDS, self._look_now)

    async def close(self) -> None:
        if self._look is not None:
            self._look.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _look_now(self) -> None:
        self._look = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look_once())
        self.watch()

    async def _look_once(self) -> None:
        try:
            version = self._version()
            if version != self._seen:
                self._seen = version
                await self._take_up()
        except Exception as error:
            failure_of(error)  # the next look may work; it is in the log

    def _version(self) -> int:
        return int(self._db.read_now(lambda conn: conn.execute("PRAGMA data_version").fetchone()[0]))

"""Other apps on this home: a look, every few seconds, whether the database was written to. It costs one pragma."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from playground_tui.workspace.clock import Clock, Handle, until_beat
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.store import Database


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
            self._look = self._clock.call_later(until_beat(self._clock), self._look_now)

    async def close(self) -> None:
        if self._look is not None:
            self._look.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _look_now(self) -> None:
        self._look = None
        self.watch()
        if self._task is not None and not self._task.done():
            return
        try:
            version = self._version()
        except Exception as error:
            failure_of(error)  # the next look may work; it is in the log
            return
        if version != self._seen:
            self._seen = version
            self._task = asyncio.get_running_loop().create_task(self._take_up_now())

    async def _take_up_now(self) -> None:
        try:
            await self._take_up()
        except Exception as error:
            failure_of(error)  # after the next write it is tried again

    def _version(self) -> int:
        return int(self._db.read_now(lambda conn: conn.execute("PRAGMA data_version").fetchone()[0]))

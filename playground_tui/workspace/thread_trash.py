"""Threads that were deleted and may come back. The server keeps them until the program is closed: only then are they
deleted there, so that an undo brings back the very thread, with its runs, files and ids. What a crash, an absent
server or a change to another server left in the trash is deleted at a later start, once it is an hour old."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.store import threads as table

log = logging.getLogger("playground_tui.workspace.threads")

LEFT_OVER: Final = 3600.0
"""Seconds after which a later start deletes what is still there; another program on this home may offer an undo."""
LAST_SECONDS: Final = 3.0
"""That closing waits for the server."""


class ThreadTrash:
    def __init__(self, context: ChatContext, delete: Callable[[str], Awaitable[None]]) -> None:
        """`delete` deletes a thread for good, on the server and here; may raise."""
        self._context, self._delete = context, delete
        server = context.server
        self._at = context.store.read_now(lambda conn: table.trashed(conn, server))
        self._mine: set[str] = set()

    def __contains__(self, thread_id: object) -> bool:
        return thread_id in self._at

    @property
    def ids(self) -> tuple[str, ...]:
        """Last deleted first."""
        return tuple(sorted(self._at, key=lambda i: -self._at[i]))

    async def put(self, thread_ids: Sequence[str]) -> None:
        """Raises StoreError."""
        server, now = self._context.server, self._now()
        await self._context.store.write(lambda conn: table.put_in_trash(conn, server, thread_ids, now))
        self._at.update(dict.fromkeys(thread_ids, now))
        self._mine.update(thread_ids)

    async def restore(self, thread_ids: Sequence[str]) -> None:
        """Raises StoreError."""
        server = self._context.server
        await self._context.store.write(lambda conn: table.take_from_trash(conn, server, thread_ids))
        for thread_id in thread_ids:
            self._at.pop(thread_id, None)
            self._mine.discard(thread_id)

    async def empty(self, thread_ids: Sequence[str]) -> None:
        """Delete for good; what the server does not delete now stays in the trash. Never raises."""
        for thread_id in thread_ids:
            try:
                await self._delete(thread_id)
            except Exception as error:
                log.info("a deleted thread could not be deleted on the server: %s", failure_of(error).kind)
                continue
            self._at.pop(thread_id, None)
            self._mine.discard(thread_id)

    async def empty_left_over(self) -> None:
        """At a start: what an earlier session left. Never raises."""
        before = self._now() - LEFT_OVER
        await self.empty([i for i, at in self._at.items() if at <= before and i not in self._mine])

    async def close(self) -> None:
        """Delete what was put here in this session, as far as the server answers in time."""
        if not self._mine:
            return
        task = asyncio.ensure_future(self.empty(tuple(self._mine)))
        await asyncio.wait({task}, timeout=LAST_SECONDS)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})

    def _now(self) -> float:
        return self._context.clock.now().timestamp()

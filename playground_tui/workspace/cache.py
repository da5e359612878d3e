"""The server's assistants on this machine, in TinyDB, one file per server; so that lists and forms open at once and
offline. Everything in it can be fetched again: a damaged file is put aside and rebuilt from the server.

All work is done on one thread of its own. Processes on one home take turns by an OS lock, and each write starts from
what is on disk, so that no process undoes another's.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from playground_tui.workspace.cache_file import AssistantFile, Docs

T = TypeVar("T")
LOCK_SECONDS: Final = 10.0


class AssistantCache:
    """Raises OSError from every method where the disk refuses, and `filelock.Timeout` (a TimeoutError) when another
    process keeps the lock. Import of tinydb happens on the thread."""

    def __init__(self, folder: Path, server: str) -> None:
        self.path = folder / f"assistants-{_file_part(server)}.json"
        self._pool = ThreadPoolExecutor(1, "workspace-cache")
        self._db: AssistantFile | None = None

    async def read(self) -> Docs:
        """Assistant id → document. Not to be changed by the caller."""
        return await self._do(self._read)

    async def put(self, docs: Iterable[Mapping[str, Any]]) -> None:
        """Add or replace documents, by their `id`."""
        fresh = {str(doc["id"]): dict(doc) for doc in docs}
        await self._do(lambda: self._change(lambda docs: docs.update(fresh)))

    async def remove(self, assistant_id: str) -> None:
        def update(docs: Docs) -> None:
            docs.pop(assistant_id, None)

        await self._do(lambda: self._change(update))

    async def replace(self, docs: Mapping[str, Mapping[str, Any]], keep: Iterable[str] = ()) -> None:
        """Make it what the server listed; documents with ids in `keep` stay as they are (they are newer)."""
        kept = set(keep)

        def update(have: Docs) -> None:
            newer = {doc_id: doc for doc_id, doc in have.items() if doc_id in kept}
            same = {doc_id: have[doc_id] for doc_id, doc in docs.items() if have.get(doc_id) == doc}
            have.clear()
            have.update({doc_id: dict(doc) for doc_id, doc in docs.items() if doc_id not in kept} | same | newer)

        await self._do(lambda: self._change(update))

    async def take_damaged(self) -> Path | None:
        """The file that had to be put aside, told once."""

        def take() -> Path | None:
            file = self._opened().file
            found, file.damaged = file.damaged, None
            return found

        return await self._do(take)

    async def close(self) -> None:
        await asyncio.to_thread(self._pool.shutdown)

    # -- on the thread -------------------------------------------------------------------------------------------------

    async def _do(self, fn: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, fn)

    def _opened(self) -> AssistantFile:
        if self._db is None:
            from playground_tui.workspace.cache_file import AssistantFile

            self._db = AssistantFile(self.path)
            with self._lock():
                self._db.file.sweep()
        return self._db

    def _lock(self) -> AbstractContextManager[object]:
        from filelock import FileLock

        return FileLock(f"{self.path}.lock", timeout=LOCK_SECONDS)

    def _read(self) -> Docs:
        return self._opened().assistants.documents()

    def _change(self, update: Callable[[Docs], None]) -> None:
        """One read, change and write, with the other processes kept out."""
        db = self._opened()
        with self._lock():
            db.assistants.change(update)


def _file_part(server: str) -> str:
    """A name that every file system takes, and that differs where the server's does."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", server)[:40] or "server"
    return readable if readable == server else f"{readable}-{hashlib.sha256(server.encode()).hexdigest()[:8]}"

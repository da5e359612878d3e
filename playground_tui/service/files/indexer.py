"""Makes files in vector stores searchable, one after the other, off the loop.

What it is at work on is written down: a service that dies leaves its files to the next one that starts. Whoever
cancels, deletes or adds a file anew wins over the passages that were being made of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

from playground_tui.limits.file_bodies import MAX_FILE_TOKENS
from playground_tui.service.errors import ApiError
from playground_tui.service.files.extractor import ExtractionError, Extractor
from playground_tui.service.files.words import indexed
from playground_tui.service.runs.ownership import Ownership
from playground_tui.service.store import Database, chunks, store_files
from playground_tui.service.store.chunks import Passage
from playground_tui.service.store.store_files import Job

BATCH: Final = 32
"""Passages stored in one transaction."""
LOOK: Final = 5.0
"""Seconds between looks at files that another service is at work on, and after trouble with the database."""
POLL: Final = 0.05
"""Seconds between looks while someone waits for files."""
log = logging.getLogger("playground_tui.service.files")


class _Unwanted(Exception):
    """The file was cancelled, deleted or added anew meanwhile."""


class Indexer:
    def __init__(
        self, db: Database, path_of: Callable[[str], Path | None], locks: Path, extractor: Extractor | None = None
    ) -> None:
        self._db, self._path_of = db, path_of
        self._ownership = Ownership(locks)
        self._extractor = extractor or Extractor()
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Raises OSError."""
        self._ownership.take()
        self._task = asyncio.create_task(self._work(), name="index files")

    def wake(self) -> None:
        """There are new files, or passages to drop."""
        self._more.set()

    async def ready(self, store_ids: Sequence[str], patience: float) -> int:
        """Wait until no file of the stores is being indexed. Returns how many still are after `patience` seconds."""
        deadline = asyncio.get_running_loop().time() + patience
        while left := await self._db.read(lambda conn: store_files.count_in_progress(conn, store_ids)):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(POLL)
        return left

    async def close(self) -> None:
        """What is half indexed is left to the next start."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._extractor.close()
        with contextlib.suppress(ApiError):
            await self._db.write(lambda conn: store_files.disown(conn, self._ownership.id))
        self._ownership.release()

    # -- the task ------------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            self._more.clear()
            try:
                others = await self._take_over()
                while job := await self._next():
                    await self._index(job)
                while await self._drop_garbage():
                    pass
            except ApiError as trouble:
                log.warning("indexing waits: %s", trouble.code)
                others = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK if others else None):
                    await self._more.wait()

    async def _take_over(self) -> bool:
        """Files of services that are gone. True: living ones are at work too."""
        owners = await self._db.read(store_files.owners)
        dead = [owner for owner in owners if owner != self._ownership.id and not self._ownership.is_alive(owner)]
        for owner in dead:
            await self._disown(owner)
        return bool(owners - {*dead, self._ownership.id})

    async def _disown(self, owner: str) -> None:
        await self._db.write(lambda conn: store_files.disown(conn, owner))

    async def _next(self) -> Job | None:
        if not await self._db.read(store_files.has_work):
            return None
        return await self._db.write(lambda conn: store_files.claim(conn, self._ownership.id))

    async def _drop_garbage(self) -> bool:
        if not await self._db.read(chunks.has_garbage):
            return False
        return await self._db.write(chunks.drop_garbage, durable=False)

    # -- one file ------------------------------------------------------------------------------------------------------

    async def _index(self, job: Job) -> None:
        try:
            count, used = await self._store_passages(job)
            await self._db.write(lambda conn: store_files.finish(conn, job, count, used))
        except _Unwanted:
            log.info("file %s is no longer wanted in its store", job.file_id)
        except ExtractionError as error:
            await self._fail(job, error.code, str(error))
        except ApiError:
            await self._disown(self._ownership.id)
            raise
        except Exception as error:
            log.error("file %s could not be indexed: %s", job.file_id, type(error).__name__)
            await self._fail(job, "server_error", f"The service failed at reading it ({type(error).__name__}).")

    async def _fail(self, job: Job, code: str, message: str) -> None:
        await self._db.write(lambda conn: store_files.fail(conn, job, code, message))

    async def _store_passages(self, job: Job) -> tuple[int, int]:
        """(passages, bytes of them). Raises `ExtractionError`, `_Unwanted`, `StoreError`."""
        path = self._path_of(job.file_id)
        if path is None:
            raise ExtractionError("Its content is not there.")
        batch: list[Passage] = []
        count = used = tokens = 0
        async with aclosing(self._extractor.chunks(path, job.name, job.size, job.overlap)) as found:
            async for chunk in found:
                batch.append(_passage(count, chunk))
                count, used = count + 1, used + len(chunk["text"].encode("utf-8", "replace"))
                tokens += max(1, chunk["tokens"] - (job.overlap if count > 1 else 0))
                if tokens > MAX_FILE_TOKENS:
                    raise ExtractionError(f"It has more than {MAX_FILE_TOKENS:,} tokens.", "invalid_file")
                if len(batch) >= BATCH:
                    batch = await self._store(job, batch)
        await self._store(job, batch)
        return count, used

    async def _store(self, job: Job, batch: list[Passage]) -> list[Passage]:
        def add(conn: Any) -> None:
            if not store_files.is_wanted(conn, job):
                raise _Unwanted
            chunks.add(conn, job.store_id, job.doc, batch)

        await self._db.write(add, durable=False)
        return []


def _passage(n: int, chunk: dict[str, Any]) -> Passage:
    text = chunk["text"].encode("utf-8", "replace").decode()  # half a surrogate pair cannot be stored
    return Passage(n, chunk["start"], tuple((at, page) for at, page in chunk["pages"]), text, indexed(text))

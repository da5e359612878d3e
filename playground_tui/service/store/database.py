"""One SQLite file, one writer thread, a few reader threads.

What waits to be written is taken together into one transaction (group commit), each function in a savepoint of its
own: it fails alone, and its caller hears of success only after the commit is on disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from playground_tui.service.errors import StoreError
from playground_tui.service.store.migrations import migrate

Connection = sqlite3.Connection
T = TypeVar("T")
log = logging.getLogger("playground_tui.service.store")

BUSY_TIMEOUT: Final = 5.0
"""Seconds to wait for another process's transaction."""
MOST_AT_ONCE: Final = 256
"""Functions in one transaction."""


@dataclass(slots=True)
class _Write:
    function: Callable[[Connection], Any]
    done: asyncio.Future[Any]
    durable: bool
    result: Any = None
    error: BaseException | None = None


class Database:
    """Belongs to the event loop that opened it: every method is called there. The functions given to `write` and
    `read` run on other threads: they may touch nothing but their connection and values that stay as they are."""

    def __init__(self, path: Path, *, readers: int = 2) -> None:
        self.path = path
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(readers, "service-read")
        self._local = threading.local()
        self._readers: list[Connection] = []

    async def open(self) -> None:
        """Create or migrate the file and start the writer. Raises `StoreError`, `SchemaTooNew`, OSError."""
        self._loop = asyncio.get_running_loop()
        opened = self._loop.create_future()
        self._thread = threading.Thread(target=self._writer, args=(opened,), name="service-write", daemon=True)
        self._thread.start()
        try:
            await opened
        except BaseException:
            self._thread = None  # it ended: what is written from now on must fail, not wait for it
            raise

    def write(self, function: Callable[[Connection], T], *, durable: bool = True) -> asyncio.Future[T]:
        """Run `function(conn)` in a transaction; done once committed. What it raises undoes it and is raised here.

        Writes are done in the order of the calls, also when nobody waits for them or the waiting task is cancelled.
        `durable=False` survives the end of the process but perhaps not a power cut; it costs no fsync.
        Raises `StoreError` when the database cannot take it."""
        done: asyncio.Future[T] = self._loop.create_future()
        if self._thread is None:
            done.set_exception(_closing())
        else:
            self._queue.put(_Write(function, done, durable))
        return done

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run `function(conn)` on a read-only connection; it sees everything committed so far. Raises `StoreError`."""
        if self._thread is None:
            raise _closing()
        try:
            return await self._loop.run_in_executor(self._pool, self._read, function)
        except sqlite3.Error as error:
            raise _store_error(error) from error

    async def close(self) -> None:
        """Do what is queued, then close the file."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(thread.join)
        await asyncio.to_thread(self._pool.shutdown)
        for conn in self._readers:
            conn.close()

    # -- reader threads ------------------------------------------------------------------------------------------------

    def _read(self, function: Callable[[Connection], T]) -> T:
        conn: Connection | None = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._local.conn = self._connect()
            conn.execute("PRAGMA query_only = ON")
            self._readers.append(conn)
        return function(conn)

    def _connect(self) -> Connection:
        conn = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        conn.execute("PRAGMA foreign_keys = ON")
        return conn

    # -- the writer thread ---------------------------------------------------------------------------------------------

    def _writer(self, opened: asyncio.Future[None]) -> None:
        try:
            conn = self._prepare()
        except BaseException as error:
            failure = _store_error(error) if isinstance(error, sqlite3.Error) else error
            self._tell(_settle, opened, None, failure)
            return
        self._tell(_settle, opened, None, None)
        with contextlib.closing(conn):
            synchronous = True
            while batch := self._take():
                durable = any(write.durable for write in batch)
                if durable != synchronous:
                    conn.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                    synchronous = durable
                _commit(conn, batch)
                self._tell(_settle_all, batch)

    def _prepare(self) -> Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        conn = self._connect()
        try:
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA synchronous = FULL")
            migrate(conn)
        except BaseException:
            conn.close()
            raise
        return conn

    def _take(self) -> list[_Write]:
        """Wait for a write, then take all that wait as well. Empty: the end."""
        first = self._queue.get()
        if first is None:
            return []
        batch = [first]
        while len(batch) < MOST_AT_ONCE:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            batch.append(more)
        return batch

    def _tell(self, function: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(function, *args)


def _commit(conn: Connection, batch: list[_Write]) -> None:
    try:
        conn.execute("BEGIN IMMEDIATE")
        for write in batch:
            _run(conn, write)
        conn.execute("COMMIT")
    except sqlite3.Error as error:
        if conn.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                conn.execute("ROLLBACK")
        failure = _store_error(error)
        log.error("a transaction of %d writes failed: %s", len(batch), failure.code)
        for write in batch:
            write.error = write.error or failure


def _run(conn: Connection, write: _Write) -> None:
    conn.execute("SAVEPOINT one")
    try:
        write.result = write.function(conn)
    except BaseException as error:
        write.error = _store_error(error) if isinstance(error, sqlite3.Error) else error
        conn.execute("ROLLBACK TO one")  # fails when SQLite has already undone all (disk full): then all fail
    conn.execute("RELEASE one")


def _settle_all(batch: list[_Write]) -> None:
    for write in batch:
        _settle(write.done, write.result, write.error)


def _settle(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.done():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)


def _closing() -> StoreError:
    return StoreError("The service is closing.", code="service_closing")


def _store_error(error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError("The service's database is in use by another process; try again.", code="store_busy")
    if name.startswith("SQLITE_FULL"):
        return StoreError("The disk of the service's database is full; nothing was stored.", code="store_full")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreError("The service's database is damaged.", code="store_damaged")
    return StoreError(f"The service's database failed ({name or type(error).__name__}).", code="store_failed")

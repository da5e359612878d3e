"""One SQLite file (WAL, full sync): reads on the calling thread or on a thread beside it, writes on one writer thread.

What waits to be written goes into one transaction (group commit), each function in a savepoint of its own. A write is
confirmed only after its commit is on disk. Functions given here run on other threads: they touch nothing but their
connection and values that do not change. Nothing here logs what is stored.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from playground_tui.workspace.store.migrations import migrate

Connection = sqlite3.Connection
T = TypeVar("T")
log = logging.getLogger("playground_tui.workspace.store")

BUSY_TIMEOUT: Final = 5.0
"""Seconds to wait for another process's transaction."""


class StoreError(Exception):
    """The store could not be read or written. The message has no contents."""


@dataclass(slots=True)
class _Write:
    fn: Callable[[Connection], Any]
    done: Future[Any]
    result: Any = None
    error: BaseException | None = None


class Database:
    """Safe to use from any thread. Opening it creates or migrates the file, synchronously, in a few milliseconds.
    Raises `StoreError`, `NewerStoreError`, OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._conn = _connect(path)
            migrate(self._conn)
        except sqlite3.Error as error:
            raise StoreError(f"The workspace's database {path} cannot be opened: {error}.") from error
        self._lock = threading.RLock()
        self._beside: Connection | None = None
        self._beside_lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._closed = False

    # -- reading -------------------------------------------------------------------------------------------------------

    def read_now(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` here and now; for reads of a few rows. Sees what is committed. Raises `StoreError`."""
        with self._lock:
            return _read(self._conn, fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` on another thread; for searches and long lists. Raises `StoreError`."""
        return await asyncio.to_thread(self._read_beside, fn)

    def _read_beside(self, fn: Callable[[Connection], T]) -> T:
        with self._beside_lock:
            if self._beside is None:
                self._beside = _connect(self.path)
            return _read(self._beside, fn)

    # -- writing -------------------------------------------------------------------------------------------------------

    def submit(self, fn: Callable[[Connection], T]) -> Future[T]:
        """Queue `fn(conn)`; may be called from a signal handler. The future is done once the commit is on disk.
        Writes are done in the order of the calls."""
        done: Future[T] = Future()
        if self._closed:
            done.set_exception(StoreError("The workspace is closed."))
            return done
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_on, name="workspace-write", daemon=True)
            self._writer.start()
        self._queue.put(_Write(fn, done))
        return done

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` in a transaction and wait for it to be on disk. What it raises undoes it and is raised here.
        Goes through even if the waiting task is cancelled. Raises `StoreError`."""
        return await asyncio.wrap_future(self.submit(fn))

    async def written(self) -> None:
        """Wait until all that was queued before is on disk, so that the next read sees it. Raises `StoreError`."""
        if self._writer is not None:
            await self.write(lambda conn: None)

    def flush(self, timeout: float | None = None) -> None:
        """Wait, blocking, until all that was queued before is on disk. Raises TimeoutError after `timeout` seconds."""
        if self._writer is not None and not self._closed:
            self.submit(lambda conn: None).result(timeout)

    def close(self) -> None:
        """Write what is queued, then close the file. Idempotent."""
        if self._closed:
            return
        self._closed = True
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join()
        with self._lock, self._beside_lock:
            self._conn.close()
            if self._beside is not None:
                self._beside.close()

    # -- the writer thread ---------------------------------------------------------------------------------------------

    def _write_on(self) -> None:
        conn = _connect(self.path)
        try:
            while batch := self._take():
                _commit(conn, batch)
                for write in batch:
                    _settle(write)
        finally:
            conn.close()

    def _take(self) -> list[_Write]:
        """Wait for a write, then take all that wait as well. Empty: the end."""
        first = self._queue.get()
        if first is None:
            return []
        batch = [first]
        with suppress(queue.Empty):
            while (more := self._queue.get_nowait()) is not None:
                batch.append(more)
            self._queue.put(None)
        return batch


def _connect(path: Path) -> Connection:
    conn = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA foreign_keys = ON")
    return conn


def _read(conn: Connection, fn: Callable[[Connection], T]) -> T:
    try:
        return fn(conn)
    except sqlite3.Error as error:
        raise StoreError(f"The workspace's database cannot be read: {error}.") from error


def _commit(conn: Connection, batch: list[_Write]) -> None:
    try:
        conn.execute("BEGIN IMMEDIATE")
        for write in batch:
            _run(conn, write)
        conn.execute("COMMIT")
    except sqlite3.Error as error:
        if conn.in_transaction:
            with suppress(sqlite3.Error):
                conn.execute("ROLLBACK")
        log.error("a transaction of %d writes failed: %s", len(batch), error)
        for write in batch:
            write.error = write.error or _store_error(error)


def _run(conn: Connection, write: _Write) -> None:
    conn.execute("SAVEPOINT one")
    try:
        write.result = write.fn(conn)
    except sqlite3.Error as error:
        write.error = _store_error(error)
    except BaseException as error:
        write.error = error
    if write.error is not None:
        conn.execute("ROLLBACK TO one")  # raises when SQLite has undone all by itself (disk full): then all fail
    conn.execute("RELEASE one")


def _store_error(error: sqlite3.Error) -> StoreError:
    return StoreError(f"The workspace's database cannot be written: {error}.")


def _settle(write: _Write) -> None:
    if not write.done.set_running_or_notify_cancel():
        return
    if write.error is not None:
        write.done.set_exception(write.error)
    else:
        write.done.set_result(write.result)

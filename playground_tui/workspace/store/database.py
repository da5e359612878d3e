"""One SQLite file (WAL, full sync): reads on the calling thread or on a thread beside it, writes on one writer thread.

A write is confirmed only after its commit is on disk. Functions given here run on other threads: they touch nothing but
their connection and values that do not change. Nothing here logs what is stored.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final, TypeVar

from playground_tui.workspace.store.migrations import migrate
from playground_tui.workspace.store.writer import RefusedError, StoreError, Write, Writer

Connection = sqlite3.Connection
T = TypeVar("T")

BUSY_TIMEOUT: Final = 5.0
"""Seconds to wait for another process's transaction."""


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
        self._writer = Writer(lambda: _connect(path))
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
        self._writer.put(Write(fn, done))
        return done

    def keep(self, fn: Callable[[Connection], object], key: object = None) -> None:
        """Queue `fn(conn)`, for which nobody waits: while the disk refuses it is tried again, before all that comes
        later, until the program ends. Of those with the same `key` only the latest is tried again."""
        if not self._closed:
            self._writer.put(Write(fn, key=key))

    @property
    def refused(self) -> RefusedError | None:
        """Why the disk did not take what was written last; None: it did."""
        return self._writer.refused

    def watch(self, told: Callable[[RefusedError | None], None]) -> None:
        """`told` hears, on another thread, when the disk begins to refuse, and None when it takes again."""
        self._writer.watch(told)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(conn)` in a transaction and wait for it to be on disk. What it raises undoes it and is raised here.
        Goes through even if the waiting task is cancelled. Raises `StoreError`."""
        return await asyncio.wrap_future(self.submit(fn))

    async def written(self) -> None:
        """Wait until all that was queued before is on disk, so that the next read sees it. Raises `StoreError`."""
        if self._writer.begun:
            await self.write(lambda conn: None)

    def flush(self, timeout: float | None = None) -> None:
        """Wait, blocking, until all that was queued before is on disk. Raises TimeoutError after `timeout` seconds."""
        if self._writer.begun and not self._closed:
            self.submit(lambda conn: None).result(timeout)

    def close(self) -> None:
        """Write what is queued, then close the file. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        with self._lock, self._beside_lock:
            self._conn.close()
            if self._beside is not None:
                self._beside.close()


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

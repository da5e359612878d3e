"""The thread that writes. What waits goes into one transaction (group commit), each function in a savepoint of its own.

When the disk refuses (full, read-only, broken, held by another process), all of the transaction fails together.
Writes that somebody waits for are told so. Those that nobody waits for are kept, in their order, and tried again
before whatever comes later, until the disk takes them.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

Connection = sqlite3.Connection
log = logging.getLogger("playground_tui.workspace.store")

RETRY: Final = 2.0
"""Seconds between tries while the disk refuses."""
_PROBE: Final = "INSERT INTO kv VALUES ('probe', 'null') ON CONFLICT (key) DO UPDATE SET value = excluded.value"

_REFUSALS: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_NOMEM,
    }
)
_PRIMARY: Final = 0xFF
"""The low byte of an extended error code is its primary one."""


class StoreError(Exception):
    """The store could not be read or written. The message has no contents."""


class RefusedError(StoreError):
    """The disk did not take a whole transaction; nothing of it was written."""

    def __init__(self, error: sqlite3.Error) -> None:
        super().__init__(f"The workspace's database cannot be written: {error}.")
        self.full = _code(error) == sqlite3.SQLITE_FULL
        """There is no room, and nothing else is wrong."""


@dataclass(slots=True)
class Write:
    fn: Callable[[Connection], Any]
    done: Future[Any] | None = None
    """None: nobody waits, so it is kept while the disk refuses."""
    key: object = None
    """Of what is kept, a later one of the same key takes the place of an earlier one."""
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Used from any thread; begins with the first write."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._conn: Connection | None = None
        self._queue: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._kept: list[Write] = []
        self._told: Callable[[RefusedError | None], None] = lambda _: None
        self.refused: RefusedError | None = None
        """Why the last transaction was refused."""

    @property
    def begun(self) -> bool:
        return self._thread is not None

    def watch(self, told: Callable[[RefusedError | None], None]) -> None:
        """`told` hears, on the writer's thread, when the disk begins to refuse, and None when it takes again."""
        self._told = told
        if self.refused is not None:
            told(self.refused)

    def put(self, write: Write) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="workspace-write", daemon=True)
            self._thread.start()
        self._queue.put(write)

    def close(self) -> None:
        """Write what is queued and kept, a last time."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    # -- on its thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        ended = False
        try:
            while not ended:
                batch, ended = self._take()
                if batch or self.refused is not None:
                    self._write(_latest([*self._kept, *batch]))
        finally:
            if self._conn is not None:
                self._conn.close()

    def _take(self) -> tuple[list[Write], bool]:
        """Wait for a write, then take all that wait as well; while the disk refuses, not for long. And whether it is
        the end."""
        batch: list[Write] = []
        wait = RETRY if self.refused is not None else None
        with suppress(queue.Empty):
            while (more := self._queue.get(timeout=wait) if not batch else self._queue.get_nowait()) is not None:
                batch.append(more)
            return batch, True
        return batch, False

    def _write(self, batch: list[Write]) -> None:
        refused = self._commit(batch)
        self._kept = [write for write in batch if write.done is None] if refused is not None else []
        if (refused is None) != (self.refused is None):
            self.refused = refused
            self._told(refused)
        for write in batch:
            _settle(write)

    def _commit(self, batch: list[Write]) -> RefusedError | None:
        for write in batch:
            write.error = None
        try:
            self._transact(batch)
        except sqlite3.Error as error:
            refused = RefusedError(error)
            for write in batch:
                write.error = refused
            if self.refused is None:
                log.error("a transaction of %d writes was refused: %s", len(batch), error)
            return refused
        return None

    def _transact(self, batch: list[Write]) -> None:
        if self._conn is None:
            self._conn = self._connect()
        conn = self._conn
        try:
            conn.execute("BEGIN IMMEDIATE")
            if self.refused is not None:
                conn.execute(_PROBE)
            for write in batch:
                _run(conn, write)
            conn.execute("COMMIT")
        except sqlite3.Error:
            if conn.in_transaction:
                with suppress(sqlite3.Error):
                    conn.execute("ROLLBACK")
            raise


def _latest(batch: list[Write]) -> list[Write]:
    last = {write.key: write for write in batch if write.key is not None}
    return [write for write in batch if write.key is None or last[write.key] is write]


def _run(conn: Connection, write: Write) -> None:
    """Raises sqlite3.Error when the disk refuses: then nothing of the transaction stays."""
    conn.execute("SAVEPOINT one")
    try:
        write.result = write.fn(conn)
    except sqlite3.Error as error:
        if _is_refusal(error):
            raise
        write.error = _store_error(error)
    except BaseException as error:
        write.error = error
    if write.error is not None:
        conn.execute("ROLLBACK TO one")  # raises when SQLite has undone all by itself: then all fail
    conn.execute("RELEASE one")


def _settle(write: Write) -> None:
    if write.done is None:
        if write.error is not None and not isinstance(write.error, RefusedError):
            log.error("a write failed: %s", write.error if isinstance(write.error, StoreError) else type(write.error))
    elif write.done.set_running_or_notify_cancel():
        if write.error is not None:
            write.done.set_exception(write.error)
        else:
            write.done.set_result(write.result)


def _is_refusal(error: sqlite3.Error) -> bool:
    """The disk is at fault, not the statement."""
    return _code(error) in _REFUSALS


def _store_error(error: sqlite3.Error) -> StoreError:
    return StoreError(f"The workspace's database cannot be written: {error}.")


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from playground_tui.workspace.store import Connection, Database, NewerStoreError, RefusedError, StoreError, kv
from playground_tui.workspace.store.migrations import MIGRATIONS, migrate, pending
from playground_tui.workspace.store.tables import Migration


async def test_a_write_is_on_disk_when_it_is_confirmed(tmp_path: Path) -> None:
    db = Database(tmp_path / "w.sqlite3")
    await db.write(lambda conn: kv.put(conn, "a", {"b": 1}))
    other = Database(tmp_path / "w.sqlite3")
    assert other.read_now(lambda conn: kv.get(conn, "a")) == {"b": 1}
    assert await db.read(lambda conn: kv.get(conn, "a")) == {"b": 1}
    db.close()
    other.close()


async def test_writes_that_wait_share_one_commit_and_fail_alone(tmp_path: Path) -> None:
    db = Database(tmp_path / "w.sqlite3")
    gate, commits = threading.Event(), []
    db.submit(lambda conn: gate.wait())

    def note(conn: Connection) -> None:
        conn.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

    good = db.submit(note)
    bad = db.submit(lambda conn: conn.execute("INSERT INTO kv VALUES (NULL, NULL)"))
    worse = db.submit(lambda conn: 1 / 0)
    last = db.submit(lambda conn: kv.put(conn, "last", True))
    gate.set()
    last.result()
    assert good.result() is None
    assert isinstance(bad.exception(), StoreError)
    assert isinstance(worse.exception(), ZeroDivisionError)
    assert commits == ["COMMIT"]
    assert db.read_now(lambda conn: kv.get(conn, "last")) is True
    db.close()


def test_flush_and_close_are_synchronous_and_idempotent(tmp_path: Path) -> None:
    db = Database(tmp_path / "w.sqlite3")
    db.flush()
    db.submit(lambda conn: kv.put(conn, "a", 1))
    db.flush()
    assert db.read_now(lambda conn: kv.get(conn, "a")) == 1
    db.submit(lambda conn: kv.put(conn, "b", 2))
    db.close()
    db.close()
    db.flush()
    assert isinstance(db.submit(lambda conn: None).exception(), StoreError)
    again = Database(tmp_path / "w.sqlite3")
    assert again.read_now(lambda conn: kv.get(conn, "b")) == 2
    again.close()


def test_two_processes_worth_of_opens_migrate_once(tmp_path: Path) -> None:
    opened: list[Database] = []
    threads = [threading.Thread(target=lambda: opened.append(Database(tmp_path / "w.sqlite3"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 6
    for db in opened:
        db.close()


def test_a_migration_and_its_record_are_one(tmp_path: Path) -> None:
    conn = sqlite3.connect(tmp_path / "m.sqlite3", isolation_level=None)
    broken = (Migration("first", ("CREATE TABLE a (x)",)), Migration("second", ("CREATE TABLE b (x)", "NONSENSE")))
    with pytest.raises(sqlite3.OperationalError):
        migrate(conn, broken)
    assert [m.name for m in pending(conn, broken)] == ["second"]
    mended = (broken[0], Migration("second", ("CREATE TABLE b (x)",)))
    migrate(conn, mended)
    assert pending(conn, mended) == []
    with pytest.raises(NewerStoreError):
        pending(conn, broken[:1])
    conn.close()


def test_migration_names_are_unique() -> None:
    assert len({m.name for m in MIGRATIONS}) == len(MIGRATIONS)


def test_a_damaged_file_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "w.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path / "w.sqlite3")


class Full:
    """A disk that has no room until `freed`."""

    def __init__(self) -> None:
        self.freed = False

    def put(self, key: str, value: object) -> Callable[[Connection], None]:
        def write(conn: Connection) -> None:
            if not self.freed:
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            kv.put(conn, key, value)

        return write


async def test_what_nobody_waits_for_is_written_once_the_disk_takes_it_again(tmp_path: Path) -> None:
    """In its order, only the latest of one key, and before what comes later."""
    db, disk = Database(tmp_path / "w.sqlite3"), Full()
    told: list[bool] = []
    db.watch(lambda refused: told.append(refused is not None))
    written: list[str] = []
    db.keep(disk.put("text", "older"), "text")
    db.keep(disk.put("text", "newer"), "text")
    db.keep(lambda conn: written.append(kv.get(conn, "text", "")))
    with pytest.raises(RefusedError) as caught:
        await db.write(disk.put("other", 1))
    assert caught.value.full
    assert db.refused is not None
    assert told == [True]
    assert db.read_now(lambda conn: kv.get(conn, "text")) is None
    disk.freed = True
    await db.write(lambda conn: written.append("later"))
    assert written[-2:] == ["newer", "later"]
    assert db.read_now(lambda conn: [kv.get(conn, key) for key in ("text", "other")]) == ["newer", None]
    assert db.refused is None
    assert told == [True, False]
    db.close()


async def test_a_disk_that_takes_it_again_is_found_without_another_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground_tui.workspace.store.writer.RETRY", 0.01)
    db, disk, again = Database(tmp_path / "w.sqlite3"), Full(), threading.Event()
    db.watch(lambda refused: again.set() if refused is None else None)
    with pytest.raises(RefusedError):
        await db.write(disk.put("a", 1))
    assert await asyncio.to_thread(again.wait, 20)
    db.close()

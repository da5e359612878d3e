from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from playground_tui.workspace.store import Connection, Database, NewerStoreError, StoreError, kv
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

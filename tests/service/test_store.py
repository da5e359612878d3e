import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground_tui.service.errors import ApiError, StoreError
from playground_tui.service.store import MESSAGES, RUNS, THREADS, Connection, Database, objects, runs
from playground_tui.service.store.objects import PageQuery, dump

THREAD = {"id": "thread_1", "created_at": 1, "metadata": {}}


def message(number: int, **more: object) -> dict:
    plain = {"id": f"msg_{number}", "created_at": 1, "thread_id": "thread_1", "run_id": None, "status": "completed"}
    return {**plain, "metadata": {}, **more}


def run(number: int, status: str = "queued") -> dict:
    return {
        "id": f"run_{number}",
        "created_at": 1,
        "thread_id": "thread_1",
        "assistant_id": "a",
        "status": status,
        "metadata": {},
    }


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(tmp_path / "deeper" / "service.sqlite3")
    await db.open()
    await db.write(lambda conn: objects.insert(conn, THREADS, THREAD))
    yield db
    await db.close()


async def test_writes_are_done_in_order_and_read_at_once(db: Database):
    for number in range(20):
        db.write(lambda conn, number=number: objects.insert(conn, MESSAGES, message(number)))
    await db.write(lambda conn: None)
    page = await db.read(lambda conn: objects.page(conn, MESSAGES, PageQuery(order="asc"), thread_id="thread_1"))
    assert [found["id"] for found in page.objects()] == [f"msg_{number}" for number in range(20)]


async def test_one_failure_among_many_undoes_only_itself(db: Database):
    def fail(conn: Connection) -> None:
        objects.insert(conn, MESSAGES, message(1))
        raise ApiError(400, "no")

    def orphan(conn: Connection) -> None:
        objects.insert(conn, MESSAGES, message(2, thread_id="thread_none"))

    good = [db.write(lambda conn, n=n: objects.insert(conn, MESSAGES, message(n))) for n in (3, 4)]
    results = await asyncio.gather(good[0], db.write(fail), db.write(orphan), good[1], return_exceptions=True)
    assert [type(result) for result in results] == [type(None), ApiError, StoreError, type(None)]
    stored = await db.read(lambda conn: conn.execute("SELECT id FROM messages ORDER BY id").fetchall())
    assert stored == [("msg_3",), ("msg_4",)]


async def test_a_cancelled_caller_does_not_cancel_the_write(db: Database):
    hold = threading.Event()
    db.write(lambda conn: hold.wait(10))
    write = db.write(lambda conn: objects.insert(conn, MESSAGES, message(1)), durable=False)
    write.cancel()
    hold.set()
    await db.write(lambda conn: None)
    assert await db.read(lambda conn: objects.get(conn, MESSAGES, "msg_1"))


async def test_updates_do_not_bring_back_what_was_deleted(db: Database):
    await db.write(lambda conn: objects.insert(conn, MESSAGES, message(1)))
    assert await db.write(lambda conn: objects.delete(conn, THREADS, "thread_1"))
    assert not await db.write(lambda conn: objects.update(conn, MESSAGES, message(1)))
    assert await db.read(lambda conn: objects.get(conn, MESSAGES, "msg_1")) is None


async def test_inserting_again_keeps_what_belongs_to_it(db: Database):
    await db.write(lambda conn: objects.insert(conn, MESSAGES, message(1)))
    await db.write(lambda conn: objects.insert(conn, THREADS, {**THREAD, "metadata": {"a": "b"}}))
    assert await db.read(lambda conn: objects.get(conn, MESSAGES, "msg_1")) == message(1)
    assert (await db.read(lambda conn: objects.get(conn, THREADS, "thread_1")))["metadata"] == {"a": "b"}


async def test_a_clients_metadata_outlives_a_runs_own_picture(db: Database):
    await db.write(lambda conn: objects.insert(conn, MESSAGES, message(1, status="in_progress"), extra={"own": 1}))
    await db.write(lambda conn: objects.set_metadata(conn, MESSAGES, "msg_1", {"note": "é"}))
    await db.write(lambda conn: objects.update(conn, MESSAGES, message(1)))
    assert await db.read(lambda conn: objects.get(conn, MESSAGES, "msg_1")) == message(1, metadata={"note": "é"})
    assert await db.read(lambda conn: objects.extra(conn, MESSAGES, "msg_1")) == {"own": 1}


async def test_only_one_run_is_active_whoever_forgets_to_look(db: Database):
    await db.write(lambda conn: objects.insert(conn, RUNS, run(1, "completed")))
    await db.write(lambda conn: objects.insert(conn, RUNS, run(2)))
    with pytest.raises(StoreError):
        await db.write(lambda conn: objects.insert(conn, RUNS, run(3)))
    with pytest.raises(ApiError, match="already has an active run run_2"):
        await db.write(lambda conn: runs.refuse_when_active(conn, "thread_1"))
    await db.write(lambda conn: objects.update(conn, RUNS, run(2, "failed")))
    await db.write(lambda conn: objects.insert(conn, RUNS, run(3)))


async def test_half_a_surrogate_pair_can_be_stored(db: Database):
    odd = message(1, content="a\ud800b")
    await db.write(lambda conn: objects.insert(conn, MESSAGES, odd))
    assert await db.read(lambda conn: objects.get(conn, MESSAGES, "msg_1")) == odd
    assert dump({"a": "é"}) == '{"a":"é"}'


async def test_readers_cannot_write(db: Database):
    with pytest.raises(StoreError):
        await db.read(lambda conn: objects.delete(conn, THREADS, "thread_1"))


async def test_another_processs_long_transaction_is_a_clean_error(db: Database, monkeypatch: pytest.MonkeyPatch):
    await db.write(lambda conn: conn.execute("PRAGMA busy_timeout = 10").fetchall())
    with contextlib.closing(sqlite3.connect(db.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            await db.write(lambda conn: objects.insert(conn, MESSAGES, message(1)))
        assert (caught.value.status, caught.value.code) == (503, "store_busy")
        other.execute("ROLLBACK")
    await db.write(lambda conn: objects.insert(conn, MESSAGES, message(1)))


async def test_a_full_disk_is_a_clean_error_and_the_next_write_works(db: Database):
    def full(conn: Connection) -> None:
        pages = conn.execute("PRAGMA page_count").fetchone()[0]
        conn.execute(f"PRAGMA max_page_count = {pages + 5}")

    await db.write(full)
    with pytest.raises(StoreError) as caught:
        await db.write(lambda conn: objects.insert(conn, MESSAGES, message(1, content="x" * 200_000)))
    assert caught.value.code == "store_full"
    await db.write(lambda conn: conn.execute("PRAGMA max_page_count = 100000"))
    await db.write(lambda conn: objects.insert(conn, MESSAGES, message(1)))


async def test_a_damaged_file_is_a_clean_error(tmp_path: Path):
    (tmp_path / "bad.sqlite3").write_bytes(b"this is no database " * 100)
    db = Database(tmp_path / "bad.sqlite3")
    with pytest.raises(StoreError) as caught:
        await db.open()
    assert caught.value.code == "store_damaged"
    await db.close()


async def test_after_the_end_nothing_is_taken(tmp_path: Path):
    db = Database(tmp_path / "a.sqlite3")
    await db.open()
    last = db.write(lambda conn: objects.insert(conn, THREADS, THREAD))
    await db.close()
    await last
    with pytest.raises(StoreError):
        await db.write(lambda conn: None)
    with pytest.raises(StoreError):
        await db.read(lambda conn: None)
    again = Database(tmp_path / "a.sqlite3")
    await again.open()
    assert await again.read(lambda conn: objects.get(conn, THREADS, "thread_1")) == THREAD
    await again.close()


async def test_after_a_failed_start_writes_fail_and_nobody_waits_for_ever(tmp_path: Path):
    (tmp_path / "service.sqlite3").write_bytes(b"this is no database" * 100)
    damaged = Database(tmp_path / "service.sqlite3")
    with pytest.raises(StoreError, match="damaged"):
        await damaged.open()
    with pytest.raises(StoreError, match="closing"):
        await damaged.write(lambda conn: None)
    await damaged.close()

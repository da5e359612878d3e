import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from playground_tui.service.store import ASSISTANTS, Database, objects
from playground_tui.service.store.migrations import MIGRATIONS, Migration, SchemaTooNew, migrate
from tests.support.carried import carried_service, client_of, service_config

FIRST_SCHEMA = """
CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE assistants (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, body TEXT NOT NULL);
INSERT INTO migrations (name) VALUES ('2026-11 objects');
"""
"""What a database of the first step looks like, as far as these tests need it."""


THREAD = {"id": "thread_old", "object": "thread", "created_at": 5, "metadata": {}, "tool_resources": {}}


def connect(path: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(path, isolation_level=None))


def names(conn: sqlite3.Connection) -> list[str]:
    return [name for (name,) in conn.execute("SELECT name FROM migrations ORDER BY rowid")]


def test_an_older_schema_keeps_its_objects_and_gains_what_is_new(tmp_path: Path):
    later = (*MIGRATIONS[:1], Migration("later", ("ALTER TABLE assistants ADD COLUMN used_at INTEGER",)))
    with connect(tmp_path / "old.sqlite3") as conn:
        conn.executescript(FIRST_SCHEMA)
        conn.execute("INSERT INTO assistants (id, created_at, body) VALUES ('asst_old', 5, '{\"id\":\"asst_old\"}')")
        migrate(conn, later)
        assert names(conn) == [MIGRATIONS[0].name, "later"]
        assert conn.execute("SELECT id, used_at FROM assistants").fetchall() == [("asst_old", None)]
        migrate(conn, later)
        assert names(conn) == [MIGRATIONS[0].name, "later"]


def test_a_step_that_fails_leaves_nothing_behind(tmp_path: Path):
    broken = (*MIGRATIONS, Migration("broken", ("CREATE TABLE half (a)", "CREATE TABLE assistants (a)")))
    with connect(tmp_path / "a.sqlite3") as conn:
        with pytest.raises(sqlite3.OperationalError):
            migrate(conn, broken)
        assert "broken" not in names(conn)
        assert not conn.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall()
        migrate(conn)


async def test_a_newer_schema_is_not_touched(tmp_path: Path):
    with connect(tmp_path / "new.sqlite3") as conn:
        migrate(conn, (*MIGRATIONS, Migration("from the future", ())))
    db = Database(tmp_path / "new.sqlite3")
    with pytest.raises(SchemaTooNew, match="from the future"):
        await db.open()
    await db.close()


def test_names_are_unique_and_the_first_step_is_as_released():
    assert len({migration.name for migration in MIGRATIONS}) == len(MIGRATIONS)
    with connect(Path(":memory:")) as conn:
        migrate(conn, MIGRATIONS[:1])
        columns = {
            table: [row[1] for row in conn.execute(f"PRAGMA table_info({table})")]
            for table in ("assistants", "threads", "messages", "runs", "steps", "run_events")
        }
    assert columns["messages"][:4] == ["seq", "id", "thread_id", "run_id"]
    assert columns["run_events"] == ["run_id", "seq", "frames"]


async def test_the_service_serves_what_an_older_version_stored(tmp_path: Path):
    body = {
        "id": "asst_old",
        "object": "assistant",
        "created_at": 5,
        "name": "Old",
        "description": None,
        "model": "m",
        "instructions": None,
        "tools": [],
        "metadata": {},
    }
    with connect(tmp_path / "service.sqlite3") as conn:
        migrate(conn, MIGRATIONS[:1])
        conn.execute("INSERT INTO assistants (id, created_at, body) VALUES ('asst_old', 5, ?)", (json.dumps(body),))
        conn.execute("INSERT INTO threads (id, created_at, body) VALUES ('thread_old', 5, ?)", (json.dumps(THREAD),))
        conn.execute(
            "INSERT INTO messages (id, thread_id, created_at, status, body) "
            "VALUES ('msg_old', 'thread_old', 5, 'completed', '{\"id\": \"msg_old\"}')"
        )
    with carried_service(service_config(tmp_path)) as carried:
        async with client_of(carried.transport()) as client:
            changed = await client.beta.assistants.update("asst_old", instructions="new")
            assert (changed.name, changed.instructions) == ("Old", "new")
            await client.beta.threads.messages.create("thread_old", role="user", content="Hi")
            assert [t.id for t in (await client.beta.threads.messages.list("thread_old", order="asc")).data][:1] == [
                "msg_old"
            ]
    with connect(tmp_path / "service.sqlite3") as conn:
        assert conn.execute("SELECT id, messages FROM threads").fetchall() == [("thread_old", 2)]
        assert objects.require(conn, ASSISTANTS, "asst_old")["instructions"] == "new"

"""The schema as named, ordered steps. Each is applied together with its record in one transaction; a step that has
been released is never edited, a change is a new step at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    statements: tuple[str, ...]


class SchemaTooNew(Exception):
    """The database was written by a newer version of the program."""


# `seq` is the rowid: ordered as inserted, never used twice. Lists go by it, and every index ends with it.
_OBJECTS: Final = (
    """CREATE TABLE assistants (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL, body TEXT NOT NULL)""",
    """CREATE TABLE threads (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL, body TEXT NOT NULL)""",
    """CREATE TABLE runs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        thread_id TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
        assistant_id TEXT, created_at INTEGER NOT NULL, status TEXT NOT NULL, owner TEXT,
        extra TEXT, body TEXT NOT NULL)""",
    "CREATE INDEX runs_by_thread ON runs (thread_id)",
    """CREATE UNIQUE INDEX one_active_run ON runs (thread_id)
        WHERE status IN ('queued', 'in_progress', 'requires_action', 'cancelling')""",
    """CREATE INDEX active_runs ON runs (status)
        WHERE status IN ('queued', 'in_progress', 'requires_action', 'cancelling')""",
    """CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        thread_id TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
        run_id TEXT, created_at INTEGER NOT NULL, status TEXT NOT NULL, extra TEXT, body TEXT NOT NULL)""",
    "CREATE INDEX messages_by_thread ON messages (thread_id)",
    "CREATE INDEX messages_by_run ON messages (run_id) WHERE run_id IS NOT NULL",
    """CREATE TABLE steps (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        thread_id TEXT NOT NULL, run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        created_at INTEGER NOT NULL, status TEXT NOT NULL, extra TEXT, body TEXT NOT NULL)""",
    "CREATE INDEX steps_by_run ON steps (run_id)",
    """CREATE TABLE run_events (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, seq INTEGER NOT NULL, frames BLOB NOT NULL,
        PRIMARY KEY (run_id, seq))""",
)

# A file's passages in a store are a `doc`: made anew each time the file is indexed, so that what a row no longer points
# to is garbage, to be dropped in small steps. `chunks_index.store` holds one word for the store, so that only its own
# chunks are ranked.
_FILES: Final = (
    """CREATE TABLE files (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL, expires_at INTEGER, purpose TEXT NOT NULL, body TEXT NOT NULL)""",
    "CREATE INDEX files_by_purpose ON files (purpose)",
    "CREATE INDEX files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL",
    """CREATE TABLE vector_stores (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        created_at INTEGER NOT NULL, expires_at INTEGER, body TEXT NOT NULL)""",
    "CREATE INDEX vector_stores_expiring ON vector_stores (expires_at) WHERE expires_at IS NOT NULL",
    """CREATE TABLE file_batches (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        vector_store_id TEXT NOT NULL REFERENCES vector_stores (id) ON DELETE CASCADE,
        created_at INTEGER NOT NULL, cancelled INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL)""",
    """CREATE TABLE vector_store_files (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,
        vector_store_id TEXT NOT NULL REFERENCES vector_stores (id) ON DELETE CASCADE,
        batch_id TEXT, created_at INTEGER NOT NULL, status TEXT NOT NULL, owner TEXT, doc INTEGER,
        chunks INTEGER NOT NULL DEFAULT 0, usage_bytes INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL,
        UNIQUE (vector_store_id, id))""",
    "CREATE INDEX vector_store_files_by_time ON vector_store_files (vector_store_id, created_at, seq)",
    "CREATE INDEX vector_store_files_counts ON vector_store_files (vector_store_id, status, usage_bytes, chunks)",
    "CREATE INDEX vector_store_files_by_batch ON vector_store_files (batch_id, status) WHERE batch_id IS NOT NULL",
    "CREATE INDEX vector_store_files_by_file ON vector_store_files (id)",
    "CREATE INDEX vector_store_files_by_doc ON vector_store_files (doc) WHERE doc IS NOT NULL",
    "CREATE INDEX vector_store_files_to_do ON vector_store_files (seq) WHERE status = 'in_progress'",
    "CREATE TABLE docs (id INTEGER PRIMARY KEY AUTOINCREMENT)",
    """CREATE TABLE chunks (
        id INTEGER PRIMARY KEY, doc INTEGER NOT NULL, n INTEGER NOT NULL, start INTEGER NOT NULL, page INTEGER,
        text TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX chunks_by_doc ON chunks (doc, n)",
    "CREATE VIRTUAL TABLE chunks_index USING fts5 (store, text, tokenize = 'porter unicode61 remove_diacritics 2')",
)

# Copies of files that were sent to a model endpoint, so that they are sent once.
_LENT: Final = (
    """CREATE TABLE lent_files (
        file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE, endpoint TEXT NOT NULL, remote_id TEXT NOT NULL,
        expires_at INTEGER NOT NULL, PRIMARY KEY (file_id, endpoint))""",
)

# How many messages a thread holds, so that its limit costs the same in an old thread.
_COUNTS: Final = (
    "ALTER TABLE threads ADD COLUMN messages INTEGER NOT NULL DEFAULT 0",
    "UPDATE threads SET messages = (SELECT count(*) FROM messages WHERE thread_id = threads.id)",
    """CREATE TRIGGER message_added AFTER INSERT ON messages
        BEGIN UPDATE threads SET messages = messages + 1 WHERE id = NEW.thread_id; END""",
    """CREATE TRIGGER message_deleted AFTER DELETE ON messages
        BEGIN UPDATE threads SET messages = messages - 1 WHERE id = OLD.thread_id; END""",
)

# Where in a passage each of its pages begins, as JSON; null: only `page`, the first, is known.
_PAGES: Final = ("ALTER TABLE chunks ADD COLUMN pages TEXT",)

MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration("2026-11 objects", _OBJECTS),
    Migration("2026-11 files", _FILES),
    Migration("2026-11 lent files", _LENT),
    Migration("2026-11 message counts", _COUNTS),
    Migration("2026-11 pages of passages", _PAGES),
)


def migrate(conn: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the schema up to date. Safe beside another process doing the same. Raises `SchemaTooNew`."""
    conn.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT DEFAULT CURRENT_TIMESTAMP)"
    )
    known = {migration.name for migration in migrations}
    if strange := _applied(conn) - known:
        raise SchemaTooNew(f"The database knows a step this version does not: {', '.join(sorted(strange))}.")
    for migration in migrations:
        _apply(conn, migration)


def _applied(conn: sqlite3.Connection) -> set[str]:
    return {name for (name,) in conn.execute("SELECT name FROM migrations")}


def _apply(conn: sqlite3.Connection, migration: Migration) -> None:
    if migration.name in _applied(conn):
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        if migration.name not in _applied(conn):  # another process may have been first
            for statement in migration.statements:
                conn.execute(statement)
            conn.execute("INSERT INTO migrations (name) VALUES (?)", (migration.name,))
        conn.execute("COMMIT")
    except BaseException:
        conn.execute("ROLLBACK")
        raise

"""The workspace store's shape as named, ordered steps. A step is applied once, in one transaction with its record.

A released step is never edited: a change of shape is a new step at the end of its list.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

from playground_tui.workspace.store.chat_tables import CHAT
from playground_tui.workspace.store.chat_whole_tables import CHAT_WHOLE
from playground_tui.workspace.store.tables import CONFIGURATION, Migration

MIGRATIONS: tuple[Migration, ...] = (*CONFIGURATION, *CHAT, *CHAT_WHOLE)

_RECORD = "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at REAL NOT NULL)"


class NewerStoreError(Exception):
    """The file was written by a newer version of the program."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(*names)
        self.names = names


def pending(conn: sqlite3.Connection, migrations: Iterable[Migration]) -> list[Migration]:
    """Steps not applied yet. Raises `NewerStoreError` when the file has steps unknown here."""
    try:
        applied = {row[0] for row in conn.execute("SELECT name FROM migrations")}
    except sqlite3.OperationalError:
        applied = set()
    steps = list(migrations)
    if unknown := applied - {m.name for m in steps}:
        raise NewerStoreError(tuple(sorted(unknown)))
    return [m for m in steps if m.name not in applied]


def migrate(conn: sqlite3.Connection, migrations: Iterable[Migration] = MIGRATIONS) -> None:
    """Bring the file up to date. Two processes may do so at once: each step looks again under the write lock."""
    steps = list(migrations)
    if not pending(conn, steps):
        return
    for step in steps:
        conn.execute("BEGIN IMMEDIATE")
        try:
            conn.execute(_RECORD)
            if step in pending(conn, steps):
                for statement in step.statements:
                    conn.execute(statement)
                conn.execute("INSERT INTO migrations VALUES (?, ?)", (step.name, time.time()))
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:  # SQLite may have undone all by itself (disk full)
                conn.execute("ROLLBACK")
            raise

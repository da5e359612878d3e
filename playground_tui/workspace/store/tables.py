"""The statements of the store's migrations. Times are Unix seconds (REAL); `body`-like columns hold JSON text."""

from __future__ import annotations

from typing import NamedTuple


class Migration(NamedTuple):
    name: str
    """Unique for ever; the record of its having been applied."""
    statements: tuple[str, ...]


CONFIGURATION: tuple[Migration, ...] = (
    Migration(
        "configuration",
        (
            """CREATE TABLE drafts (
                id TEXT PRIMARY KEY,
                server TEXT NOT NULL,
                assistant_id TEXT,
                base TEXT NOT NULL,
                created_at REAL NOT NULL,
                used_at REAL NOT NULL,
                left_at REAL NOT NULL DEFAULT 0,
                saved_at REAL,
                create_tried TEXT,
                sending TEXT,
                deleted_at REAL
            )""",
            "CREATE UNIQUE INDEX drafts_assistant ON drafts (server, assistant_id) WHERE assistant_id IS NOT NULL",
            "CREATE INDEX drafts_used ON drafts (server, used_at)",
            # One row for each field that differs from what the server has, so that two apps on one
            # home overwrite each other field by field and a key press never rewrites the others.
            """CREATE TABLE draft_fields (
                draft_id TEXT NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
                field TEXT NOT NULL,
                value TEXT,
                raw TEXT,
                advice TEXT,
                edited_at REAL NOT NULL,
                PRIMARY KEY (draft_id, field)
            ) WITHOUT ROWID""",
            """CREATE TABLE assistant_records (
                server TEXT NOT NULL,
                key TEXT NOT NULL,
                last_thread_id TEXT,
                used_at REAL NOT NULL,
                PRIMARY KEY (server, key)
            ) WITHOUT ROWID""",
            """CREATE TABLE versions (
                draft_id TEXT NOT NULL,
                number INTEGER NOT NULL,
                opened_at REAL NOT NULL,
                saved_at REAL NOT NULL,
                closed_at REAL,
                source TEXT NOT NULL,
                changed TEXT NOT NULL,
                label TEXT NOT NULL DEFAULT '',
                note TEXT NOT NULL DEFAULT '',
                body BLOB NOT NULL,
                PRIMARY KEY (draft_id, number)
            ) WITHOUT ROWID""",
            """CREATE TABLE run_settings (
                draft_id TEXT NOT NULL,
                name TEXT NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (draft_id, name)
            ) WITHOUT ROWID""",
            "CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        ),
    ),
)
"""Drafts, versions and what belongs to the configuration side."""

"""The chat side's part of the store: threads, their messages and search, unsent text and queues."""

from __future__ import annotations

from playground_tui.workspace.store.tables import Migration

CHAT: tuple[Migration, ...] = (
    Migration(
        "chat",
        (
            """CREATE TABLE threads (
                server TEXT NOT NULL,
                id TEXT NOT NULL,
                assistant_id TEXT,
                title TEXT NOT NULL DEFAULT '',
                preview TEXT NOT NULL DEFAULT '',
                created_at REAL NOT NULL,
                used_at REAL NOT NULL,
                PRIMARY KEY (server, id)
            ) WITHOUT ROWID""",
            "CREATE INDEX threads_used ON threads (server, used_at)",
            # `position` orders a thread's messages: times are whole seconds and tie, and pages are
            # fetched from the newest back.
            """CREATE TABLE messages (
                number INTEGER PRIMARY KEY,
                server TEXT NOT NULL,
                thread_id TEXT NOT NULL,
                id TEXT NOT NULL,
                position INTEGER NOT NULL,
                text TEXT NOT NULL,
                body TEXT NOT NULL,
                UNIQUE (server, thread_id, id)
            )""",
            "CREATE INDEX messages_place ON messages (server, thread_id, position)",
            # Trigrams find a part of a word, and words of scripts that are written without spaces.
            """CREATE VIRTUAL TABLE message_words USING fts5 (
                text, content = 'messages', content_rowid = 'number', tokenize = 'trigram'
            )""",
            """CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
                INSERT INTO message_words (rowid, text) VALUES (new.number, new.text);
            END""",
            """CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
                INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.number, old.text);
            END""",
            """CREATE TRIGGER messages_changed AFTER UPDATE OF text ON messages WHEN old.text <> new.text BEGIN
                INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.number, old.text);
                INSERT INTO message_words (rowid, text) VALUES (new.number, new.text);
            END""",
            """CREATE TABLE run_records (
                server TEXT NOT NULL,
                run_id TEXT NOT NULL,
                thread_id TEXT NOT NULL,
                version INTEGER,
                overrides TEXT NOT NULL,
                started_at REAL NOT NULL,
                PRIMARY KEY (server, run_id)
            ) WITHOUT ROWID""",
            """CREATE TABLE unsent (
                server TEXT NOT NULL,
                key TEXT NOT NULL,
                text TEXT NOT NULL,
                PRIMARY KEY (server, key)
            ) WITHOUT ROWID""",
            """CREATE TABLE queue (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                server TEXT NOT NULL,
                key TEXT NOT NULL,
                place REAL NOT NULL,
                text TEXT NOT NULL,
                sending INTEGER NOT NULL DEFAULT 0
            )""",
            "CREATE INDEX queue_place ON queue (server, key, place)",
        ),
    ),
)

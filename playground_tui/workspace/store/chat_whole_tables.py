"""The second step of the chat side's part: answers to function calls, what helps writing, notes, the trash."""

from __future__ import annotations

from playground_tui.workspace.store.tables import Migration

CHAT_WHOLE: tuple[Migration, ...] = (
    Migration(
        "chat whole",
        (
            # `owner`: the id of the assistant's draft, which lasts for life; of the assistant where it has none here.
            """CREATE TABLE mocks (
                server TEXT NOT NULL,
                owner TEXT NOT NULL,
                function TEXT NOT NULL,
                name TEXT NOT NULL,
                output TEXT NOT NULL,
                PRIMARY KEY (server, owner, function, name)
            ) WITHOUT ROWID""",
            """CREATE TABLE approvals (
                key TEXT PRIMARY KEY,
                server TEXT NOT NULL,
                assistant_id TEXT NOT NULL,
                function TEXT NOT NULL,
                handler TEXT NOT NULL,
                approved_at REAL NOT NULL
            ) WITHOUT ROWID""",
            # Some endpoints count their call ids from the start in each run.
            """CREATE TABLE call_answers (
                server TEXT NOT NULL,
                thread_id TEXT NOT NULL,
                run_id TEXT NOT NULL,
                call_id TEXT NOT NULL,
                body TEXT NOT NULL,
                PRIMARY KEY (server, run_id, call_id)
            ) WITHOUT ROWID""",
            "CREATE INDEX call_answers_thread ON call_answers (server, thread_id)",
            """CREATE TABLE notes (
                server TEXT NOT NULL,
                thread_id TEXT NOT NULL,
                message_id TEXT NOT NULL,
                text TEXT NOT NULL,
                PRIMARY KEY (server, thread_id, message_id)
            ) WITHOUT ROWID""",
            """CREATE TABLE trash (
                server TEXT NOT NULL,
                thread_id TEXT NOT NULL,
                trashed_at REAL NOT NULL,
                PRIMARY KEY (server, thread_id)
            ) WITHOUT ROWID""",
            """CREATE TABLE templates (
                name TEXT PRIMARY KEY,
                text TEXT NOT NULL,
                created_at REAL NOT NULL,
                used_at REAL NOT NULL
            ) WITHOUT ROWID""",
            # `scope`: `assistant:` and an owner as above, or `thread:` and the key that its unsent text has.
            """CREATE TABLE variables (
                server TEXT NOT NULL,
                scope TEXT NOT NULL,
                name TEXT NOT NULL,
                value TEXT NOT NULL,
                PRIMARY KEY (server, scope, name)
            ) WITHOUT ROWID""",
            """CREATE TABLE typed (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                server TEXT NOT NULL,
                key TEXT NOT NULL,
                text TEXT NOT NULL
            )""",
            "CREATE INDEX typed_key ON typed (server, key, number)",
            # What goes along with an unsent text, and with one that waits in the queue.
            """CREATE TABLE unsent_attachments (
                server TEXT NOT NULL,
                key TEXT NOT NULL,
                body TEXT NOT NULL,
                PRIMARY KEY (server, key)
            ) WITHOUT ROWID""",
            "ALTER TABLE queue ADD COLUMN attachments TEXT NOT NULL DEFAULT ''",
        ),
    ),
    Migration(
        "typed answers",
        (
            # An answer to a call as far as it is written: apart from those that are given.
            """CREATE TABLE typed_answers (
                server TEXT NOT NULL,
                thread_id TEXT NOT NULL,
                run_id TEXT NOT NULL,
                call_id TEXT NOT NULL,
                text TEXT NOT NULL,
                PRIMARY KEY (server, run_id, call_id)
            ) WITHOUT ROWID""",
            "CREATE INDEX typed_answers_thread ON typed_answers (server, thread_id)",
        ),
    ),
)

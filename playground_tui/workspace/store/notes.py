"""Notes on messages: this machine's own, no server has them."""

from __future__ import annotations

from collections.abc import Mapping

from playground_tui.workspace.store.database import Connection


def notes(conn: Connection, server: str, thread_id: str) -> dict[str, str]:
    """By message."""
    rows = conn.execute("SELECT message_id, text FROM notes WHERE server = ? AND thread_id = ?", (server, thread_id))
    return dict(rows.fetchall())


def put_note(conn: Connection, server: str, thread_id: str, message_id: str, text: str) -> None:
    """An empty text takes it away."""
    if not text:
        conn.execute(
            "DELETE FROM notes WHERE server = ? AND thread_id = ? AND message_id = ?", (server, thread_id, message_id)
        )
        return
    conn.execute(
        "INSERT INTO notes VALUES (?, ?, ?, ?) "
        "ON CONFLICT (server, thread_id, message_id) DO UPDATE SET text = excluded.text",
        (server, thread_id, message_id, text),
    )


def copy_notes(conn: Connection, server: str, old: str, new: str, messages: Mapping[str, str]) -> None:
    """To another thread; `messages`: old id → new id."""
    for message_id, text in notes(conn, server, old).items():
        if message_id in messages:
            put_note(conn, server, new, messages[message_id], text)

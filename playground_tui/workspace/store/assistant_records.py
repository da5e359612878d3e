"""What is remembered per assistant on this machine. `key` is the draft's id, which an assistant keeps for life."""

from __future__ import annotations

from playground_tui.workspace.store.database import Connection


def last_thread(conn: Connection, server: str, key: str) -> str | None:
    row = conn.execute(
        "SELECT last_thread_id FROM assistant_records WHERE server = ? AND key = ?", (server, key)
    ).fetchone()
    return row[0] if row else None


def put_last_thread(conn: Connection, server: str, key: str, thread_id: str | None, now: float) -> None:
    conn.execute(
        "INSERT INTO assistant_records VALUES (?, ?, ?, ?) ON CONFLICT (server, key) DO UPDATE SET "
        "last_thread_id = excluded.last_thread_id, used_at = excluded.used_at",
        (server, key, thread_id, now),
    )

"""Thread records of one server, and which thread an assistant had open last."""

from __future__ import annotations

from collections.abc import Sequence

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.store.database import Connection


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    id: str
    assistant_id: str | None = None
    title: str = ""
    """Empty: none was given."""
    preview: str = ""
    created_at: float = 0.0
    used_at: float = 0.0


_COLUMNS = "id, assistant_id, title, preview, created_at, used_at"


def all_threads(conn: Connection, server: str) -> list[ThreadRecord]:
    """Last used first."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM threads WHERE server = ? ORDER BY used_at DESC, id", (server,))
    return [ThreadRecord(*row) for row in rows]


def one_thread(conn: Connection, server: str, thread_id: str) -> ThreadRecord | None:
    row = conn.execute(f"SELECT {_COLUMNS} FROM threads WHERE server = ? AND id = ?", (server, thread_id)).fetchone()
    return ThreadRecord(*row) if row else None


def put_thread(conn: Connection, server: str, record: ThreadRecord) -> None:
    conn.execute(
        f"""INSERT INTO threads (server, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET assistant_id = excluded.assistant_id, title = excluded.title,
            preview = excluded.preview, created_at = excluded.created_at, used_at = excluded.used_at""",
        (server, record.id, record.assistant_id, record.title, record.preview, record.created_at, record.used_at),
    )


def merge_threads(conn: Connection, server: str, found: Sequence[ThreadRecord]) -> None:
    """Threads as the server lists them: new ones are added; a known one takes over the server's title."""
    conn.executemany(
        f"""INSERT INTO threads (server, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET title = CASE WHEN excluded.title <> '' THEN excluded.title ELSE title END""",
        [(server, r.id, r.assistant_id, r.title, r.preview, r.created_at, r.used_at) for r in found],
    )


def title_thread(conn: Connection, server: str, thread_id: str, title: str) -> None:
    conn.execute("UPDATE threads SET title = ? WHERE server = ? AND id = ?", (title, server, thread_id))


def drop_thread(conn: Connection, server: str, thread_id: str) -> None:
    """The thread with everything that is kept of it."""
    for table, column in (
        ("messages", "thread_id"),
        ("run_records", "thread_id"),
        ("unsent", "key"),
        ("queue", "key"),
        ("unsent_attachments", "key"),
        ("typed", "key"),
        ("call_answers", "thread_id"),
        ("notes", "thread_id"),
        ("trash", "thread_id"),
        ("threads", "id"),
    ):
        conn.execute(f"DELETE FROM {table} WHERE server = ? AND {column} = ?", (server, thread_id))
    conn.execute("DELETE FROM variables WHERE server = ? AND scope = ?", (server, f"thread:{thread_id}"))
    conn.execute(
        "UPDATE assistant_records SET last_thread_id = NULL WHERE server = ? AND last_thread_id = ?",
        (server, thread_id),
    )


def trashed(conn: Connection, server: str) -> dict[str, float]:
    """Thread id → when it was put into the trash, Unix seconds."""
    rows = conn.execute("SELECT thread_id, trashed_at FROM trash WHERE server = ?", (server,))
    return dict(rows.fetchall())


def put_in_trash(conn: Connection, server: str, thread_ids: Sequence[str], now: float) -> None:
    conn.executemany(
        "INSERT INTO trash VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(server, thread_id, now) for thread_id in thread_ids],
    )


def take_from_trash(conn: Connection, server: str, thread_ids: Sequence[str]) -> None:
    conn.executemany("DELETE FROM trash WHERE server = ? AND thread_id = ?", [(server, i) for i in thread_ids])


def move_thread(conn: Connection, server: str, old: str, new: str) -> None:
    """The thread was made again under another id: what a person wrote for it goes with it."""
    for table in ("unsent", "queue", "unsent_attachments", "typed"):
        conn.execute(f"UPDATE OR REPLACE {table} SET key = ? WHERE server = ? AND key = ?", (new, server, old))
    conn.execute(
        "UPDATE OR REPLACE variables SET scope = ? WHERE server = ? AND scope = ?",
        (f"thread:{new}", server, f"thread:{old}"),
    )
    conn.execute(
        "UPDATE assistant_records SET last_thread_id = ? WHERE server = ? AND last_thread_id = ?", (new, server, old)
    )


def last_thread(conn: Connection, server: str, key: str) -> str | None:
    """The thread that was open last with this assistant (`key`: its draft's id); None: a new one."""
    row = conn.execute(
        """SELECT a.last_thread_id FROM assistant_records a
        JOIN threads t ON t.server = a.server AND t.id = a.last_thread_id WHERE a.server = ? AND a.key = ?""",
        (server, key),
    ).fetchone()
    return row[0] if row else None


def remember_last_thread(conn: Connection, server: str, key: str, thread_id: str | None, now: float) -> None:
    conn.execute(
        """INSERT INTO assistant_records (server, key, last_thread_id, used_at) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET last_thread_id = excluded.last_thread_id""",
        (server, key, thread_id, now),
    )

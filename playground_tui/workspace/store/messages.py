"""The local record of messages: threads open from it at once and offline, and search runs over it.

A message that the server does not have is not in here.
"""

from __future__ import annotations

from collections.abc import Sequence

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.store.database import Connection

SHORTEST_INDEXED = 3
"""Characters; the index is made of trigrams."""


@dataclass(frozen=True, slots=True)
class MessageRecord:
    id: str
    text: str
    body: str
    """JSON of everything else (`message_record.py`)."""


def newest_messages(conn: Connection, server: str, thread_id: str, limit: int) -> list[MessageRecord]:
    """The newest `limit`, in reading order."""
    rows = conn.execute(
        "SELECT id, text, body FROM messages WHERE server = ? AND thread_id = ? ORDER BY position DESC LIMIT ?",
        (server, thread_id, limit),
    ).fetchall()
    return [MessageRecord(*row) for row in reversed(rows)]


def older_messages(conn: Connection, server: str, thread_id: str, before: str, limit: int) -> list[MessageRecord]:
    """Up to `limit` just before the message `before`, in reading order."""
    rows = conn.execute(
        """SELECT id, text, body FROM messages WHERE server = :server AND thread_id = :thread AND position <
            (SELECT position FROM messages WHERE server = :server AND thread_id = :thread AND id = :before)
        ORDER BY position DESC LIMIT :limit""",
        {"server": server, "thread": thread_id, "before": before, "limit": limit},
    ).fetchall()
    return [MessageRecord(*row) for row in reversed(rows)]


def all_messages(conn: Connection, server: str, thread_id: str) -> list[MessageRecord]:
    """In reading order."""
    rows = conn.execute(
        "SELECT id, text, body FROM messages WHERE server = ? AND thread_id = ? ORDER BY position", (server, thread_id)
    )
    return [MessageRecord(*row) for row in rows]


def append_messages(conn: Connection, server: str, thread_id: str, records: Sequence[MessageRecord]) -> None:
    """Known ones are changed where they stand, new ones go to the end."""
    _put(conn, server, thread_id, records, _edge(conn, "max", server, thread_id) + 1, move=False)


def put_newest_page(
    conn: Connection, server: str, thread_id: str, records: Sequence[MessageRecord], *, complete: bool
) -> None:
    """The thread's newest messages as the server has them. What stood among or after them and is not in the page is
    gone there; with `complete` so is everything else."""
    kept = {record.id for record in records}
    first = _position(conn, server, thread_id, records[0].id) if records else None
    rows = conn.execute(
        "SELECT id, position FROM messages WHERE server = ? AND thread_id = ?", (server, thread_id)
    ).fetchall()
    gone = [
        message_id
        for message_id, position in rows
        if message_id not in kept and (complete or (first is not None and position >= first))
    ]
    delete_messages(conn, server, thread_id, gone)
    _put(conn, server, thread_id, records, _edge(conn, "max", server, thread_id) + 1, move=True)


def put_older_page(
    conn: Connection, server: str, thread_id: str, records: Sequence[MessageRecord], before: str
) -> None:
    """A page that ends just before the message `before`."""
    place = _position(conn, server, thread_id, before)
    first = (place if place is not None else _edge(conn, "min", server, thread_id)) - len(records)
    _put(conn, server, thread_id, records, first, move=True)


def delete_messages(conn: Connection, server: str, thread_id: str, ids: Sequence[str]) -> None:
    conn.executemany(
        "DELETE FROM messages WHERE server = ? AND thread_id = ? AND id = ?", [(server, thread_id, i) for i in ids]
    )


def _put(
    conn: Connection, server: str, thread_id: str, records: Sequence[MessageRecord], first: int, *, move: bool
) -> None:
    conn.executemany(
        f"""INSERT INTO messages (server, thread_id, id, position, text, body) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (server, thread_id, id) DO UPDATE SET text = excluded.text, body = excluded.body
            {", position = excluded.position" if move else ""}""",
        [(server, thread_id, r.id, first + i, r.text, r.body) for i, r in enumerate(records)],
    )


def _edge(conn: Connection, end: str, server: str, thread_id: str) -> int:
    row = conn.execute(
        f"SELECT coalesce({end}(position), 0) FROM messages WHERE server = ? AND thread_id = ?", (server, thread_id)
    ).fetchone()
    return int(row[0])


def _position(conn: Connection, server: str, thread_id: str, message_id: str) -> int | None:
    row = conn.execute(
        "SELECT position FROM messages WHERE server = ? AND thread_id = ? AND id = ?", (server, thread_id, message_id)
    ).fetchone()
    return int(row[0]) if row else None


def search_threads(conn: Connection, server: str, text: str) -> set[str]:
    """Ids of threads with a message that holds every word of `text`, as whole or part, in any case."""
    if not (words := text.split()):
        return set()
    where, values = _holding(server, words)
    return {row[0] for row in conn.execute(f"SELECT DISTINCT thread_id FROM messages WHERE {where}", values)}


def find_messages(conn: Connection, server: str, text: str, per_thread: int, limit: int) -> list[tuple[str, str, str]]:
    """(thread id, message id, text) of such messages, those recorded last first: so many of each thread, and of all."""
    if not (words := text.split()):
        return []
    where, values = _holding(server, words)
    rows = conn.execute(
        f"""SELECT thread_id, id, text FROM messages JOIN (
            SELECT number AS found, row_number() OVER (PARTITION BY thread_id ORDER BY number DESC) AS place
            FROM messages WHERE {where}
        ) ON number = found WHERE place <= ? ORDER BY number DESC LIMIT ?""",
        [*values, per_thread, limit],
    )
    return rows.fetchall()


def _holding(server: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """The condition for a message that holds all words; those that are too short for the index are looked for."""
    indexed = [word for word in words if len(word) >= SHORTEST_INDEXED]
    short = [word for word in words if len(word) < SHORTEST_INDEXED]
    conditions = ["server = ?"] + ["text LIKE ? ESCAPE '\\'"] * len(short)
    values = [server, *(f"%{_literal(word)}%" for word in short)]
    if indexed:
        conditions.append("number IN (SELECT rowid FROM message_words WHERE message_words MATCH ?)")
        values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in indexed))
    return " AND ".join(conditions), values


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

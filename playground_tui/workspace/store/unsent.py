"""Text that was typed and not sent, and messages that wait for their turn. `key` is a thread's id, or `new:` and a
draft's id for a thread that its first message will make."""

from __future__ import annotations

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.store.database import Connection


@dataclass(frozen=True, slots=True)
class QueuedText:
    number: int
    text: str
    sending: bool = False
    """It was on its way when it was last heard of."""
    attachments: str = ""
    """JSON of what goes along with it (`writing/attachment.py`)."""


def unsent_text(conn: Connection, server: str, key: str) -> str:
    row = conn.execute("SELECT text FROM unsent WHERE server = ? AND key = ?", (server, key)).fetchone()
    return row[0] if row else ""


def keys_with_unsent(conn: Connection, server: str) -> set[str]:
    """Keys that have unsent text or a queue."""
    rows = conn.execute(
        "SELECT key FROM unsent WHERE server = :s UNION SELECT key FROM queue WHERE server = :s", {"s": server}
    )
    return {row[0] for row in rows}


def put_unsent(conn: Connection, server: str, key: str, text: str) -> None:
    if text:
        conn.execute(
            "INSERT INTO unsent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text", (server, key, text)
        )
    else:
        conn.execute("DELETE FROM unsent WHERE server = ? AND key = ?", (server, key))


def queued_texts(conn: Connection, server: str, key: str) -> list[QueuedText]:
    rows = conn.execute(
        "SELECT number, text, sending, attachments FROM queue WHERE server = ? AND key = ? ORDER BY place, number",
        (server, key),
    )
    return [QueuedText(number, text, bool(sending), attachments) for number, text, sending, attachments in rows]


def enqueue(conn: Connection, server: str, key: str, text: str, attachments: str = "", *, front: bool = False) -> int:
    """Put `text` at the end or in front. The new entry's number."""
    place = "coalesce(min(place), 0) - 1" if front else "coalesce(max(place), 0) + 1"
    cursor = conn.execute(
        f"""INSERT INTO queue (server, key, place, text, attachments)
        SELECT :s, :k, {place}, :t, :a FROM queue WHERE server = :s AND key = :k""",
        {"s": server, "k": key, "t": text, "a": attachments},
    )
    return int(cursor.lastrowid or 0)


def mark_sending(conn: Connection, number: int, sending: bool) -> None:
    conn.execute("UPDATE queue SET sending = ? WHERE number = ?", (sending, number))


def dequeue(conn: Connection, number: int) -> None:
    conn.execute("DELETE FROM queue WHERE number = ?", (number,))


def move_key(conn: Connection, server: str, old: str, new: str) -> None:
    """The thread was made: what was kept for it is kept under its id."""
    conn.execute("UPDATE queue SET key = ? WHERE server = ? AND key = ?", (new, server, old))
    for table in ("unsent", "unsent_attachments", "typed"):
        conn.execute(f"UPDATE OR REPLACE {table} SET key = ? WHERE server = ? AND key = ?", (new, server, old))
    conn.execute(
        "UPDATE OR REPLACE variables SET scope = ? WHERE server = ? AND scope = ?",
        (f"thread:{new}", server, f"thread:{old}"),
    )

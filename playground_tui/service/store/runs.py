"""What runs need of the database beyond plain objects: the thread's lock, ownership, stored events."""

from __future__ import annotations

import json
from typing import Any

from playground_tui.service.errors import ApiError
from playground_tui.service.store.database import Connection
from playground_tui.service.store.tables import ACTIVE

_ACTIVE = ", ".join(f"'{status}'" for status in ACTIVE)


def active_run(conn: Connection, thread_id: str) -> dict[str, Any] | None:
    """The run that holds the thread's lock."""
    row = conn.execute(f"SELECT body FROM runs WHERE thread_id = ? AND status IN ({_ACTIVE})", (thread_id,)).fetchone()
    return None if row is None else json.loads(row[0])


def refuse_messages_when_active(conn: Connection, thread_id: str) -> None:
    """Raises the API's 400 (wire.md §4)."""
    if run := active_run(conn, thread_id):
        raise ApiError(400, f"Can't add messages to {thread_id} while a run {run['id']} is active.")


def refuse_when_active(conn: Connection, thread_id: str) -> None:
    """Raises the API's 400 (wire.md §4). Within one `write` with the insert, no second run can come between."""
    if run := active_run(conn, thread_id):
        raise ApiError(400, f"Thread {thread_id} already has an active run {run['id']}.")


def active_runs(conn: Connection) -> list[tuple[str, str, str | None]]:
    """(run id, thread id, owner) of every run that is not over, of all processes."""
    return conn.execute(f"SELECT id, thread_id, owner FROM runs WHERE status IN ({_ACTIVE}) ORDER BY seq").fetchall()


def set_owner(conn: Connection, run_id: str, owner: str | None) -> None:
    conn.execute("UPDATE runs SET owner = ? WHERE id = ?", (owner, run_id))


def ask_cancel(conn: Connection, run_id: str) -> None:
    """Leave word for the owner, perhaps in another process."""
    conn.execute("UPDATE runs SET cancel_asked = 1 WHERE id = ?", (run_id,))


def cancel_asked(conn: Connection, owner: str) -> list[str]:
    """The ids of the owner's active runs that someone wants cancelled."""
    sql = f"SELECT id FROM runs WHERE status IN ({_ACTIVE}) AND cancel_asked = 1 AND owner = ?"
    return [run_id for (run_id,) in conn.execute(sql, (owner,))]


def add_events(conn: Connection, run_id: str, seq: int, frames: bytes) -> None:
    """Keep a chunk of ready SSE frames; `seq` counts the run's chunks from 0, over all legs."""
    conn.execute(
        "INSERT INTO run_events (run_id, seq, frames) VALUES (?, ?, ?) "
        "ON CONFLICT (run_id, seq) DO UPDATE SET frames = excluded.frames",
        (run_id, seq, frames),
    )


def events(conn: Connection, run_id: str, after: int = -1) -> list[tuple[int, bytes]]:
    """(seq, frames) of the chunks after `after`."""
    sql = "SELECT seq, frames FROM run_events WHERE run_id = ? AND seq > ? ORDER BY seq"
    return conn.execute(sql, (run_id, after)).fetchall()

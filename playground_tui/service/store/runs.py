"""What runs need of the database beyond plain objects: the thread's lock, ownership, moves of the state machine,
stored events, and the window of a thread that a run reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.errors import ApiError
from playground_tui.service.store.database import Connection
from playground_tui.service.store.tables import ACTIVE, Table

MAX_MESSAGES: Final = 100_000
"""Of a thread."""
_ACTIVE: Final = ", ".join(f"'{status}'" for status in ACTIVE)

# -- the thread's lock -------------------------------------------------------------------------------------------------


def active_run(conn: Connection, thread_id: str) -> dict[str, Any] | None:
    """The run that holds the thread's lock."""
    row = conn.execute(f"SELECT body FROM runs WHERE thread_id = ? AND status IN ({_ACTIVE})", (thread_id,)).fetchone()
    return None if row is None else json.loads(row[0])


def refuse_messages_when_active(conn: Connection, thread_id: str) -> None:
    """Raises the API's 400 (wire.md §4)."""
    if run := active_run(conn, thread_id):
        raise ApiError(400, f"Can't add messages to {thread_id} while a run {run['id']} is active.")


def refuse_messages_when_full(conn: Connection, thread_id: str, adding: int) -> None:
    """Raises the 400 for more messages than a thread may hold (wire.md §3). What runs write is not counted against."""
    row = conn.execute("SELECT messages FROM threads WHERE id = ?", (thread_id,)).fetchone()
    if adding and row is not None and row[0] + adding > MAX_MESSAGES:
        raise ApiError(
            400,
            f"Thread {thread_id} has {row[0]:,} messages; it can hold at most {MAX_MESSAGES:,}.",
            code="too_many_messages",
        )


def refuse_when_active(conn: Connection, thread_id: str) -> None:
    """Raises the API's 400 (wire.md §4). Within one `write` with the insert, no second run can come between."""
    if run := active_run(conn, thread_id):
        raise ApiError(400, f"Thread {thread_id} already has an active run {run['id']}.")


# -- moves -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One object as it is to be stored, already as JSON text."""

    table: Table
    id: str
    created_at: int
    values: tuple[Any, ...]
    """Of the table's columns."""
    body: str
    extra: str | None
    """None: what is kept beside it stays."""
    new: bool
    """False: an object deleted meanwhile does not come back."""


def put(conn: Connection, row: Row) -> None:
    columns = row.table.columns
    if row.new:
        names = ", ".join(("id", "created_at", *columns, "body", "extra"))
        marks = ", ".join("?" * (len(columns) + 4))
        values = (row.id, row.created_at, *row.values, row.body, row.extra)
        conn.execute(f"INSERT INTO {row.table.name} ({names}) VALUES ({marks})", values)
        return
    body = "json_set(?, '$.metadata', json_extract(body, '$.metadata'))" if row.table.metadata_apart else "?"
    sets = "".join(f", {column} = ?" for column in columns)
    conn.execute(
        f"UPDATE {row.table.name} SET body = {body}, extra = coalesce(?, extra){sets} WHERE id = ?",
        (row.body, row.extra, *row.values, row.id),
    )


@dataclass(frozen=True, slots=True)
class Move:
    """Objects and events of one moment of a run, stored only if the run is still as its mover believes."""

    run_id: str
    expected: frozenset[str]
    """Statuses the run may have."""
    owner: str | None
    """Who must own it."""
    rows: tuple[Row, ...]
    chunks: tuple[tuple[int, bytes], ...]
    """(seq, frames), as in `add_events`."""
    next_owner: str | None


def move(conn: Connection, change: Move) -> str | None:
    """Store it. Otherwise nothing is stored, and the answer is the status found; empty: the run is gone."""
    found = conn.execute("SELECT status, owner FROM runs WHERE id = ?", (change.run_id,)).fetchone()
    if found is None:
        return ""
    status, owner = found
    if status not in change.expected or owner != change.owner:
        return str(status)
    for row in change.rows:
        put(conn, row)
    for seq, frames in change.chunks:
        add_events(conn, change.run_id, seq, frames)
    if change.next_owner != owner:
        conn.execute("UPDATE runs SET owner = ? WHERE id = ?", (change.next_owner, change.run_id))
    return None


def set_owner(conn: Connection, run_id: str, owner: str | None) -> None:
    conn.execute("UPDATE runs SET owner = ? WHERE id = ?", (owner, run_id))


def owner_of(conn: Connection, run_id: str) -> str | None:
    row = conn.execute("SELECT owner FROM runs WHERE id = ?", (run_id,)).fetchone()
    return None if row is None else row[0]


@dataclass(frozen=True, slots=True)
class ActiveRun:
    id: str
    thread_id: str
    status: str
    owner: str | None
    expires_at: int | None


def active_runs(conn: Connection, **where: str) -> list[ActiveRun]:
    """Runs that are not over, of all processes. `where` are columns: `thread_id=…` finds at most one."""
    clause = "".join(f" AND {column} = ?" for column in where)
    sql = (
        "SELECT id, thread_id, status, owner, json_extract(body, '$.expires_at') "
        f"FROM runs WHERE status IN ({_ACTIVE}){clause} ORDER BY seq"
    )
    return [ActiveRun(*row) for row in conn.execute(sql, list(where.values()))]


def cancelling(conn: Connection, owner: str) -> list[str]:
    """The owner's runs that someone, perhaps in another process, wants cancelled."""
    sql = "SELECT id FROM runs WHERE status = 'cancelling' AND owner = ?"
    return [run_id for (run_id,) in conn.execute(sql, (owner,))]


def unfinished(conn: Connection, run_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(steps, messages) of a run that are still in progress."""
    found = []
    for table in ("steps", "messages"):
        sql = f"SELECT body FROM {table} WHERE run_id = ? AND status = 'in_progress' ORDER BY seq"
        found.append([json.loads(body) for (body,) in conn.execute(sql, (run_id,))])
    return found[0], found[1]


# -- stored events -----------------------------------------------------------------------------------------------------


def add_events(conn: Connection, run_id: str, seq: int, frames: bytes) -> None:
    """Keep a chunk of ready SSE frames; `seq` counts the run's chunks from 0, over all legs. No run, no chunk."""
    conn.execute(
        "INSERT INTO run_events (run_id, seq, frames) "
        "SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM runs WHERE id = ?1)",
        (run_id, seq, frames),
    )


def events(conn: Connection, run_id: str, after: int = -1, most: int = 1000) -> list[tuple[int, bytes]]:
    """(seq, frames) of the first `most` chunks after `after`."""
    sql = "SELECT seq, frames FROM run_events WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?"
    return conn.execute(sql, (run_id, after, most)).fetchall()


def next_seq(conn: Connection, run_id: str) -> int:
    row = conn.execute("SELECT max(seq) FROM run_events WHERE run_id = ?", (run_id,)).fetchone()
    return 0 if row[0] is None else int(row[0]) + 1


def forget_events(conn: Connection, before: int) -> None:
    """Drop the stored events of runs that were made before that second and are over: their objects say it all."""
    conn.execute(
        "DELETE FROM run_events WHERE run_id IN (SELECT DISTINCT e.run_id FROM run_events e "
        f"JOIN runs r ON r.id = e.run_id WHERE r.created_at < ? AND r.status NOT IN ({_ACTIVE}))",
        (before,),
    )


# -- what a run reads of its thread ------------------------------------------------------------------------------------


Located = tuple[int, dict[str, Any]]
"""A message and its place among all: seq."""


def last_message_seq(conn: Connection, thread_id: str) -> int:
    sql = "SELECT seq FROM messages WHERE thread_id = ? ORDER BY seq DESC LIMIT 1"
    row = conn.execute(sql, (thread_id,)).fetchone()
    return 0 if row is None else int(row[0])


def count_before(conn: Connection, thread_id: str, run_id: str) -> int:
    """Messages of the thread that are not the run's own."""
    sql = "SELECT messages - (SELECT count(*) FROM messages WHERE run_id = ?) FROM threads WHERE id = ?"
    row = conn.execute(sql, (run_id, thread_id)).fetchone()
    return 0 if row is None else int(row[0])


def newest_messages(conn: Connection, thread_id: str, limit: int) -> list[Located]:
    """The thread's last messages, oldest first."""
    rows = conn.execute(
        "SELECT seq, body FROM messages WHERE thread_id = ? ORDER BY seq DESC LIMIT ?", (thread_id, limit)
    ).fetchall()
    return [(seq, json.loads(body)) for seq, body in reversed(rows)]


def first_message(conn: Connection, thread_id: str) -> Located | None:
    sql = "SELECT seq, body FROM messages WHERE thread_id = ? ORDER BY seq LIMIT 1"
    row = conn.execute(sql, (thread_id,)).fetchone()
    return None if row is None else (row[0], json.loads(row[1]))


def steps_of(conn: Connection, run_ids: Iterable[str]) -> dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """Each run's steps in order, each with what is kept beside it."""
    found: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for run_id in run_ids:
        rows = conn.execute("SELECT body, extra FROM steps WHERE run_id = ? ORDER BY seq", (run_id,))
        found[run_id] = [(json.loads(body), json.loads(extra or "{}")) for body, extra in rows]
    return found


def silent_runs(conn: Connection, thread_id: str, since: int) -> list[tuple[str, int]]:
    """(run id, seq of the message it came after) of the thread's runs that have steps but left no message, as far back
    as the message `since`. Oldest first."""
    sql = """SELECT id, coalesce(json_extract(extra, '$.after'), 0), EXISTS (SELECT 1 FROM steps WHERE run_id = r.id)
        AND NOT EXISTS (SELECT 1 FROM messages WHERE run_id = r.id) FROM runs r WHERE thread_id = ? ORDER BY seq DESC"""
    found: list[tuple[str, int]] = []
    for run_id, after, silent in conn.execute(sql, (thread_id,)):
        if after < since:
            break
        if silent:
            found.append((run_id, after))
    return found[::-1]

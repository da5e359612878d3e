"""Versions on disk, numbered per draft from 1. Bodies are compressed: instructions repeat from version to version."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Literal, NamedTuple

from playground_tui.workspace.store.database import Connection
from playground_tui.workspace.store.drafts import encode
from playground_tui.workspace.values import Json

Source = Literal["saved", "elsewhere", "restored", "imported"]


class VersionRow(NamedTuple):
    number: int
    opened_at: float
    """Unix seconds."""
    saved_at: float
    closed_at: float | None
    """None: later saves still fold into it."""
    source: Source
    changed: tuple[str, ...]
    """Fields that differ from the version before."""
    label: str
    note: str


_COLUMNS = "number, opened_at, saved_at, closed_at, source, changed, label, note"


def listing(conn: Connection, draft_id: str) -> list[VersionRow]:
    """Newest first, without their bodies."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM versions WHERE draft_id = ? ORDER BY number DESC", (draft_id,))
    return [_row(row) for row in rows]


def latest(conn: Connection, draft_id: str) -> VersionRow | None:
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM versions WHERE draft_id = ? ORDER BY number DESC LIMIT 1", (draft_id,)
    ).fetchone()
    return _row(row) if row else None


def body(conn: Connection, draft_id: str, number: int) -> dict[str, Json] | None:
    row = conn.execute("SELECT body FROM versions WHERE draft_id = ? AND number = ?", (draft_id, number)).fetchone()
    return json.loads(zlib.decompress(row[0])) if row else None


def one_before(conn: Connection, draft_id: str, number: int) -> dict[str, Json] | None:
    """The body of the last version below `number` that is kept."""
    row = conn.execute(
        "SELECT body FROM versions WHERE draft_id = ? AND number < ? ORDER BY number DESC LIMIT 1", (draft_id, number)
    ).fetchone()
    return json.loads(zlib.decompress(row[0])) if row else None


def old_ones(conn: Connection, draft_id: str, before: float) -> list[VersionRow]:
    """Closed, saved here before that moment, and pointed to by nothing: no label, no note, no reply of a run on the
    draft's server (a run's record names no draft: one number too many is kept rather than one too few). Oldest
    first; the very first version is never among them."""
    rows = conn.execute(
        f"""SELECT {_COLUMNS} FROM versions
        WHERE draft_id = ? AND saved_at < ? AND closed_at IS NOT NULL AND source = 'saved' AND label = '' AND note = ''
            AND number > (SELECT min(number) FROM versions WHERE draft_id = ?)
            AND number NOT IN (
                SELECT version FROM run_records WHERE version IS NOT NULL
                    AND server = (SELECT server FROM drafts WHERE id = ?))
        ORDER BY number""",
        (draft_id, before, draft_id, draft_id),
    )
    return [_row(row) for row in rows]


def drop(conn: Connection, draft_id: str, number: int) -> None:
    conn.execute("DELETE FROM versions WHERE draft_id = ? AND number = ?", (draft_id, number))


def put_changed(conn: Connection, draft_id: str, number: int, changed: tuple[str, ...]) -> None:
    conn.execute(
        "UPDATE versions SET changed = ? WHERE draft_id = ? AND number = ?", (json.dumps(changed), draft_id, number)
    )


def next_kept(conn: Connection, draft_id: str, number: int) -> int | None:
    """The number of the first version above `number`."""
    row = conn.execute("SELECT min(number) FROM versions WHERE draft_id = ? AND number > ?", (draft_id, number))
    found: int | None = row.fetchone()[0]
    return found


def add(
    conn: Connection,
    draft_id: str,
    values: Mapping[str, Json],
    *,
    now: float,
    source: Source,
    changed: tuple[str, ...],
    closed: bool,
) -> int:
    row = conn.execute("SELECT coalesce(max(number), 0) + 1 FROM versions WHERE draft_id = ?", (draft_id,)).fetchone()
    conn.execute(
        "INSERT INTO versions (draft_id, number, opened_at, saved_at, closed_at, source, changed, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (draft_id, row[0], now, now, now if closed else None, source, json.dumps(changed), _pack(values)),
    )
    return int(row[0])


def fold(
    conn: Connection, draft_id: str, number: int, values: Mapping[str, Json], *, now: float, changed: tuple[str, ...]
) -> None:
    """A later save into the open version."""
    conn.execute(
        "UPDATE versions SET saved_at = ?, changed = ?, body = ? WHERE draft_id = ? AND number = ?",
        (now, json.dumps(changed), _pack(values), draft_id, number),
    )


def close(conn: Connection, draft_id: str, now: float) -> None:
    conn.execute("UPDATE versions SET closed_at = ? WHERE draft_id = ? AND closed_at IS NULL", (now, draft_id))


def put_label(conn: Connection, draft_id: str, number: int, label: str) -> None:
    """A label stands on one version of an assistant: it moves."""
    conn.execute("UPDATE versions SET label = '' WHERE draft_id = ? AND label = ? AND label <> ''", (draft_id, label))
    conn.execute("UPDATE versions SET label = ? WHERE draft_id = ? AND number = ?", (label, draft_id, number))


def put_note(conn: Connection, draft_id: str, number: int, note: str) -> None:
    conn.execute("UPDATE versions SET note = ? WHERE draft_id = ? AND number = ?", (note, draft_id, number))


def _row(row: tuple[int, float, float, float | None, Source, str, str, str]) -> VersionRow:
    number, opened_at, saved_at, closed_at, source, changed, label, note = row
    return VersionRow(number, opened_at, saved_at, closed_at, source, tuple(json.loads(changed)), label, note)


def _pack(values: Mapping[str, Json]) -> bytes:
    return zlib.compress(encode(dict(values)).encode(), 6)

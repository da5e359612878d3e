"""What is kept of function calls: mocks, approvals, and answers that were not handed in yet."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from playground_tui.workspace.store.database import Connection


class ApprovalRow(NamedTuple):
    key: str
    assistant_id: str
    function: str
    handler: str
    """As a person reads it."""
    approved_at: float


def owners(conn: Connection, server: str, assistant: str) -> tuple[str, ...]:
    """All that stands for one assistant, given its id or its draft's; the first is what new rows belong to."""
    found = conn.execute(
        "SELECT id, assistant_id FROM drafts WHERE server = ? AND (id = ? OR assistant_id = ?) AND deleted_at IS NULL",
        (server, assistant, assistant),
    ).fetchone()
    return tuple(dict.fromkeys(part for part in (*(found or ()), assistant) if part))


# -- mocks -------------------------------------------------------------------------------------------------------------


def mocks(conn: Connection, server: str, assistant: str, function: str) -> dict[str, str]:
    """Name → output, by name."""
    found: dict[str, str] = {}
    for owner in reversed(owners(conn, server, assistant)):
        found.update(
            conn.execute(
                "SELECT name, output FROM mocks WHERE server = ? AND owner = ? AND function = ?",
                (server, owner, function),
            ).fetchall()
        )
    return dict(sorted(found.items()))


def put_mock(conn: Connection, server: str, assistant: str, function: str, name: str, output: str) -> None:
    drop_mock(conn, server, assistant, function, name)
    owner = owners(conn, server, assistant)[0]
    conn.execute("INSERT INTO mocks VALUES (?, ?, ?, ?, ?)", (server, owner, function, name, output))


def rename_function(conn: Connection, server: str, assistant: str, old: str, new: str) -> None:
    """Its mocks go with it; one that stood under the new name is replaced."""
    for owner in owners(conn, server, assistant):
        conn.execute(
            "UPDATE OR REPLACE mocks SET function = ? WHERE server = ? AND owner = ? AND function = ?",
            (new, server, owner, old),
        )


def drop_mock(conn: Connection, server: str, assistant: str, function: str, name: str) -> None:
    for owner in owners(conn, server, assistant):
        conn.execute(
            "DELETE FROM mocks WHERE server = ? AND owner = ? AND function = ? AND name = ?",
            (server, owner, function, name),
        )


# -- approvals ---------------------------------------------------------------------------------------------------------


def is_approved(conn: Connection, key: str) -> bool:
    return conn.execute("SELECT 1 FROM approvals WHERE key = ?", (key,)).fetchone() is not None


def put_approval(conn: Connection, server: str, row: ApprovalRow) -> None:
    conn.execute(
        "INSERT INTO approvals VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
        (row.key, server, *row[1:]),
    )


def was_approved(conn: Connection, server: str, assistant_id: str, function: str) -> bool:
    """Some handler for a function of this name was always allowed."""
    row = conn.execute(
        "SELECT 1 FROM approvals WHERE server = ? AND assistant_id = ? AND function = ?",
        (server, assistant_id, function),
    ).fetchone()
    return row is not None


def drop_approvals(conn: Connection, server: str) -> None:
    conn.execute("DELETE FROM approvals WHERE server = ?", (server,))


# -- answers -----------------------------------------------------------------------------------------------------------


def answers(conn: Connection, server: str, run_id: str) -> dict[str, dict[str, Any]]:
    """Call id → what is kept of its answer."""
    rows = conn.execute("SELECT call_id, body FROM call_answers WHERE server = ? AND run_id = ?", (server, run_id))
    return {call_id: json.loads(body) for call_id, body in rows}


def put_answer(conn: Connection, server: str, thread_id: str, run_id: str, call_id: str, body: dict[str, Any]) -> None:
    conn.execute(
        "INSERT INTO call_answers VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (server, run_id, call_id) DO UPDATE SET body = excluded.body",
        (server, thread_id, run_id, call_id, json.dumps(body, ensure_ascii=False)),
    )


def claim_answer(
    conn: Connection, server: str, thread_id: str, run_id: str, call_id: str, body: dict[str, Any]
) -> bool:
    """Whether nothing was kept for this call before: of two programs on one home only one runs its handler."""
    done = conn.execute(
        "INSERT INTO call_answers VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (server, thread_id, run_id, call_id, json.dumps(body, ensure_ascii=False)),
    )
    return done.rowcount > 0


def drop_answer(conn: Connection, server: str, run_id: str, call_id: str) -> None:
    conn.execute("DELETE FROM call_answers WHERE server = ? AND run_id = ? AND call_id = ?", (server, run_id, call_id))


def drop_answers(conn: Connection, server: str, thread_id: str) -> None:
    """What is given and what is only typed."""
    for name in ("call_answers", "typed_answers"):
        conn.execute(f"DELETE FROM {name} WHERE server = ? AND thread_id = ?", (server, thread_id))


# -- answers that are not given yet ------------------------------------------------------------------------------------


def typed_answers(conn: Connection, server: str, run_id: str) -> dict[str, str]:
    """Call id → text."""
    rows = conn.execute("SELECT call_id, text FROM typed_answers WHERE server = ? AND run_id = ?", (server, run_id))
    return dict(rows.fetchall())


def put_typed_answer(conn: Connection, server: str, thread_id: str, run_id: str, call_id: str, text: str) -> None:
    conn.execute(
        "INSERT INTO typed_answers VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (server, run_id, call_id) DO UPDATE SET text = excluded.text",
        (server, thread_id, run_id, call_id, text),
    )

"""What helps writing: templates, values of variables, texts that were sent, attachments of texts that were not."""

from __future__ import annotations

from typing import NamedTuple

from playground_tui.workspace.store.database import Connection

MOST_TYPED = 1_000
"""Texts kept of one server; older ones go."""


class TemplateRow(NamedTuple):
    name: str
    text: str
    created_at: float
    used_at: float
    """Unix seconds; 0: never."""


# -- templates ---------------------------------------------------------------------------------------------------------


def templates(conn: Connection) -> list[TemplateRow]:
    """By name."""
    rows = conn.execute("SELECT name, text, created_at, used_at FROM templates ORDER BY name")
    return [TemplateRow(*row) for row in rows]


def put_template(conn: Connection, name: str, text: str, now: float) -> None:
    conn.execute(
        "INSERT INTO templates VALUES (?, ?, ?, 0) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
        (name, text, now),
    )


def rename_template(conn: Connection, old: str, new: str) -> None:
    conn.execute("UPDATE OR REPLACE templates SET name = ? WHERE name = ?", (new, old))


def use_template(conn: Connection, name: str, now: float) -> None:
    conn.execute("UPDATE templates SET used_at = ? WHERE name = ?", (now, name))


def drop_template(conn: Connection, name: str) -> None:
    conn.execute("DELETE FROM templates WHERE name = ?", (name,))


# -- variables ---------------------------------------------------------------------------------------------------------


def values(conn: Connection, server: str, scope: str) -> dict[str, str]:
    rows = conn.execute("SELECT name, value FROM variables WHERE server = ? AND scope = ?", (server, scope))
    return dict(rows.fetchall())


def put_value(conn: Connection, server: str, scope: str, name: str, value: str) -> None:
    """An empty value takes it away."""
    if not value:
        conn.execute("DELETE FROM variables WHERE server = ? AND scope = ? AND name = ?", (server, scope, name))
        return
    conn.execute(
        "INSERT INTO variables VALUES (?, ?, ?, ?) "
        "ON CONFLICT (server, scope, name) DO UPDATE SET value = excluded.value",
        (server, scope, name, value),
    )


# -- texts that were sent ----------------------------------------------------------------------------------------------


def add_typed(conn: Connection, server: str, key: str, text: str) -> None:
    """The same text again only moves up."""
    conn.execute("DELETE FROM typed WHERE server = ? AND key = ? AND text = ?", (server, key, text))
    conn.execute("INSERT INTO typed (server, key, text) VALUES (?, ?, ?)", (server, key, text))
    conn.execute(
        "DELETE FROM typed WHERE server = ? AND number <= "
        "(SELECT number FROM typed WHERE server = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (server, server, MOST_TYPED),
    )


def typed(conn: Connection, server: str, key: str, limit: int) -> list[str]:
    """Newest first: those of `key`, then those of others; each text once."""
    rows = conn.execute(
        "SELECT text FROM typed WHERE server = ? ORDER BY key <> ?, number DESC LIMIT ?", (server, key, limit)
    )
    return list(dict.fromkeys(row[0] for row in rows))


# -- attachments -------------------------------------------------------------------------------------------------------


def attachments(conn: Connection, server: str, key: str) -> str:
    """JSON as it was put; empty when there is none."""
    row = conn.execute("SELECT body FROM unsent_attachments WHERE server = ? AND key = ?", (server, key)).fetchone()
    return row[0] if row else ""


def put_attachments(conn: Connection, server: str, key: str, body: str) -> None:
    if body:
        conn.execute(
            "INSERT INTO unsent_attachments VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
            (server, key, body),
        )
    else:
        conn.execute("DELETE FROM unsent_attachments WHERE server = ? AND key = ?", (server, key))

"""Single small values by key, as JSON."""

from __future__ import annotations

import json
from typing import Any

from playground_tui.workspace.store.database import Connection


def get(conn: Connection, key: str, default: Any = None) -> Any:
    row = conn.execute("SELECT value FROM kv WHERE key = ?", (key,)).fetchone()
    return default if row is None else json.loads(row[0])


def put(conn: Connection, key: str, value: Any) -> None:
    conn.execute(
        "INSERT INTO kv VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, json.dumps(value))
    )


def drop(conn: Connection, key: str) -> None:
    conn.execute("DELETE FROM kv WHERE key = ?", (key,))

"""Run settings of each assistant: not part of it, kept beside it under its draft's id."""

from __future__ import annotations

import json

from playground_tui.workspace.store.database import Connection
from playground_tui.workspace.values import Json, RawEdit, RunSettings


def load(conn: Connection, draft_id: str) -> RunSettings:
    values: dict[str, Json] = {}
    raw: dict[str, RawEdit] = {}
    for name, text in conn.execute("SELECT name, value FROM run_settings WHERE draft_id = ?", (draft_id,)):
        kept = json.loads(text)
        if kept["value"] is not None:
            values[name] = kept["value"]
        if kept["raw"] is not None:
            raw[name] = RawEdit(*kept["raw"])
    return RunSettings(values, raw)


def put(conn: Connection, draft_id: str, name: str, value: Json, raw: RawEdit | None) -> None:
    if value is None and raw is None:
        conn.execute("DELETE FROM run_settings WHERE draft_id = ? AND name = ?", (draft_id, name))
        return
    text = json.dumps({"value": value, "raw": (raw.text, raw.advice) if raw else None})
    conn.execute(
        "INSERT INTO run_settings VALUES (?, ?, ?) ON CONFLICT (draft_id, name) DO UPDATE SET value = excluded.value",
        (draft_id, name, text),
    )

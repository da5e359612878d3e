"""What each run was made with: the assistant's version and the overrides. The API keeps neither."""

from __future__ import annotations

import json
from typing import Any

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.store.database import Connection


@dataclass(frozen=True, slots=True)
class RunRecord:
    run_id: str
    thread_id: str
    version: int | None
    overrides: dict[str, Any]
    started_at: float


def put_run(conn: Connection, server: str, record: RunRecord) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO run_records VALUES (?, ?, ?, ?, ?, ?)",
        (
            server,
            record.run_id,
            record.thread_id,
            record.version,
            json.dumps(record.overrides, ensure_ascii=False),
            record.started_at,
        ),
    )


def one_run(conn: Connection, server: str, run_id: str) -> RunRecord | None:
    row = conn.execute(
        "SELECT run_id, thread_id, version, overrides, started_at FROM run_records WHERE server = ? AND run_id = ?",
        (server, run_id),
    ).fetchone()
    return RunRecord(row[0], row[1], row[2], json.loads(row[3]), row[4]) if row else None

"""Work counted, not timed: what a run's events cost the database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from playground_tui.service.runs import feed
from playground_tui.service.store import Database
from tests.service_runs.bench import Bench
from tests.support.engines import text

MOST_PER_CHUNK = 5
"""Begin, savepoint, insert, release, commit."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the writer of every database opened from here on is given."""
    heard: list[str] = []
    prepare = Database._prepare

    def traced(database: Database) -> sqlite3.Connection:
        conn = prepare(database)
        conn.set_trace_callback(heard.append)
        return conn

    monkeypatch.setattr(Database, "_prepare", traced)
    monkeypatch.setattr(feed, "FLUSH", 60.0)  # chunks are stored by their size alone, not by the clock
    return heard


async def test_events_are_stored_in_chunks_not_one_by_one(tmp_path: Path, statements: list[str]) -> None:
    bench = Bench(tmp_path)
    await bench.start()
    counts = {}
    for events in (10, 100, 4_000):
        bench.engine.replies.append(text(*[" word"] * events))
        before, size = len(statements), 0
        handle = await bench.begin()
        async for frames in handle.events():
            size += len(frames)
        counts[events] = len(statements) - before, size // feed.CHUNK_BYTES
    await bench.stop()
    assert counts[10][0] == counts[100][0]
    more, chunks = counts[4_000]
    assert chunks > 5
    assert more - counts[10][0] <= chunks * MOST_PER_CHUNK

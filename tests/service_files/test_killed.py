"""A service that is killed in the middle of indexing, as a process: the next one takes it up again."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import openai
import pytest

from tests.service_runs.bench import eventually

pytestmark = pytest.mark.process
PROGRAM = """
import sys
from pathlib import Path
from playground_tui.service.http import serve
from tests.support.carried import service_config
serve(service_config(Path(sys.argv[1]), api_key="k"), on_ready=lambda url: print(url, flush=True))
"""
LINES = 10_000


@asynccontextmanager
async def service(home: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, openai.AsyncOpenAI]]:
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(home)),
        stdout=asyncio.subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    try:
        url = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
        async with openai.AsyncOpenAI(api_key="k", base_url=url, max_retries=0) as client:
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def passages(home: Path) -> int:
    with closing(sqlite3.connect(next(home.rglob("service.sqlite3")))) as conn:
        return int(conn.execute("SELECT count(*) FROM chunks").fetchone()[0])


@pytest.mark.slow
async def test_indexing_goes_on_after_a_kill(tmp_path: Path) -> None:
    long = "".join(f"Line {n} says nothing about anything that matters.\n" for n in range(LINES)) + "A zeppelin lands."
    async with service(tmp_path) as (process, client):
        file = await client.files.create(file=("long.txt", long.encode()), purpose="assistants")
        late = await client.files.create(file=("late.txt", b"An albatross waits."), purpose="assistants")
        store = await client.vector_stores.create(file_ids=[file.id, late.id])
        await eventually(lambda: asyncio.to_thread(passages, tmp_path), lambda count: count > 0)
        assert (await client.vector_stores.retrieve(store.id)).file_counts.in_progress > 0
        process.kill()
        await process.wait()
    async with service(tmp_path) as (_, client):
        await eventually(lambda: client.vector_stores.retrieve(store.id), lambda found: found.status == "completed")
        for query, name in (("zeppelin", "long.txt"), ("albatross", "late.txt")):
            found = await client.vector_stores.search(store.id, query=query)
            assert [hit.filename for hit in found.data] == [name]
        text = await client.vector_stores.files.content(file.id, vector_store_id=store.id)
        assert "".join(part.text for part in text.data) == long

"""Two processes on one database: twenty threads each, streamed at once, cancelled from the other side, and killed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.service_runs.bench import Bench, said
from tests.service_runs.other_process import PIECES, SteadyEngine, stream
from tests.service_runs.reading import read_all, short

pytestmark = pytest.mark.process
WHOLE = "".join(PIECES)


class Other:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.lines.append(json.loads(line))

    def tell(self, *words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((" ".join(words) + "\n").encode())

    async def until(self, count: int, key: str) -> list[dict[str, Any]]:
        async with asyncio.timeout(60):
            while len(found := [line for line in self.lines if key in line]) < count:
                assert self.process.returncode is None or not self.reading.done(), "the other process ended"
                await asyncio.sleep(0.005)
        return found

    async def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert await asyncio.wait_for(self.process.wait(), 60) == 0
        await self.reading


@asynccontextmanager
async def other_process(home: Path) -> AsyncIterator[Other]:
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.service_runs.other_process",
        str(home),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    other = Other(process)
    try:
        await other.until(1, "ready")
        yield other
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await other.reading


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path, SteadyEngine())
    await bench.start()
    yield bench
    await bench.stop()


async def test_twenty_threads_each_and_cancels_from_the_other_side(here: Bench, tmp_path: Path):
    assistant = await here.assistant()
    threads = [await here.thread("Hi") for _ in range(40)]
    mine, theirs = threads[:20], threads[20:]
    told: list[dict[str, Any]] = []
    async with other_process(tmp_path) as other:
        for thread_id in theirs:
            other.tell("run", thread_id, assistant["id"])
        streams = [asyncio.create_task(stream(here, thread_id, assistant["id"], told.append)) for thread_id in mine]
        their_runs = {line["thread"]: line["began"] for line in await other.until(20, "began")}
        while sum("began" in line for line in told) < 20:
            await asyncio.sleep(0.001)
        my_runs = {line["thread"]: line["began"] for line in told if "began" in line}
        for thread_id in theirs[:5]:
            assert (await here.runs.cancel(thread_id, their_runs[thread_id]))["status"] == "cancelling"
        for thread_id in mine[:5]:
            other.tell("cancel", thread_id, my_runs[thread_id])
        await asyncio.gather(*streams)
        ended = [line for line in told if "ended" in line] + await other.until(20, "ended")
        assert {line["status"] for line in await other.until(5, "cancelled")} == {"cancelling"}
        await other.end()
    await check_all(here, ended, {*mine[:5], *theirs[:5]})


async def check_all(here: Bench, ended: list[dict[str, Any]], cancelled: set[str]) -> None:
    """Nothing lost, nothing twice: in the streams, in the messages, in what a late listener hears."""
    assert len({line["run"] for line in ended}) == len(ended) == 40
    for line in ended:
        thread_id = line["ended"]
        (run,) = await here.runs_of(thread_id)
        user, *replies = await here.messages(thread_id)
        assert user["role"] == "user"
        followed = await read_all(await here.runs.follow(thread_id, run["id"]), whole=True)
        assert followed[-2].data["status"] == run["status"] == line["status"]
        if thread_id in cancelled:
            assert run["status"] == "cancelled"
            assert WHOLE.startswith(line["text"])
            assert "".join(map(said, replies)) == line["text"]
            assert not replies or replies[0]["incomplete_details"] == {"reason": "run_cancelled"}
        else:
            assert run["status"] == "completed"
            assert [said(reply) for reply in replies] == [line["text"]] == [WHOLE]


async def test_a_killed_process_leaves_no_thread_locked(here: Bench, tmp_path: Path):
    assistant = await here.assistant()
    threads = [await here.thread("Hi") for _ in range(3)]
    async with other_process(tmp_path) as other:
        for thread_id in threads:
            other.tell("run", thread_id, assistant["id"])
        runs = {line["thread"]: line["began"] for line in await other.until(3, "began")}
        followers = [
            asyncio.ensure_future(read_all(await here.runs.follow(thread_id, runs[thread_id]), whole=True))
            for thread_id in threads
        ]
        await asyncio.sleep(0)
        other.process.kill()
        await other.process.wait()
    await here.runs.sweep()
    for thread_id, follower in zip(threads, followers, strict=True):
        assert short(await follower)[-2:] == ["run.failed", "done"]
        for reply in (await here.messages(thread_id))[1:]:
            assert reply["incomplete_details"] == {"reason": "run_failed"}
            assert WHOLE.startswith(said(reply))
        await read_all((await here.run_on(thread_id, assistant)).events())

"""The service behind real HTTP on loopback."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import openai
import pytest

from playground_tui.service.http import HttpServer, base_url, serve
from tests.support.carried import service_config
from tests.support.runs import FakeRuns, with_fake_runs
from tests.support.wait import wait_until

KEY = "key-for-tests"


@asynccontextmanager
async def served(home: Path, runs: FakeRuns, grace: float = 30) -> AsyncIterator[tuple[HttpServer, asyncio.Task, str]]:
    config = service_config(home, api_key=KEY, serve=True)
    urls: list[str] = []
    server = HttpServer(with_fake_runs(runs)(config), "127.0.0.1", 0, urls.append, grace=grace)
    task = asyncio.ensure_future(server.run())
    await wait_until(lambda: urls or task.done())
    try:
        yield server, task, urls[0]
    finally:
        server.stop()
        server.stop()
        await task


async def start_stream(client: openai.AsyncOpenAI) -> openai.AsyncStream:
    assistant = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create()
    return await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True)


class GatedRuns(FakeRuns):
    """A stream that ends when the test says."""

    gate: asyncio.Event

    async def frames_of(self, run_id: str) -> AsyncIterator[bytes]:
        yield b'event: thread.run.queued\ndata: {"object":"thread.run"}\n\n'
        await self.gate.wait()
        yield b"event: done\ndata: [DONE]\n\n"


async def test_existing_code_reaches_it(tmp_path: Path):
    async with served(tmp_path, FakeRuns()) as (_, _, url):
        assert url.startswith("http://127.0.0.1:")
        async with openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
            made = await client.beta.assistants.create(model="m", name="日本")
            assert (await client.beta.assistants.retrieve(made.id)).name == "日本"
            assert [event async for event in await start_stream(client)] == []
            with pytest.raises(openai.AuthenticationError):
                await client.with_options(api_key="other").beta.assistants.list()


async def test_the_first_stop_lets_streams_end(tmp_path: Path):
    runs = GatedRuns()
    runs.gate = asyncio.Event()
    async with served(tmp_path, runs) as (server, task, url):
        async with openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
            stream = aiter(await start_stream(client))
            assert (await anext(stream)).event == "thread.run.queued"
            server.stop()
            runs.gate.set()
            assert [event async for event in stream] == []
        await asyncio.wait_for(task, 30)


async def test_the_second_stop_does_not(tmp_path: Path):
    runs = GatedRuns()
    runs.gate = asyncio.Event()
    async with served(tmp_path, runs) as (server, task, url):
        async with openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
            stream = aiter(await start_stream(client))
            await anext(stream)
            server.stop()
            server.stop()
            await asyncio.wait_for(task, 30)
            with suppress(openai.APIError, httpx2.TransportError):
                assert [event async for event in stream] == []


async def test_a_taken_address_is_an_error(tmp_path: Path):
    async with served(tmp_path / "one", FakeRuns()) as (_, _, url):
        port = int(url.rpartition(":")[2].removesuffix("/v1"))
        other = HttpServer(with_fake_runs(FakeRuns())(service_config(tmp_path / "two")), "127.0.0.1", port, print)
        with pytest.raises(OSError):
            await other.run()


def test_it_is_never_served_without_a_key(tmp_path: Path):
    with pytest.raises(ValueError):
        serve(service_config(tmp_path))


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8/v1"), ("0.0.0.0", "http://127.0.0.1:8/v1"), ("::", "http://[::1]:8/v1")],
)
def test_the_base_url_is_one_to_call(host: str, url: str):
    class Listener:
        getsockname: Callable[[], tuple[str, int]] = staticmethod(lambda: ("", 8))

    assert base_url(host, Listener()) == url


PROGRAM = """
import sys
from pathlib import Path
from playground_tui.service.http import serve
from tests.support.carried import service_config
serve(service_config(Path(sys.argv[1]), api_key="k"), on_ready=lambda url: print(url, flush=True))
"""


@pytest.mark.process
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.wait()

"""The thread and the transport, with small ASGI applications in place of the service's."""

import asyncio
import concurrent.futures
import gc
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest

from playground_tui.service.carried import BASE_URL, Carried
from playground_tui.service.config import ServiceConfig
from playground_tui.service.pipe import LIMIT
from playground_tui.service.service import Service
from playground_tui.settings.model import Settings
from playground_tui.settings.paths import find_paths
from tests.support.wait import wait_until

START = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1")]}


class NoService:
    def __init__(self, failure: Exception | None = None, hold: threading.Event | None = None) -> None:
        self.failure, self.hold, self.graces = failure, hold, []

    async def start(self) -> None:
        if self.hold is not None:
            await asyncio.to_thread(self.hold.wait, 10)
        if self.failure is not None:
            raise self.failure

    async def close(self, grace: float) -> None:
        self.graces.append(grace)


@contextmanager
def running(
    app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, service: NoService | None = None
) -> Iterator[Carried]:
    monkeypatch.setattr("playground_tui.service.app.create_app", lambda service: app)
    carried = Carried(lambda: service or NoService())
    carried.start()
    yield carried
    carried.stop(5)
    assert not carried._thread.is_alive()
    assert not carried._tasks


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., httpx2.AsyncClient]]:
    with ExitStack() as stack:

        def start(app: Callable[..., Any], **options: Any) -> httpx2.AsyncClient:
            carried = stack.enter_context(running(app, monkeypatch))
            client = httpx2.AsyncClient(transport=carried.transport(), base_url=BASE_URL, **options)
            client.carried = carried
            return client

        yield start


async def body(send: Any, chunk: bytes, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": more})


async def test_parts_arrive_before_the_answer_is_complete(serve):
    go = threading.Event()

    async def app(scope, receive, send):
        await send(START)
        await body(send, b"one")
        await asyncio.to_thread(go.wait, 10)
        await body(send, b"two", more=False)

    async with serve(app) as client, client.stream("GET", "/x?q=1") as answer:
        assert (answer.status_code, answer.headers["x-a"]) == (200, "1")
        parts = answer.aiter_raw()
        assert await anext(parts) == b"one"
        go.set()
        assert await anext(parts) == b"two"
        assert [p async for p in parts] == []


async def test_the_request_arrives_as_it_was_sent(serve):
    seen = {}

    async def app(scope, receive, send):
        received = b""
        while True:
            message = await receive()
            received += message["body"]
            if not message["more_body"]:
                break
        seen.update(scope, body=received)
        await send(START)
        await body(send, b"", more=False)

    async def parts() -> AsyncIterator[bytes]:
        for n in range(3):
            yield str(n).encode() * LIMIT

    async with serve(app) as client:
        await client.post("/a%20b?x=%C3%A9&y=2", content=b"whole", headers={"X-Key": "v"})
        assert (seen["method"], seen["path"], seen["raw_path"]) == ("POST", "/v1/a b", b"/v1/a%20b")
        assert (seen["query_string"], seen["body"]) == (b"x=%C3%A9&y=2", b"whole")
        assert (b"x-key", b"v") in seen["headers"]
        await client.post("/", content=parts())
        assert len(seen["body"]) == 3 * LIMIT


async def test_a_slow_reader_holds_the_sender_back(serve):
    sent = 0

    async def app(scope, receive, send):
        nonlocal sent
        await send(START)
        for _ in range(100):
            await body(send, b"x" * LIMIT)
            sent += 1
        await body(send, b"", more=False)

    async with serve(app) as client, client.stream("GET", "/") as answer:
        await wait_until(lambda: sent > 0)
        assert sent <= 2
        assert sum([len(part) async for part in answer.aiter_raw()]) == 100 * LIMIT


@pytest.mark.parametrize("way", ["close", "drop", "cancel"])
async def test_a_client_that_leaves_is_noticed(serve, way: str):
    left = threading.Event()

    async def app(scope, receive, send):
        try:
            await receive()
            if way != "cancel":
                await send(START)
                await body(send, b"x")
            assert (await receive())["type"] == "http.disconnect"
        finally:
            left.set()

    async with serve(app) as client:
        if way == "cancel":
            task = asyncio.ensure_future(client.get("/"))
            await wait_until(lambda: client.carried._tasks)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            request = client.build_request("GET", "/")
            answer = await client._transport.handle_async_request(request)
            if way == "close":
                await answer.aclose()
            del answer
            gc.collect()
        await wait_until(left.is_set)
        await wait_until(lambda: not client.carried._tasks)


async def test_a_sender_held_back_by_a_client_that_left_ends(serve):
    ended = threading.Event()

    async def app(scope, receive, send):
        await send(START)
        try:
            while True:
                await body(send, b"x" * LIMIT)
        except OSError:
            ended.set()

    async with serve(app) as client:
        async with client.stream("GET", "/"):
            pass
        await wait_until(ended.is_set)


async def test_time_outs_are_honoured(serve):
    async def silent(scope, receive, send):
        await receive()
        if scope["path"].endswith("/body"):
            await send(START)
            await body(send, b"x")
        await receive()

    async with serve(silent, timeout=httpx2.Timeout(5, read=0.05)) as client:
        for path in ("/head", "/body"):
            with pytest.raises(httpx2.ReadTimeout):
                await client.get(path)
        await wait_until(lambda: not client.carried._tasks)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * LIMIT

    async def deaf(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            await asyncio.sleep(3600)

    async with serve(deaf, timeout=httpx2.Timeout(5, write=0.05)) as client:
        with pytest.raises(httpx2.WriteTimeout):
            await client.post("/", content=endless())


async def test_what_fails_before_the_answer_is_raised_and_after_it_ends_the_stream(serve):
    async def app(scope, receive, send):
        if scope["path"].endswith("/after"):
            await send(START)
            await body(send, b"some")
        raise LookupError("oops")

    async with serve(app) as client:
        with pytest.raises(LookupError):
            await client.get("/before")
        assert (await client.get("/after")).content == b"some"


async def test_no_answer_at_all_is_a_read_error(serve):
    async def app(scope, receive, send): ...

    async with serve(app) as client:
        with pytest.raises(httpx2.ReadError):
            await client.get("/")


async def test_an_answer_before_the_body_was_read_ends_the_upload(serve):
    async def app(scope, receive, send):
        await send({**START, "status": 413})
        await body(send, b"no", more=False)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * LIMIT

    async with serve(app) as client:
        answer = await client.post("/", content=endless())
        assert (answer.status_code, answer.content) == (413, b"no")


async def test_requests_wait_until_the_service_is_ready(monkeypatch: pytest.MonkeyPatch):
    hold = threading.Event()

    async def app(scope, receive, send):
        await send(START)
        await body(send, b"hello", more=False)

    with running(app, monkeypatch, NoService(hold=hold)) as carried:
        async with httpx2.AsyncClient(transport=carried.transport(), base_url=BASE_URL) as client:
            with pytest.raises(httpx2.PoolTimeout):
                await client.get("/", timeout=httpx2.Timeout(5, pool=0.05))
            waiting = asyncio.ensure_future(client.get("/"))
            hold.set()
            assert (await waiting).content == b"hello"
        carried.wait_ready(0)


async def test_a_failed_start_is_told_to_everyone(monkeypatch: pytest.MonkeyPatch):
    with running(None, monkeypatch, NoService(failure=OSError("no room"))) as carried:
        with pytest.raises(OSError, match="no room"):
            carried.wait_ready(10)
        async with httpx2.AsyncClient(transport=carried.transport(), base_url=BASE_URL) as client:
            for _ in range(2):
                with pytest.raises(httpx2.ConnectError, match="no room"):
                    await client.get("/")


async def test_stop_ends_what_is_open_and_refuses_the_rest(monkeypatch: pytest.MonkeyPatch):
    async def app(scope, receive, send):
        await send(START)
        await body(send, b"x")
        await asyncio.sleep(3600)

    service = NoService()
    with running(app, monkeypatch, service) as carried:
        async with httpx2.AsyncClient(transport=carried.transport(), base_url=BASE_URL) as client:
            async with client.stream("GET", "/") as answer:
                await asyncio.to_thread(carried.stop, 5)
                assert await answer.aread() == b"x"
            with pytest.raises(httpx2.ConnectError):
                await client.get("/")
    assert service.graces == [4.0]


async def test_one_transport_serves_several_loops(serve):
    async def app(scope, receive, send):
        await send(START)
        for _ in range(50):
            await body(send, b"x")
            await asyncio.sleep(0)
        await body(send, b"", more=False)

    carried = serve(app).carried

    def elsewhere() -> int:
        async def ask() -> int:
            async with httpx2.AsyncClient(transport=carried.transport(), base_url=BASE_URL) as client:
                answers = await asyncio.gather(*(client.get("/") for _ in range(5)))
                return sum(len(answer.content) for answer in answers)

        return asyncio.run(ask())

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: elsewhere(), range(3))) == [250] * 3


async def test_a_service_that_cannot_be_closed_either_tells_why_it_did_not_start(tmp_path):
    """A folder of its home is a file, so nothing of it was opened."""
    paths = find_paths(tmp_path)
    paths.cache.parent.mkdir(parents=True, exist_ok=True)
    paths.cache.write_text("")
    carried = Carried(lambda: Service(ServiceConfig(paths, settings=Settings, key=lambda provider: None)))
    carried.start()
    with pytest.raises(OSError, match="exists"):
        carried.wait_ready(10)
    carried.stop(5)

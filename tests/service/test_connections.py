"""What clients do that no library does: half requests, pipelines, readers that stop, thousands of connections."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground_tui.service import connection, envelope
from tests.support.runs import FakeRuns, with_fake_runs
from tests.support.serving import Served, Wire, request, served
from tests.support.wait import wait_until

ASSISTANT = {"model": "demo"}
SOON = 0.05


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as here:
        yield here


async def is_well(here: Served) -> bool:
    return (await here.ask("GET", "/v1/assistants")).status == 200


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),  # TLS
        (b"GET /v1/assistants HTTP/1.1\r\n\r\n", 400),  # no host
        (b"GET /v1/assistants HTTP/1.0\r\n\r\n", 403),
        (b"GET /v1/assistants HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400),
        (request("POST", "/v1/threads", b"{}", content_length="-2"), 400),
        (request("POST", "/v1/threads", b"zz\r\n{}", transfer_encoding="chunked"), 400),
        (request("OPTIONS", "*"), 404),
        (request("GET", "http://evil.example/v1/assistants"), 404),
        (request("GET", "/v1/assistants", host="evil.example"), 403),
        (request("POST", "/v1/assistants", ASSISTANT, origin="https://evil.example"), 403),
        (request("GET", "/v1/assistants", authorization="Bearer 日本"), 401),
        (request("CONNECT", "127.0.0.1:80"), 404),
        (request("BREW", "/v1/assistants"), 405),
        (request("OPTIONS", "/v1/assistants"), 405),
        (request("POST", "/v1/threads", b"", content_length="99999999999"), 413),
    ],
)
async def test_odd_requests_are_refused_and_harm_nobody(here: Served, start: bytes, status: int):
    wire = await here.connect()
    wire.send(start)
    assert (await wire.answer()).status == status
    assert await is_well(here)


async def test_chunked_and_pipelined_requests(here: Served):
    wire = await here.connect()
    wire.send(
        request("POST", "/v1/threads", b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", transfer_encoding="chunked")
        + request("HEAD", "/v1/threads")
        + request("GET", "/v1/nothing")
        + request("POST", "/v1/assistants", ASSISTANT)
    )
    answers = [await wire.answer(), await wire.answer(head=True), await wire.answer(), await wire.answer()]
    assert [answer.status for answer in answers] == [200, 200, 404, 200]
    assert answers[3].json["object"] == "assistant"


async def test_a_head_that_does_not_come_is_not_waited_for(here: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "HEAD_PATIENCE", SOON)
    for start in (b"", b"GET /v1/assis", request("GET", "/v1/assistants") + b"GET /v1/as"):
        wire = await here.connect()
        wire.send(start)
        assert start.count(b"HTTP") == (await wire.ended()).count(b"HTTP/1.1 200")
    await wait_until(lambda: not here.server._server.server_state.connections)


async def test_a_body_that_stops_is_not_waited_for(here: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(envelope, "BODY_PATIENCE", SOON)
    upload = {"content_type": "multipart/form-data; boundary=b"}
    for path, headers in (("/v1/threads", {}), ("/v1/files", upload)):
        wire = await here.connect()
        wire.send(request("POST", path, b"-", content_length="2", **headers))
        answer = await wire.answer()
        assert (answer.status, answer.json["error"]["code"]) == (408, "request_timeout")
        assert await wire.ended() == b""


async def test_the_rest_of_a_refused_body_is_not_waited_for(here: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "HEAD_PATIENCE", SOON)
    wire = await here.connect()
    wire.send(request("POST", "/v1/nothing", b"{", content_length=str(connection.REST)))
    assert (await wire.answer()).status == 404
    wire.send(b" ")
    assert await wire.ended() == b""


async def flood(wire: Wire) -> None:
    """Send until the connection breaks."""
    while True:
        wire.send(b"x" * 100_000)
        await wire.writer.drain()


UPLOAD = {"content_type": "multipart/form-data; boundary=b", "content_length": "600000000"}


async def test_a_large_body_is_refused_at_once_and_dropped(here: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "LINGER", SOON)
    wire = await here.connect()
    wire.send(request("POST", "/v1/files", b"--b\r\n", **UPLOAD))
    answer = await wire.answer()
    assert (answer.status, answer.json["error"]["code"]) == (413, "file_too_large")
    assert await wire.ended() == b""  # nothing more is said, which a client that looks takes as the end
    with pytest.raises(OSError):
        await flood(wire)
    assert await is_well(here)


async def test_a_client_that_asks_first_sends_nothing_of_what_is_refused(here: Served):
    wire = await here.connect()
    wire.send(request("POST", "/v1/files", **UPLOAD, expect="100-continue"))
    assert (await wire.answer()).status == 413
    assert await wire.ended() == b""
    allowed = await here.connect()
    allowed.send(request("POST", "/v1/threads", b"", content_length="2", expect="100-continue"))
    assert (await allowed.head()).status == 100
    allowed.send(b"{}")
    assert (await allowed.answer()).status == 200


class EndlessRuns(FakeRuns):
    def __init__(self) -> None:
        super().__init__(frames=[b"event: x\ndata: " + b"x" * 5000 + b"\n\n"], endless=True)


async def start_stream(here: Served, **options: object):
    assistant = (await here.ask("POST", "/v1/assistants", ASSISTANT)).json["id"]
    thread = (await here.ask("POST", "/v1/threads", {})).json["id"]
    wire = await here.connect(**options)
    wire.send(request("POST", f"/v1/threads/{thread}/runs", {"assistant_id": assistant, "stream": True}))
    assert (await wire.head()).status == 200
    return wire


async def test_a_reader_that_stops_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "READER_PATIENCE", SOON)
    runs = EndlessRuns()
    async with served(tmp_path, with_fake_runs(runs)) as here:
        await start_stream(here, limit=1024)
        await wait_until(lambda: runs.sent > 10 and runs.streams_open == 0)


async def test_a_reader_that_stops_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "STOP_PATIENCE", SOON)
    runs = EndlessRuns()
    async with served(tmp_path, with_fake_runs(runs), grace=3600) as here:
        await start_stream(here, limit=1024)
        await wait_until(lambda: any(c.flow.write_paused for c in here.server._server.server_state.connections))
        here.server.stop()
        await asyncio.wait_for(here.running, 60)


async def test_a_connection_of_the_last_moment_does_not_hold_up_the_end(here: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(here.server, "_stops", 1)  # told to stop, and still listening
    wire = await here.connect()
    assert (answer := await wire.answer()).status == 503
    assert answer.json["error"]["message"] == "The service is stopping."
    await wait_until(lambda: not here.server._server.server_state.connections)


async def test_the_head_of_a_stream_does_not_wait_for_its_end(tmp_path: Path):
    runs = EndlessRuns()
    async with served(tmp_path, with_fake_runs(runs)) as here:
        assistant = (await here.ask("POST", "/v1/assistants", ASSISTANT)).json["id"]
        thread = (await here.ask("POST", "/v1/threads", {})).json["id"]
        run = (await here.ask("POST", f"/v1/threads/{thread}/runs", {"assistant_id": assistant})).json["id"]
        wire = await here.connect()
        path = f"/v1/threads/{thread}/runs/{run}/events"
        wire.send(request("HEAD", path) + request("GET", "/v1/assistants"))
        assert (await wire.answer(head=True)).headers["content-type"].startswith("text/event-stream")
        assert (await wire.answer()).status == 200
        assert runs.sent == 0


async def test_clients_that_vanish_leave_no_task_behind(tmp_path: Path):
    runs = EndlessRuns()
    async with served(tmp_path, with_fake_runs(runs)) as here:
        before = len(asyncio.all_tasks())
        for _ in range(10):
            (await start_stream(here)).vanish()
        half = await here.connect()
        half.send(request("POST", "/v1/threads", b"{", content_length="9"))
        half.vanish()
        tasks = here.server._server.server_state.tasks
        await wait_until(lambda: runs.streams_open == 0 and not tasks and len(asyncio.all_tasks()) <= before)
        assert await is_well(here)


@pytest.mark.slow
async def test_a_thousand_connections(here: Served):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, limit[1]), limit[1]))
    try:
        wires = [await here.connect() for _ in range(1000)]
        for wire in wires:
            wire.send(request("GET", "/v1/assistants"))
        assert {(await wire.answer()).status for wire in wires} == {200}
        for wire in wires:
            wire.send(request("GET", "/v1/assistants")[:20])
            wire.vanish()
        await wait_until(lambda: not here.server._server.server_state.connections)
        assert await is_well(here)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)

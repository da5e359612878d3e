"""`serve` as a process under fire: killed in the middle of streams, stopped by signals, doubled, starved."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from playground_tui.service.runs.states import TERMINAL
from tests.service_runs.reading import parse
from tests.support.serve_process import ServeProcess, serve_process
from tests.support.serving import request

pytestmark = pytest.mark.process
STREAMS = 12


class Client:
    """Streams runs on a thread of its own, one after the other, and remembers what it was told."""

    def __init__(self, thread: str, assistant: str) -> None:
        self.thread, self.assistant = thread, assistant
        self.confirmed: dict[str, str] = {}
        """Messages by id."""
        self.heard: dict[str, str] = {}
        """Text of replies by message id."""
        self.statuses: dict[str, str] = {}
        """Last status of runs that was told."""

    async def go_on(self, server: ServeProcess) -> None:
        with suppress(OSError, EOFError, ValueError):
            for n in range(1000):
                text = f"/long 40 {n}"
                said = await server.ask("POST", f"/threads/{self.thread}/messages", {"role": "user", "content": text})
                if said.status == 200:
                    self.confirmed[said.json["id"]] = text
                await self._stream(server, leave=random.random() < 0.3)

    async def _stream(self, server: ServeProcess, *, leave: bool) -> None:
        wire = await server.connect()
        body = {"assistant_id": self.assistant, "stream": True}
        wire.send(request("POST", f"/v1/threads/{self.thread}/runs", body))
        if (await wire.head()).status != 200:
            return
        left = b""
        async for chunk in wire.chunks():
            whole, _, left = (left + chunk).rpartition(b"\n\n")
            self._hear(whole + b"\n\n" if whole else b"")
            if leave and random.random() < 0.05:
                break
        wire.vanish()

    def _hear(self, frames: bytes) -> None:
        for event in parse(frames) if frames else ():
            if event.name == "thread.message.delta":
                text = event.data["delta"]["content"][0]["text"]["value"]
                self.heard[event.data["id"]] = self.heard.get(event.data["id"], "") + text
            elif event.name.startswith("thread.run.") and "step" not in event.name:
                self.statuses[event.data["id"]] = event.data["status"]

    async def check(self, server: ServeProcess) -> None:
        """After a restart: nothing lost, nothing locked, nothing half open."""
        messages = await all_of(server, f"/threads/{self.thread}/messages")
        stored = {message["id"]: said(message) for message in messages}
        assert self.confirmed.items() <= stored.items()
        assert {message["status"] for message in messages} <= {"completed", "incomplete"}
        for message_id, text in self.heard.items():
            assert stored[message_id].startswith(text) or text.startswith(stored[message_id])
        runs = {run["id"]: run for run in await all_of(server, f"/threads/{self.thread}/runs")}
        for run_id, status in self.statuses.items():
            assert runs[run_id]["status"] == status or status not in TERMINAL
        for run_id, run in runs.items():
            assert run["status"] in ("completed", "failed"), run
            steps = await all_of(server, f"/threads/{self.thread}/runs/{run_id}/steps")
            assert {step["status"] for step in steps} <= {"completed", "failed"}
        run = await server.json("POST", f"/threads/{self.thread}/runs", {"assistant_id": self.assistant})
        while run["status"] != "completed":
            run = await server.json("GET", f"/threads/{self.thread}/runs/{run['id']}")


def said(message: dict[str, Any]) -> str:
    return "".join(part["text"]["value"] for part in message["content"])


async def all_of(server: ServeProcess, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = await server.json("GET", f"{path}?limit=100&order=asc{after}")
        found += page["data"]
        if not page["has_more"]:
            return found
        after = f"&after={page['last_id']}"


async def new_clients(server: ServeProcess, count: int = STREAMS) -> list[Client]:
    assistant = (await server.json("POST", "/assistants", {"model": "demo"}))["id"]
    return [Client((await server.json("POST", "/threads", {}))["id"], assistant) for _ in range(count)]


async def heard_something(clients: list[Client], least: int = 1) -> None:
    async with asyncio.timeout(60):
        while sum(bool(client.heard) for client in clients) < least:
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_killed_again_and_again_in_the_middle_of_streams(tmp_path: Path):
    clients: list[Client] = []
    for _ in range(4):
        async with serve_process(tmp_path, rate=400) as server:
            clients = clients or await new_clients(server)
            for client in clients:
                await client.check(server)
                client.heard.clear()
            working = [asyncio.ensure_future(client.go_on(server)) for client in clients]
            await heard_something(clients)
            await asyncio.sleep(random.uniform(0, 1.5))
            server.signal(signal.SIGKILL)
            await server.ended()
            await asyncio.gather(*working)
    async with serve_process(tmp_path) as server:
        for client in clients:
            await client.check(server)


@pytest.mark.slow
async def test_killed_once_in_the_middle_of_streams(tmp_path: Path):
    async with serve_process(tmp_path, rate=400) as server:
        clients = await new_clients(server, 4)
        working = [asyncio.ensure_future(client.go_on(server)) for client in clients]
        await heard_something(clients, 4)
        server.signal(signal.SIGKILL)
        await server.ended()
        await asyncio.gather(*working)
    async with serve_process(tmp_path) as server:
        for client in clients:
            await client.check(server)


@pytest.mark.slow
async def test_the_first_signal_lets_streams_end_and_the_second_does_not(tmp_path: Path):
    async with serve_process(tmp_path, rate=60) as server:
        (short, long) = await new_clients(server, 2)
        for client, text in ((short, "/long 60"), (long, "/long 5000")):
            await server.json("POST", f"/threads/{client.thread}/messages", {"role": "user", "content": text})
        streams = [asyncio.ensure_future(client._stream(server, leave=False)) for client in (short, long)]
        await heard_something([short, long], 2)
        server.signal(signal.SIGTERM)
        await streams[0]
        assert set(short.statuses.values()) == {"completed"}
        assert not streams[1].done()
        server.signal(signal.SIGTERM)
        status, errors = await server.ended()
        assert (status, errors) == (0, "")
        with suppress(OSError, EOFError, ValueError):
            await streams[1]
    async with serve_process(tmp_path) as server:
        for client in (short, long):
            await client.check(server)


@pytest.mark.slow
async def test_two_serve_one_home(tmp_path: Path):
    async with serve_process(tmp_path, rate=400) as one, serve_process(tmp_path, rate=400) as two:
        clients = await new_clients(one, 6)
        working = [asyncio.ensure_future(c.go_on((one, two)[n % 2])) for n, c in enumerate(clients)]
        await heard_something(clients, 6)
        one.signal(signal.SIGKILL)
        await one.ended()
        await asyncio.gather(*working[::2])
        for client in clients[::2]:
            await client.check(two)
        two.signal(signal.SIGTERM)
        status, errors = await two.ended()
        assert (status, errors) == (0, "")
        await asyncio.gather(*working)


async def test_a_locked_database_is_waited_for_and_then_said(tmp_path: Path):
    async with serve_process(tmp_path) as server:
        (client,) = await new_clients(server, 1)
        path, body = f"/threads/{client.thread}/messages", {"role": "user", "content": "Hi"}
        other = sqlite3.connect(next(tmp_path.rglob("service.sqlite3")), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = await server.ask("POST", path, body)
        assert (refused.status, refused.json["error"]["code"]) == (503, "store_busy")
        waiting = asyncio.ensure_future(server.ask("POST", path, body))
        assert (await server.ask("GET", path)).json["data"] == []
        other.execute("COMMIT")
        other.close()
        assert (await waiting).status == 200
        assert len((await server.ask("GET", path)).json["data"]) == 1


@pytest.mark.slow
async def test_a_disk_that_takes_no_more_is_said_and_locks_nothing(tmp_path: Path):
    async with serve_process(tmp_path, limits="-f 2000") as server:  # blocks of 512 bytes; SIGXFSZ is ignored by Python
        (client,) = await new_clients(server, 1)
        path = f"/threads/{client.thread}/messages"
        statuses = set()
        kept = []
        for n in range(60):
            answer = await server.ask("POST", path, {"role": "user", "content": f"{n} " + "x" * 50_000})
            statuses.add(answer.status)
            if answer.status == 200:
                kept.append(answer.json["id"])
            else:
                assert answer.json["error"]["type"] == "server_error"
        assert statuses == {200, 503}
        assert (await server.ask("GET", f"{path}?limit=1")).status == 200
        run = await server.ask("POST", f"/threads/{client.thread}/runs", {"assistant_id": client.assistant})
        assert run.status in (200, 503)
    async with serve_process(tmp_path) as server:
        stored = {message["id"] for message in await all_of(server, path)}
        assert set(kept) <= stored
        await client.check(server)


@pytest.mark.slow
async def test_more_connections_than_files_may_be_open(tmp_path: Path):
    async with serve_process(tmp_path, limits="-n 256") as server:
        (client,) = await new_clients(server, 1)
        wires = [await server.connect() for _ in range(200)]
        statuses = []
        for wire in wires:
            with suppress(OSError, EOFError):  # refused before it had asked
                wire.send(request("GET", "/v1/assistants"))
                statuses.append((await wire.answer()).status)
        assert set(statuses) == {200, 503}
        for wire in wires:
            wire.vanish()
        while (await server.ask("GET", "/assistants")).status == 503:
            await asyncio.sleep(0.01)
        await client.check(server)
        server.signal(signal.SIGTERM)
        assert await server.ended() == (0, "")


def test_frames_of_the_client_are_json() -> None:
    client = Client("t", "a")
    client._hear(b"event: thread.run.queued\ndata: " + json.dumps({"id": "r", "status": "queued"}).encode() + b"\n\n")
    assert client.statuses == {"r": "queued"}

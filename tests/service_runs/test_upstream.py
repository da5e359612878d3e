"""Model endpoints at their worst, seen from a client of `serve`: what the run says, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from playground_tui.service.engines import sse as sse_module
from playground_tui.service.runs import asking
from playground_tui.settings.model import Provider, Settings
from tests.service_runs.bench import said
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say, Script, Wire, chat_chunk, rate_limited, refusal, sse
from tests.support.serving import Served, request, served
from tests.support.wait import wait_until

THREAD = {"messages": [{"role": "user", "content": "Hi"}]}
HALF = sse(chat_chunk(content="Half"))


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as scripted:
        yield scripted


@dataclass
class Client:
    here: Served
    thread: str
    assistant: str

    async def run(self, **body: Any) -> dict[str, Any]:
        """To its end."""
        answer = await self.here.ask(
            "POST", f"/v1/threads/{self.thread}/runs", {"assistant_id": self.assistant, **body}
        )
        return await self.until(answer.json["id"])

    async def until(self, run_id: str, *statuses: str) -> dict[str, Any]:
        while True:
            run = (await self.here.ask("GET", f"/v1/threads/{self.thread}/runs/{run_id}")).json
            if run["status"] in statuses or (not statuses and run["expires_at"] is None):
                return run

    async def replies(self) -> list[dict[str, Any]]:
        messages = (await self.here.ask("GET", f"/v1/threads/{self.thread}/messages?order=asc")).json["data"]
        return messages[1:]


@pytest.fixture
async def client(tmp_path: Path, endpoint: ScriptedEndpoint) -> AsyncIterator[Client]:
    settings = Settings(providers=(Provider("far", "chat", base_url=endpoint.base_url),), default_provider="far")
    async with served(tmp_path, settings=settings) as here:
        assistant = (await here.ask("POST", "/v1/assistants", {"model": "m"})).json["id"]
        yield Client(here, (await here.ask("POST", "/v1/threads", THREAD)).json["id"], assistant)


@pytest.mark.parametrize(
    ("script", "code", "words", "asked"),
    [
        (rate_limited(), "rate_limit_exceeded", "limits the rate", 3),
        (refusal(500, "Oops."), "server_error", "Oops", 3),
        (refusal(401, "no"), "server_error", "wants a key", 1),
        (Wire(("cut",)), "server_error", "before it said anything", 3),
        (Wire((HALF, "cut")), "server_error", "before the reply was complete", 1),
        (Wire((HALF,)), "server_error", "before the reply was complete", 1),
        (Wire((b"<!doctype html><p>Hi",), whole=True), "server_error", "a web page", 1),
        (Wire((b"\x00\xff" * 999,), whole=True), "server_error", "before it said anything", 3),
        (Wire((HALF, b"data: {nonsense\n\n")), "server_error", "not JSON", 1),
        (Wire((HALF, b"data: " + b"x" * 5000 + b"\n")), "server_error", "endless line", 1),
        (Wire((HALF, *[b"x" * 500] * 10)), "server_error", "endless line", 1),
    ],
)
async def test_a_run_fails_with_the_reason(
    client: Client,
    endpoint: ScriptedEndpoint,
    monkeypatch: pytest.MonkeyPatch,
    script: Script,
    code: str,
    words: str,
    asked: int,
):
    monkeypatch.setattr(sse_module, "MOST_LINE_BYTES", 3000)
    monkeypatch.setattr("playground_tui.service.runs.retry.FIRST_WAIT", 0.0)
    endpoint.default = script
    run = await client.run()
    assert (run["status"], run["last_error"]["code"]) == ("failed", code)
    assert words in run["last_error"]["message"]
    assert len(endpoint.posts) == asked
    for reply in await client.replies():
        assert (said(reply), reply["incomplete_details"]) == ("Half", {"reason": "run_failed"})
    endpoint.default = Say("Better now.")
    assert (await client.run())["status"] == "completed"


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "odd",
    [
        {"content": "half \ud800 a pair"},
        {"content": "x\x00y"},
        {"reasoning_details": deep(300)},
        {"reasoning_details": deep(900)},
        {"tool_calls": [{"index": 0, "id": "c\ud800", "function": {"name": "f\ud800", "arguments": "\ud800"}}]},
        {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": deep(900)}}]},
        {"tool_calls": [{"index": 10**400, "id": "c", "function": {"name": "f" * 10**5, "arguments": "7"}}]},
    ],
)
async def test_odd_contents_end_a_run_as_it_should(client: Client, endpoint: ScriptedEndpoint, odd: dict[str, Any]):
    """It rests or ends, with a sentence where it failed, and the next one is good."""
    end = chat_chunk(finish_reason="stop", usage={"prompt_tokens": float("inf"), "completion_tokens": 10**400})
    endpoint.queue(*[Wire(tuple(sse(json.dumps(c).encode()) for c in (chat_chunk(**odd), end)))] * 3)
    async with asyncio.timeout(20):
        answer = await client.here.ask("POST", f"/v1/threads/{client.thread}/runs", {"assistant_id": client.assistant})
        run = await client.until(answer.json["id"], "completed", "failed", "requires_action")
        if run["status"] == "failed":
            assert "fault" not in run["last_error"]["message"], run["last_error"]
        if run["status"] == "requires_action":
            await client.here.ask("POST", f"/v1/threads/{client.thread}/runs/{run['id']}/cancel")
            await client.until(run["id"])
        await client.replies()
        endpoint._scripts.clear()
        assert (await client.run())["status"] == "completed"


async def test_a_stalled_endpoint_can_be_left(client: Client, endpoint: ScriptedEndpoint):
    for asked, steps in enumerate((("stall",), (HALF, "stall")), start=1):
        endpoint.queue(Wire(steps))
        path = f"/v1/threads/{client.thread}/runs"
        made = (await client.here.ask("POST", path, {"assistant_id": client.assistant})).json
        await endpoint.posted(asked)
        await client.until(made["id"], "in_progress")
        assert (await client.here.ask("POST", f"{path}/{made['id']}/cancel")).status == 200
        assert (await client.until(made["id"]))["status"] == "cancelled"
        assert await asyncio.to_thread(endpoint.posts[-1].gone.wait, 30)
    assert (await client.run())["status"] == "completed"


async def test_an_endless_reply_comes_to_an_end(client: Client, endpoint: ScriptedEndpoint, monkeypatch):
    monkeypatch.setattr(asking, "MOST_TOKENS", 2000)
    endpoint.default = Wire((sse(chat_chunk(content="word " * 40)),) * 1000)
    run = await client.run()
    assert (run["status"], run["last_error"]["code"]) == ("failed", "server_error")
    assert "grew beyond" in run["last_error"]["message"]
    assert said((await client.replies())[-1]).startswith("word word")
    run = await client.run(max_completion_tokens=256)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_completion_tokens"})


@pytest.mark.slow
async def test_a_thousand_runs_leave_nothing_behind(client: Client, endpoint: ScriptedEndpoint):
    def held() -> tuple[int, int, int]:
        return len(asyncio.all_tasks()), threading.active_count(), len(os.listdir("/proc/self/fd"))

    async def one(n: int) -> None:
        wire = await client.here.connect()
        body = {"assistant_id": client.assistant, "stream": True, "thread": THREAD}
        wire.send(request("POST", "/v1/threads/runs", body, connection="close"))
        await wire.head()
        if n % 3:
            assert b"thread.run.completed" in b"".join([part async for part in wire.chunks()])
            wire.close()
        else:
            wire.vanish()

    await asyncio.gather(*map(one, range(20)))
    await wait_until(lambda: not client.here.service.runs._executions)
    before = held()
    for start in range(0, 1000, 20):
        await asyncio.gather(*map(one, range(start, start + 20)))
    await wait_until(lambda: not client.here.service.runs._executions)
    await wait_until(lambda: held()[0] <= before[0] + 2)
    assert held()[1] <= before[1] + 2
    assert held()[2] <= before[2] + 5
    runs = client.here.service.runs
    assert not [*runs._executions, *runs._legs, *runs._tasks, *runs._mine]

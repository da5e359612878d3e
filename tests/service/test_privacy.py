"""What leaves the service, and to whom: no addresses of others are fetched, no contents and no keys are logged."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from playground_tui.service import auth
from playground_tui.service.config import ServiceConfig
from playground_tui.service.http import HttpServer
from playground_tui.service.service import Service
from playground_tui.settings.model import Provider, Settings
from playground_tui.settings.paths import find_paths
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say, refusal
from tests.support.serving import KEY, Served
from tests.support.wait import wait_until

UPSTREAM_KEY = "sk-upstream-0123456789"
SECRETS = ("instructed", "asked", "replied", "argued", "returned", "uploaded", "searched", "noted", "quoted", "named")
FUNCTION = {"type": "function", "function": {"name": "f", "description": "named", "parameters": {"type": "object"}}}


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as scripted:
        yield scripted


@pytest.fixture
async def here(tmp_path: Path, endpoint: ScriptedEndpoint) -> AsyncIterator[Served]:
    far = Provider("far", "chat", base_url=endpoint.base_url, key="env:UPSTREAM")
    new = Provider("new", "responses", base_url=endpoint.base_url, key="env:UPSTREAM")
    demo = Provider("demo", "demo", extra_body={"tokens_per_second": 0})
    settings = Settings(providers=(far, new, demo), default_provider="far")
    keys = {"far": UPSTREAM_KEY, "new": UPSTREAM_KEY}
    config = ServiceConfig(
        find_paths(tmp_path), lambda: settings, lambda provider: keys.get(provider.id), api_key=KEY, serve=True
    )
    urls: list[str] = []
    service = Service(config)
    server = HttpServer(service, "127.0.0.1", 0, urls.append)
    running = asyncio.ensure_future(server.run())
    await wait_until(lambda: urls)
    here = Served(server, service, urls[0], running)
    yield here
    server.stop()
    server.stop()
    await running
    for wire in here.wires:
        wire.close()


async def run(here: Served, content: Any, **assistant: Any) -> dict[str, Any]:
    made = (await here.ask("POST", "/v1/assistants", {"model": "m", **assistant})).json
    body = {"assistant_id": made["id"], "thread": {"messages": [{"role": "user", "content": content}]}}
    answer = await here.ask("POST", "/v1/threads/runs", body)
    assert answer.status == 200, answer.content
    return await rest(here, answer.json)


async def rest(here: Served, run: dict[str, Any]) -> dict[str, Any]:
    while run["status"] in ("queued", "in_progress", "cancelling"):
        await asyncio.sleep(0.005)
        run = (await here.ask("GET", f"/v1/threads/{run['thread_id']}/runs/{run['id']}")).json
    return run


@pytest.mark.parametrize("model", ["far/m", "new/m", "demo/demo"])
async def test_addresses_of_pictures_are_never_fetched_here(here: Served, endpoint: ScriptedEndpoint, model: str):
    visits: list[str] = []

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append("once")
        writer.close()

    private = await asyncio.start_server(visited, "127.0.0.1", 0)
    port = private.sockets[0].getsockname()[1]
    addresses = [
        f"http://127.0.0.1:{port}/a.png",
        f"http://localhost:{port}/a.png",
        f"http://[::ffff:127.0.0.1]:{port}/",
    ]
    addresses += ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/a.png", "https://picture.invalid/a.png"]
    content = [{"type": "image_url", "image_url": {"url": address}} for address in addresses]
    assert (await run(here, content, model=model))["status"] == "completed"
    private.close()
    await private.wait_closed()
    assert visits == []
    assert model == "demo/demo" or all(address in str(endpoint.posts[0].body) for address in addresses)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://x", "//host/a", "a.png", ""])
async def test_other_kinds_of_addresses_are_refused(here: Served, address: str):
    content = [{"type": "image_url", "image_url": {"url": address}}]
    answer = await here.ask("POST", "/v1/threads", {"messages": [{"role": "user", "content": content}]})
    assert (answer.status, answer.json["error"]["param"]) == (400, "messages[0].content[0].image_url.url")


async def test_keys_are_compared_in_constant_time(here: Served, monkeypatch: pytest.MonkeyPatch):
    compared: list[tuple[Any, Any]] = []

    class Watched:
        @staticmethod
        def compare_digest(a: Any, b: Any) -> bool:
            compared.append((a, b))
            return hmac.compare_digest(a, b)

    monkeypatch.setattr(auth, "hmac", Watched)
    for key, status in ((KEY, 200), (KEY[:-1], 401), ("x", 401)):
        answer = await here.ask("GET", "/v1/assistants", authorization=f"Bearer {key}")
        assert answer.status == status
    assert [given for given, _ in compared] == [KEY.encode(), KEY[:-1].encode(), b"x"]


async def test_nothing_that_was_said_is_logged(
    here: Served, endpoint: ScriptedEndpoint, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, "playground_tui")
    tools = [FUNCTION, {"type": "file_search"}]
    await here.ask("POST", "/v1/assistants?search=searched", {"model": "m", "metadata": {"a": "noted"}, "x": "asked"})
    await here.ask("POST", "/v1/assistants", b'{"name": "named", broken')
    endpoint.queue(Say("replied", calls=(("call_1", "f", '{"a": "argued"}'),)), Say("replied"))
    waiting = await run(here, "asked", instructions="instructed", tools=[FUNCTION])
    path = f"/v1/threads/{waiting['thread_id']}/runs/{waiting['id']}"
    outputs = {"tool_outputs": [{"tool_call_id": "call_1", "output": "returned"}]}
    done = await rest(here, (await here.ask("POST", f"{path}/submit_tool_outputs", outputs)).json)
    assert done["status"] == "completed"
    endpoint.queue(
        refusal(400, f"You quoted {UPSTREAM_KEY}"), refusal(401, UPSTREAM_KEY), Say("replied twice", cut_after=1)
    )
    for _ in range(3):
        assert (await run(here, "asked"))["status"] == "failed"
    form = b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
    form += b'--b\r\ncontent-disposition: form-data; name="file"; filename="named.txt"\r\n\r\nuploaded\r\n--b--\r\n'
    kind = {"content_type": "multipart/form-data; boundary=b"}
    file = (await here.ask("POST", "/v1/files", form, **kind)).json["id"]
    store = (await here.ask("POST", "/v1/vector_stores", {"name": "named", "file_ids": [file]})).json["id"]
    await here.ask("POST", f"/v1/vector_stores/{store}/search", {"query": "searched"})
    resources = {"file_search": {"vector_store_ids": [store]}}
    endpoint.queue(Say(calls=(("call_2", "file_search", '{"query": "searched"}'),)), Say("replied"))
    assert (await run(here, "asked", tools=tools, tool_resources=resources))["status"] == "completed"
    logged = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "/v1/threads/runs 200" in logged
    assert not [word for word in (*SECRETS, KEY, UPSTREAM_KEY) if word in logged]

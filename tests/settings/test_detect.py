import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from playground_tui.settings.detect import decide, demo_start, probe_local, settle, try_endpoint
from playground_tui.settings.model import Provider, Settings, route
from playground_tui.settings.parse import Wrong
from playground_tui.settings.presets import DEMO, Preset, presets

EMPTY = Settings(providers=(DEMO,))


@asynccontextmanager
async def answering(body: bytes, status: str = "200 OK") -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.0 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


def preset(name: str, url: str) -> Preset:
    return Preset(name, name, "chat", base_url=url, probe=True)


def test_every_preset_of_the_product_is_shipped() -> None:
    wanted = "openai azure ollama lmstudio llama.cpp vllm openrouter mistral groq deepseek anthropic gemini demo"
    assert set(presets()) == set(wanted.split())


def test_a_key_in_the_environment_means_openai() -> None:
    start = decide(EMPTY, {"OPENAI_API_KEY": "x"})
    assert start is not None
    assert (start.provider.id, start.provider.kind) == ("openai", "responses")
    assert start.model


def test_the_base_url_of_the_environment_goes_with_it() -> None:
    start = decide(EMPTY, {"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1/"})
    assert start is not None
    assert start.provider.base_url == "http://127.0.0.1:9/v1"
    assert start.model == ""


def test_a_broken_base_url_is_said_and_not_used() -> None:
    start = decide(EMPTY, {"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "nonsense"})
    assert start is not None
    assert "OPENAI_BASE_URL" in start.notice
    assert start.provider.base_url == "https://api.openai.com/v1"


def test_settings_come_before_the_environment() -> None:
    house = Provider("house", "chat", base_url="http://gpu/v1", default_model="m")
    start = decide(Settings(providers=(house, DEMO)), {"OPENAI_API_KEY": "x"})
    assert start is not None
    assert start.provider.id == "house"


def test_without_anything_the_local_servers_are_worth_asking() -> None:
    assert decide(EMPTY, {}) is None


def test_the_demo_says_that_no_model_is_connected() -> None:
    start = demo_start()
    assert "No model is connected" in start.notice
    settled = settle(EMPTY, start)
    found = route(settled, "demo")
    assert found is not None
    assert found.provider.kind == "demo"
    assert [p.id for p in settled.providers] == ["demo"]


async def test_the_first_local_server_that_answers_wins() -> None:
    models = json.dumps({"data": [{"id": "llama3"}, {"id": "other"}]}).encode()
    async with (
        answering(b"<html>no</html>") as odd,
        answering(models) as good,
        answering(b"{}", "404 Not Found") as gone,
    ):
        start = await probe_local(
            (preset("a", "http://127.0.0.1:1/v1"), preset("b", odd), preset("c", gone), preset("d", good))
        )
    assert start is not None
    assert (start.provider.id, start.model) == ("d", "llama3")
    assert "llama3" in start.notice


async def test_ollama_is_asked_where_it_says_it_listens() -> None:
    async with answering(json.dumps({"data": [{"id": "m"}]}).encode()) as url:
        start = await probe_local(environ={"OLLAMA_HOST": url.removeprefix("http://").removesuffix("/v1")})
    assert start is not None
    assert (start.provider.id, start.provider.base_url) == ("ollama", url)


async def test_nobody_answers() -> None:
    assert await probe_local((preset("a", "http://127.0.0.1:1/v1"),)) is None


def test_one_endpoint_for_this_process_only() -> None:
    settings = try_endpoint(EMPTY, "http://127.0.0.1:8080/v1", "m", {})
    found = route(settings, "m")
    assert found is not None
    assert (found.provider.kind, found.provider.base_url, found.provider.key) == (
        "chat",
        "http://127.0.0.1:8080/v1",
        "",
    )
    with pytest.raises(Wrong):
        try_endpoint(EMPTY, "nonsense", "m", {})

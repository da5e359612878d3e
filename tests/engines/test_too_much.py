"""More than any answer has: one sentence, and no more than the bound in memory."""

from __future__ import annotations

import gzip
import json
from typing import Literal

import pytest

from playground_tui.limits import answers
from playground_tui.service.engines import link, reading
from playground_tui.service.engines.base import Engine, EngineError
from playground_tui.service.engines.pool import EnginePool
from playground_tui.settings.model import Provider
from tests.engines.conftest import asking, function, hear
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import JSON_HEADERS, Say, Wire, chat_chunk, sse

TOLD = "Here sent far more than any answer has."
MODELS = json.dumps({"data": [{"id": f"m{number}"} for number in range(20_000)]}).encode()


@pytest.mark.parametrize("packed", [False, True])
async def test_a_list_of_models_without_end(
    endpoint: ScriptedEndpoint, chat: Engine, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    body, headers = (gzip.compress(MODELS), {"content-encoding": "gzip"}) if packed else (MODELS, {})
    endpoint.routes["/models"] = Wire((body,), headers={**JSON_HEADERS, **headers}, whole=True)
    monkeypatch.setattr(answers, "MOST_BYTES", len(MODELS) - 1)
    with pytest.raises(EngineError) as caught:
        await chat.models()
    assert caught.value.message == TOLD
    monkeypatch.setattr(answers, "MOST_BYTES", len(MODELS))
    assert len(await chat.models()) == 20_000


async def test_a_whole_reply_without_end(
    endpoint: ScriptedEndpoint, chat: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "MOST_BYTES", 10_000)
    endpoint.queue(Wire((b'{"choices": [', *[b'"x", ' * 1000] * 10), headers=JSON_HEADERS))
    heard = await hear(chat, asking())
    assert heard.error is not None
    assert heard.error.message == TOLD
    assert not heard.error.retryable


async def test_a_stream_without_end(endpoint: ScriptedEndpoint, chat: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_STREAM_BYTES", 10_000)
    endpoint.queue(Wire((sse(chat_chunk(content="Hi")), *[b": still here\n\n" * 100] * 20, "stall")))
    heard = await hear(chat, asking())
    assert (heard.text, heard.error and heard.error.message) == ("Hi", TOLD)
    assert endpoint.posts[0].gone.wait(10)


async def test_of_a_refusal_only_the_beginning_is_read(
    endpoint: ScriptedEndpoint, chat: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_ERROR_BYTES", 2000)
    endpoint.queue(Wire((b"No. " * 501, "stall"), status=400, headers={"content-type": "text/plain"}))
    heard = await hear(chat, asking())
    assert heard.error is not None
    assert heard.error.message.startswith("Here answered 400: No. No.")
    assert len(heard.error.message) < 600


@pytest.mark.parametrize("kind", ["chat", "responses"])
async def test_calls_without_end(
    endpoint: ScriptedEndpoint, pool: EnginePool, monkeypatch: pytest.MonkeyPatch, kind: Literal["chat", "responses"]
) -> None:
    monkeypatch.setattr(reading, "MOST_CALLS", 10)
    engine = pool.get(Provider("here", kind, base_url=endpoint.base_url, title="Here"))
    endpoint.queue(*[Say(calls=tuple((f"c{number}", "f", "{}") for number in range(count))) for count in (10, 11)])
    heard = await hear(engine, asking(tools=(function("f"),)))
    assert (heard.error, len(heard.calls)) == (None, 10)
    heard = await hear(engine, asking(tools=(function("f"),)))
    assert heard.error is not None
    assert heard.error.message.startswith("Here answered with more than 10 function calls;")

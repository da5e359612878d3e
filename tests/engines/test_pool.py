"""Clients: what of the provider's settings is sent, what of the environment is not, and keys."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from playground_tui.service.engines.base import Engine, EngineError, ModelInfo
from playground_tui.service.engines.model_list import models_in
from playground_tui.service.engines.pool import EnginePool
from playground_tui.settings.keys import KeyUnavailable
from playground_tui.settings.model import Provider
from tests.engines.conftest import asking, hear
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Say, Wire, page, refusal, whole
from tests.support.wait import wait_until

SECRET = "sk-very-secret-0123456789"


def with_key(key: str | None) -> EnginePool:
    return EnginePool(lambda provider: key)


async def ask(pool: EnginePool, provider: Provider) -> EngineError | None:
    heard = await hear(pool.get(provider), asking())
    await pool.aclose()
    return heard.error


async def test_one_engine_for_the_same_settings(pool: EnginePool) -> None:
    provider = Provider("a", "chat", base_url="http://127.0.0.1:1/v1")
    assert pool.get(provider) is pool.get(Provider("a", "chat", base_url="http://127.0.0.1:1/v1"))
    assert pool.get(provider) is not pool.get(Provider("a", "chat", base_url="http://127.0.0.1:2/v1"))
    assert [pool.get(Provider("a", kind)).kind for kind in ("chat", "responses", "demo")] == [
        "chat",
        "responses",
        "demo",
    ]


async def test_the_providers_settings_are_sent(endpoint: ScriptedEndpoint) -> None:
    provider = Provider(
        "a",
        "chat",
        base_url=endpoint.base_url,
        key="env:A_KEY",
        headers={"X-Own": "1", "openai-project": "p-own"},
        query={"api-version": "v9"},
        extra_body={"seed": 7},
        organization="org-1",
        project="p-1",
    )
    assert await ask(with_key(SECRET), provider) is None
    call = endpoint.posts[0]
    assert call.headers["authorization"] == f"Bearer {SECRET}"
    assert (call.headers["x-own"], call.headers["openai-organization"]) == ("1", "org-1")
    assert call.headers["openai-project"] == "p-own"
    assert (call.query, call.body["seed"]) == ("api-version=v9", 7)


async def test_nothing_of_the_environment_is_sent(endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", SECRET)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/elsewhere")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Leak: leak-secret\nAuthorization: Bearer leak-secret")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert await ask(with_key(None), Provider("a", "chat", base_url=endpoint.base_url)) is None
    sent = str(endpoint.posts[0].headers)
    assert "secret" not in sent
    assert "authorization" not in sent


async def test_a_header_of_ones_own_may_carry_the_key(endpoint: ScriptedEndpoint) -> None:
    provider = Provider("a", "chat", base_url=endpoint.base_url, headers={"authorization": "Token abc"})
    assert await ask(with_key(None), provider) is None
    assert endpoint.posts[0].headers["authorization"] == "Token abc"


async def test_azure_gets_its_own_header_too(endpoint: ScriptedEndpoint) -> None:
    provider = Provider("a", "chat", base_url=endpoint.base_url, key="env:A", preset="azure")
    assert await ask(with_key(SECRET), provider) is None
    assert endpoint.posts[0].headers["api-key"] == SECRET


async def test_a_key_given_later_counts_at_once(endpoint: ScriptedEndpoint) -> None:
    endpoint.key = SECRET
    keys = ["wrong-key-00000", "wrong-key-00000", SECRET]
    pool = EnginePool(lambda provider: keys.pop(0))
    engine = pool.get(Provider("a", "chat", base_url=endpoint.base_url, key="session"))
    assert (await hear(engine, asking())).error is not None
    assert (await hear(engine, asking())).error is None
    await pool.aclose()


async def test_a_refused_key_says_where_it_is_set(endpoint: ScriptedEndpoint) -> None:
    endpoint.key = "another"
    error = await ask(with_key(SECRET), Provider("a", "chat", base_url=endpoint.base_url, key="env:MY_KEY", title="A"))
    assert error is not None
    assert (error.message, error.status) == ("A refused the key from the environment variable MY_KEY.", 401)


async def test_a_key_that_is_wanted_but_not_set(endpoint: ScriptedEndpoint) -> None:
    endpoint.key = "another"
    error = await ask(with_key(None), Provider("a", "chat", base_url=endpoint.base_url))
    assert error is not None
    assert error.message == "a wants a key, and none is set."


async def test_a_key_that_cannot_be_had(endpoint: ScriptedEndpoint) -> None:
    def resolve(provider: Provider) -> str:
        raise KeyUnavailable("env:MY_KEY", "The environment variable MY_KEY is not set.")

    error = await ask(EnginePool(resolve), Provider("a", "chat", base_url=endpoint.base_url, key="env:MY_KEY"))
    assert error is not None
    assert error.message == "a needs a key: The environment variable MY_KEY is not set."
    assert endpoint.calls == []
    error = await ask(with_key(None), Provider("a", "chat", base_url=endpoint.base_url, key="env:MY_KEY"))
    assert error is not None
    assert "MY_KEY" in error.message


async def test_a_key_that_no_header_can_carry(endpoint: ScriptedEndpoint) -> None:
    error = await ask(with_key("schlüssel"), Provider("a", "chat", base_url=endpoint.base_url, key="env:MY_KEY"))
    assert error is not None
    assert "schlüssel" not in error.message
    assert endpoint.calls == []


async def test_a_key_that_the_endpoint_repeats_is_masked(
    endpoint: ScriptedEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    endpoint.queue(refusal(403, f"Key {SECRET} may not do this."))
    error = await ask(with_key(SECRET), Provider("a", "chat", base_url=endpoint.base_url, key="env:A"))
    assert error is not None
    assert SECRET not in error.message + repr(error) + str(error.__dict__) + caplog.text
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ca_bundle", "nowhere.pem"),
        ("proxy", "gopher://me:password@127.0.0.1"),
        ("base_url", "http://[bad"),
    ],
)
async def test_settings_that_cannot_be_used_say_so(tmp_path: Path, field: str, value: str) -> None:
    if field == "ca_bundle":
        value = str(tmp_path / value)
    provider = Provider("a", "chat", **{"base_url": "http://127.0.0.1:1/v1", field: value})
    error = await ask(with_key(None), provider)
    assert error is not None
    assert "set up wrongly" in error.message
    assert "password" not in error.message


async def test_a_proxy_that_is_not_there_is_suspected() -> None:
    proxy = "http://me:password@127.0.0.1:1"
    error = await ask(with_key(None), Provider("a", "chat", base_url="http://127.0.0.1:2/v1", proxy=proxy))
    assert error is not None
    assert error.message == "a could not be reached at http://127.0.0.1:2/v1: its proxy may be the reason."


async def test_a_provider_without_an_address_says_so() -> None:
    error = await ask(with_key(None), Provider("a", "chat"))
    assert error is not None
    assert error.message == "a has no base URL."


async def test_keys_in_headers_are_masked_too(endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(refusal(400, f"Wrong: {SECRET}"))
    error = await ask(with_key(None), Provider("a", "chat", base_url=endpoint.base_url, headers={"x-api-key": SECRET}))
    assert error is not None
    assert SECRET not in error.message


async def test_a_header_that_cannot_be_sent_says_so(endpoint: ScriptedEndpoint) -> None:
    error = await ask(with_key(None), Provider("a", "chat", base_url=endpoint.base_url, headers={"X-A": "ü—"}))
    assert error is not None
    assert "header" in error.message


async def test_models(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.models = ("m1", {"id": "m2", "created": 5, "owned_by": "me", "context": 8})
    assert await chat.models() == [
        ModelInfo("m1", 1),
        ModelInfo("m2", 5, "me", {"context": 8}),
    ]


async def test_models_that_cannot_be_listed(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    for script in (page(200), whole({"data": 3}), refusal(404)):
        endpoint.routes["/models"] = script
        with pytest.raises(EngineError):
            await chat.models()


def test_lists_of_models_in_other_shapes() -> None:
    assert models_in([{"id": "a"}, "b", 3, {}]) == [ModelInfo("a"), ModelInfo("b")]
    assert [m.id for m in models_in({"models": [{"name": "llama"}]})] == ["llama"]
    assert models_in({"data": [{"id": "models/gemini", "created": "2026-01-01", "owned_by": None}]}) == [
        ModelInfo("gemini")
    ]


async def test_connections_are_used_again(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    for _ in range(3):
        await hear(chat, asking())
    assert endpoint.connections == 1


def test_nothing_heavy_is_loaded_before_a_model_is_asked() -> None:
    heavy = "{'openai', 'httpx2', 'pydantic'}"
    code = f"import sys, playground_tui.service.engines.pool; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


async def test_a_list_of_models_in_pages_is_read_to_its_end(endpoint: ScriptedEndpoint) -> None:
    ids = [f"m{n}" for n in range(7)]

    def page(call: Call) -> Wire:
        after = parse_qs(call.query).get("after_id", [None])[0]
        start = ids.index(after) + 1 if after else 0
        data = [{"id": name} for name in ids[start : start + 3]]
        return whole({"data": data, "has_more": start + 3 < len(ids), "last_id": data[-1]["id"]})

    endpoint.routes["/models"] = page
    pool = with_key(None)
    engine = pool.get(Provider("a", "chat", base_url=endpoint.base_url))
    assert [model.id for model in await engine.models()] == ids
    await pool.aclose()


@pytest.mark.parametrize("second", [whole({"data": [{"id": "m"}], "has_more": True}), refusal(400, "after?")])
async def test_pages_that_lead_nowhere_end(endpoint: ScriptedEndpoint, second: Wire) -> None:
    first = whole({"data": [{"id": "m"}], "has_more": True})
    endpoint.routes["/models"] = lambda call: second if call.query else first
    pool = with_key(None)
    engine = pool.get(Provider("a", "chat", base_url=endpoint.base_url))
    assert [model.id for model in await engine.models()] == ["m"]
    assert len(endpoint.calls) == 2
    await pool.aclose()


async def test_replaced_settings_keep_no_connections_but_those_in_use(endpoint: ScriptedEndpoint) -> None:
    pool = EnginePool(lambda provider: None)
    first = Provider("a", "chat", base_url=endpoint.base_url)
    old = pool.get(first)
    assert (await hear(old, asking())).error is None
    hold = threading.Event()
    endpoint.queue(Say("One two", hold=hold))
    reading = old.stream(asking())
    await anext(reading)
    for n in range(3):
        pool.get(replace(first, title=f"Changed {n}"))
        await wait_until(lambda: not pool._closing)
    assert endpoint.open_connections == 1
    hold.set()
    assert len([event async for event in reading]) > 1
    pool.get(replace(first, title="Changed again"))
    await wait_until(lambda: endpoint.open_connections == 0)
    assert (await hear(old, asking())).error is None
    await pool.aclose()
    await wait_until(lambda: endpoint.open_connections == 0)

"""The test of a provider against a scripted endpoint over real HTTP."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from playground_tui.settings.keys import KeyRing
from playground_tui.settings.model import Provider
from playground_tui.workspace.connections.provider_probe import STEPS, probe_provider
from playground_tui.workspace.connections.steps import Steps
from playground_tui.workspace.connections.values import ProbeView
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Say, Wire, refusal, whole

KEY = "planted-key-0123456789"


def obliging(call: Call) -> Say:
    """Calls a function when it may, speaks otherwise."""
    return Say(calls=(("call_1", "ping", "{}"),)) if call.body.get("tools") else Say("ok then")


async def probed(provider: Provider, environ: dict[str, str] | None = None) -> list[ProbeView]:
    views: list[ProbeView] = []
    await probe_provider(provider, KeyRing(environ or {}), Steps(STEPS, views.append))
    return views


def phases(view: ProbeView) -> list[str]:
    return [step.phase for step in view.steps]


@pytest.mark.parametrize("kind", ["chat", "responses"])
async def test_all_is_well(endpoint: ScriptedEndpoint, kind: str) -> None:
    endpoint.default, endpoint.key = obliging, KEY
    provider = Provider("mine", kind, endpoint.base_url, "env:MY_KEY", extra_body={"top_k": 3})  # type: ignore[arg-type]
    views = await probed(provider, {"MY_KEY": KEY})
    last = views[-1]
    assert phases(last) == ["good"] * 5, last
    assert not last.running
    assert last.models == ("scripted-model",)
    assert "MY_KEY" in last.step("key").sentence
    assert all(post.body["top_k"] == 3 for post in endpoint.posts)
    running = [step.id for view in views for step in view.steps if step.phase == "running"]
    assert list(dict.fromkeys(running)) == ["reachable", "streaming", "tools"]
    assert KEY not in repr(views)


async def test_nobody_is_there(endpoint: ScriptedEndpoint) -> None:
    endpoint.stop()
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert phases(last) == ["bad", "skipped", "skipped", "skipped", "skipped"]
    assert "Is it running?" in last.step("reachable").sentence


async def test_a_refused_key_is_named_and_never_repeated(endpoint: ScriptedEndpoint) -> None:
    endpoint.routes["/models"] = refusal(401, f"Incorrect API key provided: {KEY}.", code="invalid_api_key")
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url, "env:MY_KEY"), {"MY_KEY": KEY})
    assert phases(last) == ["good", "bad", "skipped", "skipped", "skipped"]
    assert "refused the key in the environment variable MY_KEY" in last.step("key").sentence
    assert KEY not in repr(last)


async def test_a_key_that_only_the_reply_asks_for(endpoint: ScriptedEndpoint) -> None:
    endpoint.default = refusal(401, "no", code="invalid_api_key")
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert last.step("models").phase == "good"
    assert "wants a key, and none is set" in last.step("key").sentence
    assert last.step("streaming").phase == "skipped"


async def test_a_key_that_cannot_be_had_leaves_the_address_tried(endpoint: ScriptedEndpoint) -> None:
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url, "env:NOWHERE_KEY"))
    assert phases(last)[:2] == ["good", "bad"]
    assert "NOWHERE_KEY is not set" in last.step("key").sentence


async def test_a_web_page_is_no_endpoint(endpoint: ScriptedEndpoint) -> None:
    page = Wire((b"<!doctype html><p>hi",), headers={"content-type": "text/html"}, whole=True)
    endpoint.routes["/models"] = page
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert "web page" in last.step("models").sentence
    assert "/v1" in last.step("models").sentence
    endpoint.routes["/models"] = replace(page, status=404)
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert "web page" in last.step("models").sentence


async def test_without_a_list_the_default_model_is_tried(endpoint: ScriptedEndpoint) -> None:
    endpoint.default = obliging
    endpoint.routes["/models"] = refusal(404, "Unknown request URL")
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url, default_model="gemma"))
    assert phases(last) == ["good", "good", "doubtful", "good", "good"]
    assert endpoint.posts[0].body["model"] == "gemma"
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert "choose a default model" in last.step("streaming").sentence


async def test_models_that_are_not_there(endpoint: ScriptedEndpoint) -> None:
    endpoint.models = ()
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert "lists no model" in last.step("models").sentence
    endpoint.models = ("a", "b")
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url, default_model="c"))
    assert "c is not among them" in last.step("models").sentence


async def test_a_model_without_functions(endpoint: ScriptedEndpoint) -> None:
    endpoint.default = Say("I would call it if I could.")
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert phases(last) == ["good"] * 4 + ["doubtful"]
    endpoint.queue(Say("ok"), refusal(400, "tools are not supported"), refusal(400, "tools are not supported"))
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert last.step("tools").phase == "bad"
    assert "tools are not supported" in last.step("tools").sentence


async def test_a_reply_in_one_piece_and_one_without_words(endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(whole({"choices": [{"message": {"content": "ok"}}]}))
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert last.step("streaming").phase == "doubtful"
    endpoint.queue(Say(""))
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url))
    assert "without a word" in last.step("streaming").sentence
    assert last.step("tools").phase == "skipped"


async def test_a_provider_without_responses_is_tried_as_chat(endpoint: ScriptedEndpoint) -> None:
    endpoint.default = obliging
    endpoint.routes["/responses"] = refusal(404, "Unknown request URL")
    (*_, last) = await probed(Provider("mine", "responses", endpoint.base_url))
    assert phases(last) == ["good"] * 5


async def test_azure_gets_its_own_header(endpoint: ScriptedEndpoint) -> None:
    endpoint.default = obliging
    await probed(Provider("mine", "chat", endpoint.base_url, "env:K", preset="azure"), {"K": KEY})
    assert {call.headers["api-key"] for call in endpoint.calls} == {KEY}


async def test_what_cannot_be_used_is_said(endpoint: ScriptedEndpoint) -> None:
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url, ca_bundle="/nowhere.pem"))
    assert "CA bundle" in last.step("reachable").sentence
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url, proxy="what://ever"))
    assert "proxy" in last.step("reachable").sentence


async def test_a_command_gives_the_key(endpoint: ScriptedEndpoint) -> None:
    endpoint.default, endpoint.key = obliging, KEY
    command = f'command:"{sys.executable}" -c "print(\'{KEY}\')"'
    (*_, last) = await probed(Provider("mine", "chat", endpoint.base_url, command))
    assert phases(last) == ["good"] * 5
    assert KEY not in repr(last)


async def test_the_demo_needs_nothing() -> None:
    (*_, last) = await probed(Provider("demo", "demo"))
    assert phases(last) == ["good"] * 5

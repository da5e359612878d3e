"""A redirect leads neither keys nor contents to a host that nobody configured."""

from __future__ import annotations

import pytest

from playground_tui.settings.origin import is_same_place
from playground_tui.workspace.connections.values import Entry
from tests.connections.conftest import House
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Wire

KEY = "planted-key-0123456789"


@pytest.mark.parametrize("kind", ["chat", "responses"])
async def test_a_provider_that_sends_on(house: House, endpoint: ScriptedEndpoint, kind: str) -> None:
    with ScriptedEndpoint() as elsewhere:
        there = elsewhere.base_url
        sent_on = Wire((b"",), 307, {"location": f"{there}/chat/completions", "content-type": "text/plain"}, whole=True)
        endpoint.default = endpoint.routes["/models"] = sent_on
        entry = f"{{kind: {kind}, base_url: '{endpoint.base_url}', key: 'env:MY_KEY', default_model: m}}"
        house.settings(f"default_provider: mine\nproviders:\n  mine: {entry}\n")
        house.environ["MY_KEY"] = KEY
        async with house.started() as workspace:
            await workspace.conversation.value.send("Hello")
            await workspace.conversation.value.wait_idle()
            failure = workspace.conversation.value.state.value.failure
            assert failure is not None
            assert "sends its callers on to 127.0.0.1" in failure.what
            mine = Entry("providers", "mine")
            workspace.connections.test(mine)
            view = await workspace.connections.tested(mine)
            assert "sends its callers on" in view.step("reachable").sentence
        assert elsewhere.calls == []


async def test_a_server_that_sends_on(house: House, endpoint: ScriptedEndpoint) -> None:
    with ScriptedEndpoint() as elsewhere:
        location = f"{elsewhere.base_url}/assistants"
        endpoint.routes["/assistants"] = Wire((b"",), 308, {"location": location}, whole=True)
        house.settings(
            f"default_provider: demo\nservers:\n  work: {{base_url: '{endpoint.base_url}', key: 'env:MY_KEY'}}\n"
        )
        house.environ["MY_KEY"] = KEY
        async with house.started("work") as workspace:
            failure = workspace.assistants.listing.value.failure
            assert failure is not None
            assert "sends its callers on" in failure.what
        assert elsewhere.calls == []


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://host/v1/assistants/", True),
        ("https://host/v1/assistants", True),
        ("https://HOST:8443/x", True),
        ("http://host:81/v1", False),
        ("http://other/v1", False),
        ("http://host.evil.test/v1", False),
        ("http://host@evil.test/v1", False),
    ],
)
def test_the_same_place(url: str, same: bool) -> None:
    assert is_same_place("http://host/v1", url) is same


def test_https_is_not_left() -> None:
    assert not is_same_place("https://host/v1", "http://host/v1")

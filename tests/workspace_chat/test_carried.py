"""The chat side against the carried service with its demo model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import openai
import pytest

from playground_tui.settings.model import Provider, Settings
from playground_tui.workspace.clock import SystemClock
from tests.support.carried import carried_service, client_of, service_config
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk

FAST = Settings(
    providers=(Provider("demo", "demo", default_model="demo", extra_body={"tokens_per_second": 0}),),
    default_provider="demo",
)
FUNCTION = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class CarriedDesk(Desk):
    def __init__(self, home: Path, transport: httpx2.AsyncBaseTransport) -> None:
        self.transport = transport
        super().__init__(home)
        self.clock = SystemClock()
        self.store.close()
        self.begin()

    def begin(self) -> None:
        super().begin()
        self.client = self.new_client()

    def new_client(self) -> openai.AsyncOpenAI:
        return client_of(self.transport)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[CarriedDesk]:
    with carried_service(service_config(tmp_path / "service", FAST)) as carried:
        made = CarriedDesk(tmp_path / "workspace", carried.transport())
        assistant = await made.client.beta.assistants.create(model="demo/demo-fast", name="Bot", tools=[FUNCTION])
        made.editor.assistant_id = assistant.id
        yield made
        await made.end()


async def test_the_main_job(desk: CarriedDesk) -> None:
    await desk.say("Hello there")
    assert desk.state.failure is None
    assert [m.role for m in desk.conversation.messages] == ["user", "assistant"]
    answer = desk.conversation.messages[-1]
    assert answer.text
    assert answer.facts.tokens.completion > 0
    await desk.restart()
    assert desk.conversation.messages[-1].text == answer.text
    await desk.threads.refresh()
    assert [row.title for row in desk.threads.listing.value.rows] == ["Hello there"]
    assert desk.threads.listing.value.source == "server"
    assert not desk.lacking


async def test_long_text_arrives_whole(desk: CarriedDesk) -> None:
    await desk.say("/long 2000")
    answer = desk.conversation.messages[-1]
    await desk.threads.open(None)
    fresh = await desk.client.beta.threads.messages.list(answer_thread(desk))
    assert answer.text == fresh.data[0].content[0].text.value


def answer_thread(desk: CarriedDesk) -> str:
    return desk.threads.listing.value.rows[0].id


async def test_calls_answered_after_a_restart(desk: CarriedDesk) -> None:
    await desk.say("/calls")
    assert desk.state.run.phase == "waiting_outputs", desk.state.failure
    await desk.restart()
    assert desk.state.run.phase == "waiting_outputs"
    await desk.conversation.submit_outputs({call.id: '"sun"' for call in desk.state.run.calls})
    await desk.conversation.wait_idle()
    assert desk.state.failure is None
    answer = desk.conversation.messages[-1]
    assert answer.status == "complete"
    assert [call.output for call in answer.calls] == ['"sun"'] * len(answer.calls)
    assert answer.calls


async def test_stop(desk: CarriedDesk) -> None:
    await desk.conversation.send("/slow")
    await desk.until("answering", "thinking")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert desk.state.run.phase == "idle"
    await desk.say("Hello")
    assert desk.conversation.messages[-1].status == "complete"


@pytest.mark.parametrize(("command", "kind"), [("/fail", "server"), ("/429", "rate")])
async def test_failures(desk: CarriedDesk, command: str, kind: str) -> None:
    await desk.say(command)
    assert desk.state.failure is not None
    assert desk.state.failure.kind == kind
    assert desk.state.unsent == command


async def test_a_run_left_alone_is_found_and_followed(desk: CarriedDesk) -> None:
    await desk.conversation.send("/slow")
    await desk.until("answering", "thinking")
    await desk.restart()
    if desk.state.run.phase != "idle":
        assert not desk.state.run.followed
        await desk.conversation.resume()
        await desk.conversation.wait_idle()
    await wait_until(lambda: desk.conversation.messages[-1].status == "complete")
    assert not desk.lacking


async def test_regenerate_and_resend(desk: CarriedDesk) -> None:
    await desk.say("one")
    await desk.conversation.regenerate()
    await desk.conversation.wait_idle()
    assert len(desk.texts) == 2
    await desk.conversation.resend(desk.conversation.messages[0].id, "two")
    await desk.conversation.wait_idle()
    assert desk.texts[0] == "two"
    assert len(desk.texts) == 2

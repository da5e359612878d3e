"""Runs as existing code makes them: the openai client, its stream helper included, against the whole service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.lib.streaming import AsyncAssistantEventHandler

from playground_tui.service.service import Service
from playground_tui.settings.model import Provider, Settings
from tests.service_runs.bench import FUNCTION
from tests.support.carried import Checked, carried_service, client_of, service_config
from tests.support.endpoint import ScriptedEndpoint
from tests.support.engines import ScriptedEngine, calls, scripted_settings, text
from tests.support.replies import Say, rate_limited, refusal


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def client(tmp_path: Path, engine: ScriptedEngine) -> AsyncIterator[openai.AsyncOpenAI]:
    config = service_config(tmp_path, scripted_settings())
    with carried_service(config, lambda given: Service(given, engines=engine)) as carried:
        async with client_of(Checked(carried.transport())) as client:
            yield client


class Handler(AsyncAssistantEventHandler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Any] = []

    async def on_text_delta(self, delta: Any, snapshot: Any) -> None:
        self.heard.append(("text", delta.value, snapshot.value))

    async def on_tool_call_delta(self, delta: Any, snapshot: Any) -> None:
        self.heard.append(("call", snapshot.function.arguments))

    async def on_run_step_done(self, run_step: Any) -> None:
        self.heard.append(("step", run_step.type))

    async def on_end(self) -> None:
        self.heard.append("end")


async def test_the_stream_helper(client: openai.AsyncOpenAI, engine: ScriptedEngine):
    engine.replies = [calls(("call_1", "weather", '{"a": 1}')), text("War", "m.")]
    assistant = await client.beta.assistants.create(model="m", tools=[FUNCTION])
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Weather?"}])
    handler = Handler()
    async with client.beta.threads.runs.stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=handler
    ) as stream:
        await stream.until_done()
    assert handler.heard == [("call", '{"a"'), ("call", '{"a": 1}'), "end"]
    run = handler.current_run
    assert run is not None
    assert run.status == "requires_action"
    handler = Handler()
    async with client.beta.threads.runs.submit_tool_outputs_stream(
        run_id=run.id,
        thread_id=thread.id,
        tool_outputs=[{"tool_call_id": "call_1", "output": "20"}],
        event_handler=handler,
    ) as stream:
        await stream.until_done()
    assert handler.heard == [
        ("step", "tool_calls"),
        ("text", "War", "War"),
        ("text", "m.", "Warm."),
        ("step", "message_creation"),
        "end",
    ]
    assert (await stream.get_final_messages())[0].content[0].text.value == "Warm."


async def test_polling_and_submitting(client: openai.AsyncOpenAI, engine: ScriptedEngine):
    engine.replies = [calls(("call_1", "weather", "{}")), text("Warm.")]
    assistant = await client.beta.assistants.create(model="m", tools=[FUNCTION])
    run = await client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Weather?"}]}
    )
    assert run.required_action is not None
    run = await client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id, thread_id=run.thread_id, tool_outputs=[{"tool_call_id": "call_1", "output": "20"}]
    )
    assert run.status == "completed"
    steps = (await client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id)).data
    assert {step.type for step in steps} == {"tool_calls", "message_creation"}


async def test_an_error_of_our_own_raises_in_the_client(client: openai.AsyncOpenAI, engine: ScriptedEngine):
    engine.replies = [[RuntimeError("inside")]]
    assistant = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    stream = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True)
    with pytest.raises(openai.APIError, match="had an error"):
        async for _ in stream:
            pass
    assert (await client.beta.threads.runs.list(thread.id)).data[0].status == "failed"


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as scripted:
        yield scripted


async def test_limits_as_a_chat_endpoint_sees_them(tmp_path: Path, endpoint: ScriptedEndpoint):
    too_long = refusal(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded")
    settings = Settings(providers=(Provider("here", "chat", base_url=endpoint.base_url),), default_provider="here")
    with carried_service(service_config(tmp_path, settings)) as carried:
        async with client_of(carried.transport()) as client:
            assistant = await client.beta.assistants.create(model="m", instructions="Be brief.")
            thread = await client.beta.threads.create()
            for number in range(12):
                await client.beta.threads.messages.create(
                    thread.id, role="user" if number % 2 == 0 else "assistant", content=f"{number} " + "word " * 4000
                )
            endpoint.queue(rate_limited(), too_long, Say("One."), Say("Two."))
            run = await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
            assert (run.status, run.last_error) == ("completed", None)
            limited = await client.beta.threads.runs.create_and_poll(
                thread_id=thread.id,
                assistant_id=assistant.id,
                truncation_strategy={"type": "last_messages", "last_messages": 3},
                max_completion_tokens=300,
                max_prompt_tokens=100_000,
            )
            assert limited.status == "completed"
    first, again, shorter, last = (call.body["messages"] for call in endpoint.posts)
    assert [message["role"] for message in first[:2]] == ["system", "user"]
    assert len(first) == len(again) == 13
    assert [message["content"].split(" ")[0] for message in shorter[1:]] == ["0", "8", "9", "10", "11"]
    assert len(last) == 4

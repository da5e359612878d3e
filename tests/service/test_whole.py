"""The whole service, run manager and demo model included."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import openai
import pytest

from tests.support.carried import Checked, carried_service, client_of, service_config
from tests.support.description import check

SCHEMAS = {
    "thread.run": "RunObject",
    "thread.run.step": "RunStepObject",
    "thread.message": "MessageObject",
    "thread.message.delta": "MessageDeltaObject",
    "thread.run.step.delta": "RunStepDeltaObject",
    "thread": "ThreadObject",
}


@asynccontextmanager
async def started(home: Path) -> AsyncIterator[openai.AsyncOpenAI]:
    with carried_service(service_config(home)) as carried:
        async with client_of(Checked(carried.transport())) as client:
            yield client


async def test_the_main_job(tmp_path: Path):
    async with started(tmp_path) as client:
        assistant = await client.beta.assistants.create(model="demo/demo-fast", instructions="Be brief.")
        thread = await client.beta.threads.create()
        await client.beta.threads.messages.create(thread.id, role="user", content="Hello")
        stream = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True)
        events = [event async for event in stream]
        for event in events:
            data = event.data.to_dict(mode="json")
            check(SCHEMAS[data["object"]], data)
        assert [events[0].event, events[-1].event] == ["thread.run.created", "thread.run.completed"]
        run = events[-1].data
        reply = (await client.beta.threads.messages.list(thread.id, run_id=run.id)).data[0]
        text = "".join(
            part.text.value for e in events if e.event == "thread.message.delta" for part in e.data.delta.content
        )
        assert reply.content[0].text.value == text
        steps = (await client.beta.threads.runs.steps.list(run.id, thread_id=thread.id)).data
        assert [step.status for step in steps] == ["completed"]
        assert run.usage.total_tokens > 0


async def test_everything_survives_a_restart(tmp_path: Path):
    async with started(tmp_path) as client:
        assistant = await client.beta.assistants.create(model="demo/demo-fast", name="Kept")
        thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
        run = await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.status == "completed"
        messages = (await client.beta.threads.messages.list(thread.id)).data
    async with started(tmp_path) as client:
        assert await client.beta.assistants.retrieve(assistant.id) == assistant
        assert await client.beta.threads.runs.retrieve(run.id, thread_id=thread.id) == run
        assert (await client.beta.threads.messages.list(thread.id)).data == messages
        again = await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert again.status == "completed"


async def test_a_thread_with_a_slow_run_can_be_deleted(tmp_path: Path):
    async with started(tmp_path) as client:
        assistant = await client.beta.assistants.create(model="demo/demo-slow")
        thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
        run = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
        assert (await client.beta.threads.delete(thread.id)).deleted
        with pytest.raises(openai.NotFoundError):
            await client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)


async def test_what_a_run_may_not_have_is_named(tmp_path: Path):
    async with started(tmp_path) as client:
        assistant = await client.beta.assistants.create(model="demo/demo")
        for call in (
            client.beta.threads.runs.create("thread_none", assistant_id=assistant.id),
            client.beta.threads.create_and_run(assistant_id="asst_none"),
        ):
            with pytest.raises(openai.NotFoundError):
                await call

"""Instructions by the model: a run on a scratch thread of the carried service, of which nothing is left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest

from playground_tui.settings.model import Provider, Settings
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.clock import SystemClock
from playground_tui.workspace.drafting import HOW, Drafting, cleaned, prompt_for
from playground_tui.workspace.failures import FailureError
from tests.support.carried import carried_service, client_of, service_config
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say


class Desk:
    def __init__(self, client: openai.AsyncOpenAI, endpoint: ScriptedEndpoint) -> None:
        self.client = client
        self.endpoint = endpoint
        self.drafting = Drafting(self.api, AssistantCalls(self.api), SystemClock())

    async def api(self) -> openai.AsyncOpenAI:
        return self.client

    async def left(self) -> tuple[int, int]:
        """How many assistants and threads there are."""
        assistants = await self.client.beta.assistants.list()
        threads = await self.client.get("/threads", cast_to=object)
        return len(assistants.data), len(threads["data"])  # type: ignore[index]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    with ScriptedEndpoint(default=lambda _: Say("Be kind and brief.")) as endpoint:
        provider = Provider("scripted", "chat", base_url=endpoint.base_url, default_model="m")
        settings = Settings(providers=(provider,), default_provider="scripted")
        with carried_service(service_config(tmp_path, settings)) as carried:
            async with client_of(carried.transport()) as client:
                yield Desk(client, endpoint)


async def test_the_run_borrows_the_assistant_and_leaves_nothing(desk: Desk) -> None:
    made = await desk.client.beta.assistants.create(model="scripted/m", name="Bot", instructions="Be kind.")
    text = await desk.drafting.write("be brief", "Be kind.", "scripted/m", made.id)
    assert text == "Be kind and brief."
    asked = desk.endpoint.posts[-1].body["messages"]
    assert asked[0]["content"] == HOW
    assert asked[-1]["content"] == prompt_for("be brief", "Be kind.")
    assert (await desk.client.beta.assistants.retrieve(made.id)).instructions == "Be kind."
    assert await desk.left() == (1, 0)


async def test_without_an_assistant_one_is_made_and_removed(desk: Desk) -> None:
    assert await desk.drafting.write("a bot for cats", "", "scripted/m", None) == "Be kind and brief."
    assert await desk.left() == (0, 0)


async def test_a_failure_is_told_and_leaves_nothing(desk: Desk) -> None:
    desk.endpoint.queue(*[Say(refusal="No.")])
    with pytest.raises(FailureError):
        await desk.drafting.write("x", "", "", None)
    desk.endpoint.key = "another"
    with pytest.raises(FailureError) as caught:
        await desk.drafting.write("x", "", "scripted/m", None)
    assert caught.value.failure.kind in ("key", "server")
    assert await desk.left() == (0, 0)


async def test_cancelling_stops_the_run(desk: Desk) -> None:
    hold = threading.Event()
    desk.endpoint.queue(Say("Never finished at all", hold=hold))
    task = asyncio.create_task(desk.drafting.write("x", "", "scripted/m", None))
    await desk.endpoint.posted(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    hold.set()
    assert await desk.left() == (0, 0)


def test_fences_around_the_reply_go() -> None:
    assert cleaned("```markdown\nBe kind.\n```\n") == "Be kind."
    assert cleaned("Use ```code``` here.") == "Use ```code``` here."

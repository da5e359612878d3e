"""The chat side against the service with its demo model: carried in process, and served over HTTP."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import openai
import pytest

from playground_tui.service.http import HttpServer
from playground_tui.service.service import Service
from playground_tui.settings.model import Provider, Settings
from playground_tui.workspace.clock import SystemClock
from playground_tui.workspace.exchange.intake import read_text
from playground_tui.workspace.handlers.model import Handler
from playground_tui.workspace.inspector.inspector import Inspector
from playground_tui.workspace.versions import Versions
from tests.support.carried import carried_service, client_of, service_config
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk

FAST = Settings(
    providers=(
        Provider("demo", "demo", default_model="demo", extra_body={"tokens_per_second": 0}),
        Provider("paced", "demo", default_model="demo", extra_body={"tokens_per_second": 200}),
    ),
    default_provider="demo",
)
PACED = {"model": "paced/demo"}
FUNCTION = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


KEY = "key-for-tests"


class ServiceDesk(Desk):
    def __init__(self, home: Path, new_client: Callable[[], openai.AsyncOpenAI]) -> None:
        self.new_client = new_client
        super().__init__(home)
        self.clock = SystemClock()
        self.store.close()
        self.begin()

    def begin(self) -> None:
        super().begin()
        self.client = self.new_client()


@asynccontextmanager
async def in_process(home: Path) -> AsyncIterator[Callable[[], openai.AsyncOpenAI]]:
    with carried_service(service_config(home, FAST)) as carried:
        yield lambda: client_of(carried.transport())


@asynccontextmanager
async def over_http(home: Path) -> AsyncIterator[Callable[[], openai.AsyncOpenAI]]:
    urls: list[str] = []
    config = service_config(home, FAST, api_key=KEY, serve=True)
    server = HttpServer(Service(config), "127.0.0.1", 0, urls.append, grace=0.5)
    task = asyncio.ensure_future(server.run())
    await wait_until(lambda: urls or task.done())
    try:
        yield lambda: openai.AsyncOpenAI(base_url=urls[0], api_key=KEY, max_retries=0)
    finally:
        server.stop()
        server.stop()
        await task


@pytest.fixture(params=[in_process, over_http])
async def desk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[ServiceDesk]:
    async with request.param(tmp_path / "service") as new_client:
        made = ServiceDesk(tmp_path / "workspace", new_client)
        assistant = await made.client.beta.assistants.create(model="demo/demo-fast", name="Bot", tools=[FUNCTION])
        made.editor.assistant_id = assistant.id
        yield made
        await made.end()


async def test_the_main_job(desk: ServiceDesk) -> None:
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


async def test_long_text_arrives_whole(desk: ServiceDesk) -> None:
    await desk.say("/long 2000")
    answer = desk.conversation.messages[-1]
    await desk.threads.open(None)
    fresh = await desk.client.beta.threads.messages.list(answer_thread(desk))
    assert answer.text == fresh.data[0].content[0].text.value


def answer_thread(desk: ServiceDesk) -> str:
    return desk.threads.listing.value.rows[0].id


async def test_calls_answered_after_a_restart(desk: ServiceDesk) -> None:
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


async def test_stop(desk: ServiceDesk) -> None:
    desk.editor.overrides = PACED
    await desk.conversation.send("/slow 60")
    await desk.until("answering", "thinking")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert desk.state.run.phase == "idle"
    desk.editor.overrides = {}
    await desk.say("Hello")
    assert desk.conversation.messages[-1].status == "complete"


@pytest.mark.parametrize(("command", "kind"), [("/fail", "server"), ("/429", "rate")])
async def test_failures(desk: ServiceDesk, command: str, kind: str) -> None:
    await desk.say(command)
    assert desk.state.failure is not None
    assert desk.state.failure.kind == kind
    assert desk.state.unsent == command


async def test_a_run_left_alone_is_found_and_followed(desk: ServiceDesk) -> None:
    desk.editor.overrides = PACED
    await desk.conversation.send("/long 250")
    await desk.until("answering")
    await desk.restart()
    assert not desk.state.run.followed
    await desk.conversation.resume()
    await desk.conversation.wait_idle()
    assert desk.conversation.messages[-1].status == "complete"
    assert len(desk.texts) == 2
    assert not desk.lacking


async def test_regenerate_and_resend(desk: ServiceDesk) -> None:
    await desk.say("one")
    await desk.conversation.regenerate()
    await desk.conversation.wait_idle()
    assert len(desk.texts) == 2
    await desk.conversation.resend(desk.conversation.messages[0].id, "two")
    await desk.conversation.wait_idle()
    assert desk.texts[0] == "two"
    assert len(desk.texts) == 2


async def test_three_answers_in_one_submit_over_a_restart(desk: ServiceDesk, tmp_path: Path) -> None:
    handler = Handler("command", f"{sys.executable} -c \"print('windy', end='')\"", 30)
    await desk.say("/calls")
    first, second = desk.conversation.calls.state.value.calls
    desk.conversation.calls.answer(first.call.id, "sunny")
    await desk.restart()
    assert [answer.phase for answer in desk.conversation.calls.state.value.calls] == ["answered", "waiting"]
    assert desk.conversation.calls.state.value.seconds_left(desk.clock.now()) > 0
    await desk.functions.bind(desk.editor.assistant_id, "get_weather", handler)
    desk.conversation.calls.rebind()
    await desk.conversation.calls.approve(second.call.id, "always")
    await desk.conversation.wait_idle()
    assert desk.state.failure is None
    assert [call.output for call in desk.conversation.messages[-1].calls] == ["sunny", "windy"]
    await desk.say("/calls")
    assert [call.output for call in desk.conversation.messages[-1].calls] == ["windy", "windy"]


async def test_branch_export_import_and_recreate(desk: ServiceDesk) -> None:
    await desk.say("one")
    await desk.say("two")
    thread_id = desk.state.thread_id
    branch = await desk.threads.archive.branch(thread_id, desk.conversation.messages[1].id)
    await desk.threads.open(branch)
    assert len(desk.texts) == 2
    assert desk.texts[0] == "one"
    export = await desk.threads.archive.export(thread_id, "json")
    assert export.source == "server"
    (taken,) = read_text(export.text, "thread.json").taken
    made = await desk.threads.archive.take(taken)
    assert made.failure is None
    await desk.client.beta.threads.delete(branch)
    await desk.conversation.refresh()
    assert desk.state.gone
    again = await desk.threads.recreate(branch)
    assert desk.state.thread_id == again
    assert desk.texts[0] == "one"
    await desk.say("three")
    assert desk.state.failure is None


async def test_a_stopped_reply_goes_on(desk: ServiceDesk) -> None:
    desk.editor.overrides = PACED
    await desk.conversation.send("/long 400")
    await desk.until("answering")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    desk.editor.overrides = {}
    await desk.conversation.continue_reply()
    await desk.conversation.wait_idle()
    assert desk.state.failure is None
    assert len(desk.texts) == 3


async def test_a_discarded_thread_is_deleted_when_the_program_ends(desk: ServiceDesk) -> None:
    await desk.say("one")
    thread_id = desk.state.thread_id
    await desk.threads.discard([thread_id])
    assert (await desk.client.beta.threads.retrieve(thread_id)).id == thread_id
    await desk.restart()
    with pytest.raises(openai.NotFoundError):
        await desk.client.beta.threads.retrieve(thread_id)


async def test_files_go_with_a_message(desk: ServiceDesk, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The code word is heron.")
    await desk.conversation.attachments.add_file(note)
    await desk.say("Look at it")
    assert desk.state.failure is None
    assert len(desk.conversation.messages[0].attachments) == 1
    files = await desk.client.files.list()
    assert [file.filename for file in files.data] == ["note.txt"]


async def test_a_run_is_inspected(desk: ServiceDesk) -> None:
    await desk.say("/calls")
    await desk.conversation.submit_outputs({call.id: "1" for call in desk.state.run.calls})
    await desk.conversation.wait_idle()
    desk.store.flush()
    reply = desk.conversation.messages[-1]
    inspector = Inspector(desk.threads.context, Versions(desk.store, desk.clock))
    found = await inspector.run(desk.state.thread_id, reply.run_id)
    assert [row.kind for row in found.timeline] == ["queued", "tools", "message"]
    assert found.not_told == ()
    assert found.version == 12
    assert [exchange.method for exchange in found.exchanges] == ["post", "post"]
    assert KEY not in str(found)

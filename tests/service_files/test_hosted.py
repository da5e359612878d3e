"""An endpoint with tools of its own, through a scripted engine: what goes there, and what it makes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai
import pytest

from playground_tui.service.engines.base import (
    Annotation,
    Capabilities,
    EngineError,
    Finish,
    ImageOutput,
    OutputFile,
    TextDelta,
)
from playground_tui.service.service import Service
from tests.support.carried import Checked, carried_service, client_of, service_config
from tests.support.engines import ScriptedEngine, calls, scripted_settings, text


@dataclass
class Hosting(ScriptedEngine):
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(hosted_file_search=True, hosted_code_interpreter=True)
    )
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    made: dict[str, bytes] = field(default_factory=dict)

    async def upload(self, path: Path, name: str, lifetime: int) -> str:
        self.sent.append((name, path.read_bytes()))
        return f"remote-{len(self.sent)}"

    async def download(self, made: OutputFile) -> AsyncIterator[bytes]:
        if made.file_id not in self.made:
            raise EngineError("gone")
        yield self.made[made.file_id]


@pytest.fixture
def engine() -> Hosting:
    return Hosting()


@pytest.fixture
async def client(tmp_path: Path, engine: Hosting) -> AsyncIterator[openai.AsyncOpenAI]:
    config = service_config(tmp_path, scripted_settings())
    with carried_service(config, lambda config: Service(config, engines=engine)) as carried:
        async with client_of(Checked(carried.transport())) as client:
            yield client


async def run(client: openai.AsyncOpenAI, assistant: Any, thread: Any) -> Any:
    run = await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "completed", run.last_error
    return (await client.beta.threads.messages.list(thread.id, limit=1)).data[0]


async def upload(client: openai.AsyncOpenAI, name: str, data: bytes) -> str:
    return (await client.files.create(file=(name, data), purpose="assistants")).id


async def test_stores_of_both_kinds_are_searched_where_they_are(client: openai.AsyncOpenAI, engine: Hosting) -> None:
    file_id = await upload(client, "policy.md", b"Refunds within 30 days.")
    inline = {"file_search": {"vector_stores": [{"file_ids": [file_id]}]}}
    tools = [{"type": "file_search"}]
    assistant = await client.beta.assistants.create(model="m", tools=tools, tool_resources=inline)
    remote = {"file_search": {"vector_store_ids": ["vs_remote"]}}
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "?"}], tool_resources=remote)
    engine.replies = [calls(("c1", "file_search", '{"query":"refunds"}')), text("Yes【0:0†po", "licy.md】.")]
    reply = await run(client, assistant, thread)
    first = engine.requests[0]
    assert [tool["type"] for tool in first.tools] == ["function", "file_search"]
    assert first.vector_store_ids == ("vs_remote",)
    (citation,) = reply.content[0].text.annotations
    assert (citation.file_citation.file_id, citation.start_index, citation.end_index) == (file_id, 3, 18)


async def test_only_unknown_stores_leave_the_tool_to_the_endpoint(client: openai.AsyncOpenAI, engine: Hosting) -> None:
    remote = {"file_search": {"vector_store_ids": ["vs_remote"]}}
    assistant = await client.beta.assistants.create(model="m", tools=[{"type": "file_search"}], tool_resources=remote)
    await run(client, assistant, await client.beta.threads.create())
    assert engine.requests[0].tools == ({"type": "file_search"},)


async def test_local_files_are_lent_to_the_code_interpreter_once(client: openai.AsyncOpenAI, engine: Hosting) -> None:
    local = await upload(client, "sales.csv", b"a,b\n1,2\n")
    files = {"code_interpreter": {"file_ids": [local, "file-remote"]}}
    tools = [{"type": "code_interpreter"}]
    assistant = await client.beta.assistants.create(model="m", tools=tools, tool_resources=files)
    for _ in range(2):
        await run(client, assistant, await client.beta.threads.create())
    assert engine.sent == [("sales.csv", b"a,b\n1,2\n")]
    assert [request.file_ids for request in engine.requests] == [("file-remote", "remote-1")] * 2


async def test_files_that_the_endpoint_makes_can_be_downloaded(client: openai.AsyncOpenAI, engine: Hosting) -> None:
    engine.made = {"cfile_1": b"\x89PNG picture", "cfile_2": b"a,b"}
    path = {"type": "file_path", "text": "a.csv", "file_path": {"file_id": "cfile_2"}, "start_index": 0, "end_index": 5}
    engine.replies = [
        [
            OutputFile("cfile_1", "cntr", "../plot.png"),
            ImageOutput("cfile_1"),
            TextDelta("a.csv"),
            OutputFile("cfile_2", "cntr", "a.csv"),
            Annotation(path),
            OutputFile("cfile_gone", "cntr", "gone"),
            OutputFile("../../evil", "cntr", "evil"),
            Finish("stop"),
        ]
    ]
    assistant = await client.beta.assistants.create(model="m")
    reply = await run(client, assistant, await client.beta.threads.create())
    image = reply.content[0].image_file.file_id
    assert (await client.files.content(image)).read() == b"\x89PNG picture"
    assert (await client.files.retrieve("cfile_2")).purpose == "assistants_output"
    assert {f.filename async for f in client.files.list()} == {"plot.png", "a.csv"}
    with pytest.raises(openai.NotFoundError):
        await client.files.content("cfile_gone")


async def test_a_picture_the_endpoint_made_is_shown_to_it_again(client: openai.AsyncOpenAI, engine: Hosting) -> None:
    picture = await client.files.create(file=("p.png", b"\x89PNG\r\n\x1a\n..."), purpose="vision")
    assistant = await client.beta.assistants.create(model="m")
    content = [{"type": "image_file", "image_file": {"file_id": picture.id, "detail": "low"}}]
    await run(client, assistant, await client.beta.threads.create(messages=[{"role": "user", "content": content}]))
    (part,) = engine.requests[0].turns[0].parts
    assert part.url.startswith("data:image/png;base64,")
    assert part.detail == "low"

"""What the routes do around the run manager; runs themselves are tested beside it."""

import openai
import pytest

from playground_tui.service.errors import ApiError
from tests.support.carried import Checked
from tests.support.runs import FakeRuns


@pytest.fixture
async def started(client: openai.AsyncOpenAI):
    assistant = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create()
    return assistant, thread, await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)


async def test_a_run_is_made_listed_read_and_labelled(client: openai.AsyncOpenAI, checked: Checked, started):
    assistant, thread, run = started
    assert (run.status, run.assistant_id, run.thread_id) == ("queued", assistant.id, thread.id)
    assert checked.headers["openai-poll-after-ms"] == "200"
    assert [r.id for r in (await client.beta.threads.runs.list(thread.id)).data] == [run.id]
    changed = await client.beta.threads.runs.update(run.id, thread_id=thread.id, metadata={"a": "b"})
    assert changed.metadata == {"a": "b"}
    ended = await client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    assert ended.status == "cancelled"
    assert (await client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)).metadata == {"a": "b"}
    assert "openai-poll-after-ms" not in checked.headers


async def test_a_second_run_waits_for_the_first(client: openai.AsyncOpenAI, started):
    assistant, thread, run = started
    with pytest.raises(openai.BadRequestError) as caught:
        await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    assert caught.value.body["message"] == f"Thread {thread.id} already has an active run {run.id}."


async def test_overrides_reach_the_run_manager(client: openai.AsyncOpenAI, started, fake_runs: FakeRuns):
    assistant, _, _ = started
    thread = await client.beta.threads.create()
    await client.beta.threads.runs.create(
        thread.id,
        assistant_id=assistant.id,
        additional_messages=[{"role": "user", "content": "x"}],
        max_prompt_tokens=256,
        tool_choice={"type": "function", "function": {"name": "f"}},
        truncation_strategy={"type": "last_messages", "last_messages": 3},
        include=["step_details.tool_calls[*].file_search.results[*].content"],
        stream=False,
    )
    sent = fake_runs.bodies[-1]
    assert sent["max_prompt_tokens"] == 256
    assert "stream" not in sent
    assert sent["truncation_strategy"]["last_messages"] == 3


async def test_a_stream_passes_events_on_as_they_are(client: openai.AsyncOpenAI, started, fake_runs: FakeRuns):
    assistant, _, _ = started
    fake_runs.frames = [
        'event: thread.run.created\ndata: {"id":"run_é","object":"thread.run"}\n\n'.encode(),
        b"event: done\ndata: [DONE]\n\n",
    ]
    thread = await client.beta.threads.create()
    stream = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, stream=True)
    events = [event async for event in stream]
    assert [(e.event, e.data.id) for e in events] == [("thread.run.created", "run_é")]
    assert stream.response.headers["content-type"].startswith("text/event-stream")
    assert stream.response.headers["x-request-id"]


async def test_thread_and_run_in_one(client: openai.AsyncOpenAI, started, fake_runs: FakeRuns):
    assistant, _, _ = started
    run = await client.beta.threads.create_and_run(
        assistant_id=assistant.id,
        thread={"messages": [{"role": "user", "content": "x"}], "metadata": {"title": "T"}},
        tool_resources={"code_interpreter": {"file_ids": ["file-1"]}},
        instructions="other",
    )
    thread = await client.beta.threads.retrieve(run.thread_id)
    assert thread.metadata == {"title": "T"}
    assert thread.tool_resources.code_interpreter.file_ids == ["file-1"]
    assert fake_runs.bodies[-1] == {"assistant_id": assistant.id, "instructions": "other"}


async def test_a_thread_is_not_left_behind_when_its_run_is_refused(client: openai.AsyncOpenAI, raw):
    with pytest.raises(openai.NotFoundError):
        await client.beta.threads.create_and_run(assistant_id="asst_none", thread={"metadata": {"a": "b"}})
    assert (await raw.get("/threads")).json()["data"] == []


async def test_outputs_are_handed_on(client: openai.AsyncOpenAI, started, fake_runs: FakeRuns):
    _, thread, run = started
    outputs = [{"tool_call_id": "call_1", "output": "42"}]
    await client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread.id, tool_outputs=outputs)
    stream = await client.beta.threads.runs.submit_tool_outputs(
        run.id, thread_id=thread.id, tool_outputs=outputs, stream=True
    )
    assert [event async for event in stream] == []
    assert fake_runs.submitted == [outputs, outputs]


async def test_late_listeners_follow(started, raw):
    _, thread, run = started
    answer = await raw.get(f"/threads/{thread.id}/runs/{run.id}/events")
    assert answer.content == b"event: done\ndata: [DONE]\n\n"
    assert (await raw.get(f"/threads/thread_other/runs/{run.id}/events")).status_code == 404


async def test_progress_is_only_for_those_who_ask(started, raw, fake_runs: FakeRuns):
    _, thread, run = started
    path = f"/threads/{thread.id}/runs/{run.id}/events"
    await raw.get(path)
    await raw.get(path, headers={"Playground-Tui-Events": "progress"})
    assert fake_runs.options == [{"progress": False}, {"progress": True}]


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/threads/{t}/runs", {}, "assistant_id"),
        ("/threads/{t}/runs", {"assistant_id": None}, "assistant_id"),
        ("/threads/{t}/runs", {"assistant_id": "a", "max_prompt_tokens": 255}, "max_prompt_tokens"),
        ("/threads/{t}/runs", {"assistant_id": "a", "max_completion_tokens": 1.5}, "max_completion_tokens"),
        ("/threads/{t}/runs", {"assistant_id": "a", "tools": [{"type": "code_interpreter"}] * 21}, "tools"),
        ("/threads/{t}/runs", {"assistant_id": "a", "tool_choice": "maybe"}, "tool_choice"),
        ("/threads/{t}/runs", {"assistant_id": "a", "tool_choice": {"type": "function"}}, "tool_choice.function"),
        (
            "/threads/{t}/runs",
            {"assistant_id": "a", "truncation_strategy": {"type": "last_messages"}},
            "truncation_strategy.last_messages",
        ),
        ("/threads/{t}/runs", {"assistant_id": "a", "additional_messages": [{}]}, "additional_messages[0].role"),
        ("/threads/{t}/runs", {"assistant_id": "a", "stream": "yes"}, "stream"),
        ("/threads/{t}/runs", {"assistant_id": "a", "thread": {}}, "thread"),
        ("/threads/runs", {"assistant_id": "a", "additional_messages": []}, "additional_messages"),
        ("/threads/runs", {"assistant_id": "a", "thread": {"messages": {}}}, "thread.messages"),
        ("/threads/{t}/runs/{r}/submit_tool_outputs", {}, "tool_outputs"),
        (
            "/threads/{t}/runs/{r}/submit_tool_outputs",
            {"tool_outputs": [{"tool_call_id": "c", "output": 5}]},
            "tool_outputs[0].output",
        ),
        ("/threads/{t}/runs/{r}", {"status": "completed"}, "status"),
        ("/threads/{t}/runs?include[]=everything", {"assistant_id": "a"}, "include[]"),
    ],
)
async def test_wrong_values_are_named(raw, started, path: str, body: dict, param: str):
    _, thread, run = started
    answer = await raw.post(path.format(t=thread.id, r=run.id), json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_what_the_run_manager_refuses_is_answered(client: openai.AsyncOpenAI, started, fake_runs: FakeRuns):
    _, thread, run = started

    async def refuse(*args: object) -> None:
        raise ApiError(400, 'Runs in status "expired" do not accept tool outputs.')

    fake_runs.submit = refuse
    with pytest.raises(openai.BadRequestError, match="do not accept tool outputs"):
        await client.beta.threads.runs.submit_tool_outputs(
            run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": "c", "output": ""}]
        )

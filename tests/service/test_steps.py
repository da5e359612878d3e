import json
import sqlite3
from pathlib import Path

import openai
import pytest

from playground_tui.service.routes.steps import without_contents

CONTENT = "step_details.tool_calls[*].file_search.results[*].content"


def step(step_id: str, thread_id: str, run_id: str) -> dict:
    result = {"file_id": "file-1", "file_name": "a.txt", "score": 0.5, "content": [{"type": "text", "text": "found"}]}
    search = {"ranking_options": {"ranker": "auto", "score_threshold": 0}, "results": [result]}
    empty = ("last_error", "expired_at", "cancelled_at", "failed_at", "usage")
    return {
        "id": step_id,
        "object": "thread.run.step",
        "created_at": 1,
        "assistant_id": "asst_1",
        "thread_id": thread_id,
        "run_id": run_id,
        "type": "tool_calls",
        "status": "completed",
        "completed_at": 2,
        "metadata": {},
        "step_details": {
            "type": "tool_calls",
            "tool_calls": [{"id": "call_1", "type": "file_search", "file_search": search}],
        },
        **dict.fromkeys(empty),
    }


@pytest.fixture
async def run(client: openai.AsyncOpenAI, tmp_path: Path):
    """A run with three steps."""
    assistant = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create()
    run = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    with sqlite3.connect(tmp_path / "service.sqlite3") as conn:
        for n in range(3):
            body = step(f"step_{n}", thread.id, run.id)
            row = (body["id"], thread.id, run.id, json.dumps(body, separators=(",", ":")))
            names = "created_at, status, id, thread_id, run_id, body"
            conn.execute(f"INSERT INTO steps ({names}) VALUES (1, 'completed', ?, ?, ?, ?)", row)
    conn.close()
    return run


async def test_contents_come_only_when_asked_for(client: openai.AsyncOpenAI, run):
    where = {"thread_id": run.thread_id}
    plain = await client.beta.threads.runs.steps.retrieve("step_0", run_id=run.id, **where)
    asked = await client.beta.threads.runs.steps.retrieve("step_0", run_id=run.id, include=[CONTENT], **where)
    assert plain.step_details.tool_calls[0].file_search.results[0].content is None
    assert asked.step_details.tool_calls[0].file_search.results[0].content[0].text == "found"
    for include, content in (((), None), ((CONTENT,), "found")):
        listed = await client.beta.threads.runs.steps.list(run.id, include=list(include), **where)
        result = listed.data[0].step_details.tool_calls[0].file_search.results[0]
        assert (result.content and result.content[0].text) == content


async def test_steps_are_paged_and_belong_to_their_run(client: openai.AsyncOpenAI, run):
    where = {"thread_id": run.thread_id}
    ids = [s.id async for s in client.beta.threads.runs.steps.list(run.id, order="asc", limit=2, **where)]
    assert ids == ["step_0", "step_1", "step_2"]
    for call in (
        client.beta.threads.runs.steps.list("run_other", **where),
        client.beta.threads.runs.steps.retrieve("step_0", run_id="run_other", **where),
        client.beta.threads.runs.steps.retrieve("step_9", run_id=run.id, **where),
    ):
        with pytest.raises(openai.NotFoundError):
            await call


def test_other_steps_go_out_as_stored():
    assert without_contents('{"a": 1 }') == '{"a": 1 }'
    message = json.dumps({"step_details": {"type": "message_creation"}, "metadata": {"about": "file_search"}})
    assert json.loads(without_contents(message)) == json.loads(message)

import openai
import pytest

from tests.support.runs import FakeRuns


async def test_a_thread_can_be_made_of_nothing(client: openai.AsyncOpenAI, raw):
    thread = await client.beta.threads.create()
    assert (thread.metadata, thread.object) == ({}, "thread")
    answer = await raw.post("/threads")
    assert answer.status_code == 200
    assert (await client.beta.threads.retrieve(answer.json()["id"])).id == answer.json()["id"]


async def test_a_thread_comes_with_its_first_messages(client: openai.AsyncOpenAI):
    thread = await client.beta.threads.create(
        messages=[{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}],
        metadata={"title": "T"},
        tool_resources={"code_interpreter": {"file_ids": ["file-1"]}},
    )
    listed = await client.beta.threads.messages.list(thread.id, order="asc")
    assert [(m.role, m.content[0].text.value) for m in listed.data] == [("user", "one"), ("assistant", "two")]
    assert thread.tool_resources.code_interpreter.file_ids == ["file-1"]


async def test_only_metadata_and_resources_change(client: openai.AsyncOpenAI, raw):
    thread = await client.beta.threads.create(metadata={"a": "b"})
    changed = await client.beta.threads.update(thread.id, metadata={"title": "New"})
    assert changed.metadata == {"title": "New"}
    assert (await client.beta.threads.update(thread.id, metadata=None)).metadata == {}
    assert (await raw.post(f"/threads/{thread.id}", json={"messages": []})).json()["error"]["param"] == "messages"


async def test_deleting_takes_the_messages_along(client: openai.AsyncOpenAI):
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "x"}])
    message = (await client.beta.threads.messages.list(thread.id)).data[0]
    gone = await client.beta.threads.delete(thread.id)
    assert (gone.deleted, gone.object) == (True, "thread.deleted")
    with pytest.raises(openai.NotFoundError) as caught:
        await client.beta.threads.messages.retrieve(message.id, thread_id=thread.id)
    assert message.id in caught.value.body["message"]
    with pytest.raises(openai.NotFoundError):
        await client.beta.threads.messages.list(thread.id)
    with pytest.raises(openai.NotFoundError):
        await client.beta.threads.delete(thread.id)


async def test_deleting_cancels_an_active_run_first(client: openai.AsyncOpenAI):
    assistant = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create()
    run = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    assert (await client.beta.threads.delete(thread.id)).deleted
    with pytest.raises(openai.NotFoundError):
        await client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)


async def test_a_run_that_does_not_end_keeps_its_thread(
    client: openai.AsyncOpenAI, fake_runs: FakeRuns, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("playground_tui.service.service.CANCEL_PATIENCE", 0.05)
    fake_runs.cancel_ends = False
    assistant = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create()
    run = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    with pytest.raises(openai.ConflictError):
        await client.beta.threads.delete(thread.id)
    assert (await client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)).status == "cancelling"


async def test_threads_can_be_listed(client: openai.AsyncOpenAI, raw):
    made = [(await client.beta.threads.create(metadata={"title": str(n)})).id for n in range(5)]
    first = (await raw.get("/threads", params={"limit": 3})).json()
    assert [t["id"] for t in first["data"]] == made[:1:-1]
    assert first["has_more"] is True
    rest = (await raw.get("/threads", params={"after": first["last_id"]})).json()
    assert [t["id"] for t in rest["data"]] == made[1::-1]
    assert rest["has_more"] is False

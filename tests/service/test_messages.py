import openai
import pytest

from tests.support.description import check

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}


async def test_a_message_is_returned_in_the_shape_of_answers(client: openai.AsyncOpenAI):
    thread = await client.beta.threads.create()
    message = await client.beta.threads.messages.create(
        thread.id,
        role="user",
        content=[
            {"type": "text", "text": "Look: <b>[red]é🎈"},
            IMAGE,
            {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "low"}},
        ],
        attachments=[{"file_id": "file-2", "tools": [{"type": "code_interpreter"}]}],
        metadata={"note": "n"},
    )
    assert message.content[0].text.value == "Look: <b>[red]é🎈"
    assert message.content[0].text.annotations == []
    assert message.content[1].image_url.detail == "auto"
    assert message.content[2].image_file.detail == "low"
    assert (message.status, message.run_id, message.assistant_id) == ("completed", None, None)
    assert message.attachments[0].file_id == "file-2"
    assert await client.beta.threads.messages.retrieve(message.id, thread_id=thread.id) == message
    check("MessageObject", message.to_dict(mode="json"))


async def test_only_metadata_changes(client: openai.AsyncOpenAI, raw):
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "x"}])
    message = (await client.beta.threads.messages.list(thread.id)).data[0]
    changed = await client.beta.threads.messages.update(message.id, thread_id=thread.id, metadata={"note": "é"})
    assert changed.metadata == {"note": "é"}
    assert changed.content == message.content
    path = f"/threads/{thread.id}/messages/{message.id}"
    assert (await raw.post(path)).json()["metadata"] == {"note": "é"}
    assert (await raw.post(path, json={"metadata": None})).json()["metadata"] == {}
    refused = await raw.post(path, json={"content": "y"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "content")


async def test_a_message_of_another_thread_is_not_found(client: openai.AsyncOpenAI):
    one = await client.beta.threads.create(messages=[{"role": "user", "content": "x"}])
    other = await client.beta.threads.create()
    message = (await client.beta.threads.messages.list(one.id)).data[0]
    for call in (
        client.beta.threads.messages.retrieve(message.id, thread_id=other.id),
        client.beta.threads.messages.update(message.id, thread_id=other.id, metadata={"a": "b"}),
        client.beta.threads.messages.delete(message.id, thread_id=other.id),
        client.beta.threads.messages.create("thread_none", role="user", content="x"),
    ):
        with pytest.raises(openai.NotFoundError):
            await call
    assert (await client.beta.threads.messages.retrieve(message.id, thread_id=one.id)).metadata == {}


async def test_delete(client: openai.AsyncOpenAI):
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "x"}])
    message = (await client.beta.threads.messages.list(thread.id)).data[0]
    gone = await client.beta.threads.messages.delete(message.id, thread_id=thread.id)
    assert (gone.id, gone.object, gone.deleted) == (message.id, "thread.message.deleted", True)
    assert (await client.beta.threads.messages.list(thread.id)).data == []


async def test_an_active_run_locks_its_thread(client: openai.AsyncOpenAI):
    assistant = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create()
    run = await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    with pytest.raises(openai.BadRequestError) as caught:
        await client.beta.threads.messages.create(thread.id, role="user", content="x")
    assert caught.value.body == {
        "message": f"Can't add messages to {thread.id} while a run {run.id} is active.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    await client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    await client.beta.threads.messages.create(thread.id, role="user", content="x")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"role": "system", "content": "x"}, "role"),
        ({"role": "user"}, "content"),
        ({"role": "user", "content": ""}, "content"),
        ({"role": "user", "content": []}, "content"),
        ({"role": "user", "content": None}, "content"),
        ({"role": "user", "content": [{"type": "text", "text": {"value": "x"}}]}, "content[0].text"),
        ({"role": "user", "content": [{"type": "audio"}]}, "content[0].type"),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]},
            "content[0].image_url.url",
        ),
        ({"role": "user", "content": "x", "attachments": [{"file_id": "f"}]}, "attachments[0].tools"),
        (
            {"role": "user", "content": "x", "attachments": [{"file_id": "f", "tools": [{"type": "function"}]}]},
            "attachments[0].tools[0].type",
        ),
        ({"role": "user", "content": "x", "file_ids": []}, "file_ids"),
    ],
)
async def test_a_wrong_message_is_refused(client: openai.AsyncOpenAI, body: dict, param: str):
    thread = await client.beta.threads.create()
    for path, sent, where in (
        (f"/threads/{thread.id}/messages", body, param),
        ("/threads", {"messages": [body]}, f"messages[0].{param}"),
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.post(path, body=sent, cast_to=object)
        assert caught.value.param == where
    assert (await client.beta.threads.messages.list(thread.id)).data == []


async def test_a_thread_holds_only_so_many(client: openai.AsyncOpenAI, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("playground_tui.service.store.runs.MAX_MESSAGES", 3)
    hello = {"role": "user", "content": "Hi"}
    with pytest.raises(openai.BadRequestError, match="at most 3"):
        await client.beta.threads.create(messages=[hello] * 4)
    thread = await client.beta.threads.create(messages=[hello] * 2)
    third = await client.beta.threads.messages.create(thread.id, **hello)
    with pytest.raises(openai.BadRequestError, match="at most 3") as caught:
        await client.beta.threads.messages.create(thread.id, **hello)
    assert caught.value.code == "too_many_messages"
    await client.beta.threads.messages.delete(third.id, thread_id=thread.id)
    await client.beta.threads.messages.create(thread.id, **hello)

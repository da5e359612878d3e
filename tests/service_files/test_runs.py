"""File search in runs, on the demo engine and through the whole service, as the `openai` client sees it."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest

from tests.service_files.conftest import Clock
from tests.support.pdf import make_pdf

SEARCH = [{"type": "file_search"}]
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"
REFUNDS = ("policy.md", b"Annual plans can be refunded within 30 days. Monthly plans cannot be refunded.")
SHIPPING = ("shipping.md", b"Parcels to Norway take five working days and are insured.")


async def upload(client: openai.AsyncOpenAI, file: tuple[str, bytes] = REFUNDS) -> str:
    return (await client.files.create(file=file, purpose="assistants")).id


async def assistant(client: openai.AsyncOpenAI, *files: tuple[str, bytes], **more: Any) -> Any:
    ids = [await upload(client, file) for file in files]
    inline = {"file_search": {"vector_stores": [{"file_ids": ids, "metadata": {"a": "b"}}]}} if ids else {}
    more = {"tools": SEARCH, "tool_resources": inline, **more}
    return await client.beta.assistants.create(model="demo/demo-fast", **more)


async def ask(client: openai.AsyncOpenAI, assistant_id: str, question: str, **thread: Any) -> tuple[Any, Any]:
    """(the run, its reply)"""
    made = await client.beta.threads.create(messages=[{"role": "user", "content": question, **thread}])
    return await run_on(client, made.id, assistant_id)


async def run_on(client: openai.AsyncOpenAI, thread_id: str, assistant_id: str, **more: Any) -> tuple[Any, Any]:
    run = await client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id, **more)
    assert run.status == "completed", run.last_error
    return run, (await client.beta.threads.messages.list(thread_id, limit=1)).data[0]


async def test_an_answer_cites_what_was_found(client: openai.AsyncOpenAI) -> None:
    made = await assistant(client, REFUNDS, SHIPPING)
    _, reply = await ask(client, made.id, "What is the refund policy for annual plans?")
    text = reply.content[0].text
    (citation,) = text.annotations
    assert citation.type == "file_citation"
    assert citation.text == "【0:0†policy.md】"
    assert text.value[citation.start_index : citation.end_index] == citation.text
    assert (await client.files.retrieve(citation.file_citation.file_id)).filename == "policy.md"


async def test_the_step_shows_results_and_their_texts_only_when_asked(client: openai.AsyncOpenAI) -> None:
    tools = [
        {"type": "file_search", "file_search": {"max_num_results": 1, "ranking_options": {"score_threshold": 0.1}}}
    ]
    made = await assistant(client, REFUNDS, SHIPPING, tools=tools)
    run, _ = await ask(client, made.id, "Are annual plans refunded, and parcels insured?")
    steps = await client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc")
    (call,) = steps.data[0].step_details.tool_calls
    assert call.type == "file_search"
    assert call.file_search.ranking_options.score_threshold == 0.1
    (result,) = call.file_search.results
    assert result.content is None
    assert 0.1 <= result.score <= 1
    step = await client.beta.threads.runs.steps.retrieve(
        steps.data[0].id, run_id=run.id, thread_id=run.thread_id, include=[CONTENT]
    )
    (result,) = step.step_details.tool_calls[0].file_search.results
    assert result.content[0].text in (REFUNDS[1].decode(), SHIPPING[1].decode())


@pytest.mark.parametrize("include", [[], [CONTENT]])
async def test_citations_come_while_it_streams(client: openai.AsyncOpenAI, include: list[str]) -> None:
    made = await assistant(client, REFUNDS)
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Refunds?"}])
    deltas, shown = [], []
    more = {"include": include} if include else {}
    stream = await client.beta.threads.runs.create(thread.id, assistant_id=made.id, stream=True, **more)
    async for event in stream:
        if event.event == "thread.message.delta":
            deltas += [a for part in event.data.delta.content for a in part.text.annotations or ()]
        elif event.event == "thread.run.step.completed" and event.data.type == "tool_calls":
            shown = event.data.step_details.tool_calls[0].file_search.results
    message = (await client.beta.threads.messages.list(thread.id, limit=1)).data[0]
    (stored,) = message.content[0].text.annotations
    (live,) = deltas
    assert (live.start_index, live.end_index, live.text) == (stored.start_index, stored.end_index, stored.text)
    assert [bool(result.content) for result in shown] == [bool(include)]


async def test_the_right_page_of_a_long_pdf(client: openai.AsyncOpenAI, raw: httpx2.AsyncClient) -> None:
    pages = [f"Chapter {n}. Ordinary words about nothing at all.\nMore of them." for n in range(300)]
    pages[217] = "The zeppelin maintenance interval is forty hours."
    made = await assistant(client, ("manual.pdf", make_pdf(pages)))
    run, reply = await ask(client, made.id, "zeppelin maintenance interval?")
    assert reply.content[0].text.annotations[0].text == "【0:0†manual.pdf】"
    path = f"/threads/{run.thread_id}/runs/{run.id}/steps"
    steps = (await raw.get(path, params={"include[]": CONTENT, "order": "asc"})).json()["data"]
    best = steps[0]["step_details"]["tool_calls"][0]["file_search"]["results"][0]
    assert "zeppelin" in best["content"][0]["text"]
    assert best["page"] == 218
    start = next(one["start"] for one in best["pages"] if one["page"] == 218)
    assert best["content"][0]["text"][start:].strip().startswith("The zeppelin")


async def test_files_attached_to_a_message_are_searched(client: openai.AsyncOpenAI, clock: Clock) -> None:
    made = await assistant(client)
    file_id = await upload(client)
    attachments = [{"file_id": file_id, "tools": [{"type": "file_search"}]}]
    run, reply = await ask(client, made.id, "What about annual plans?", attachments=attachments)
    assert reply.content[0].text.annotations[0].file_citation.file_id == file_id
    thread = await client.beta.threads.retrieve(run.thread_id)
    (store_id,) = thread.tool_resources.file_search.vector_store_ids
    store = await client.vector_stores.retrieve(store_id)
    assert store.expires_after.days == 7
    other = await upload(client, SHIPPING)
    await client.beta.threads.messages.create(
        thread.id, role="user", content="And to Norway?", attachments=[{"file_id": other, "tools": SEARCH}]
    )
    _, reply = await run_on(client, thread.id, made.id)
    assert reply.content[0].text.annotations[0].file_citation.file_id == other
    assert (await client.vector_stores.retrieve(store_id)).file_counts.completed == 2


async def test_messages_that_come_with_a_run_may_bring_files(client: openai.AsyncOpenAI) -> None:
    made = await assistant(client)
    thread = await client.beta.threads.create()
    file_id = await upload(client)
    message = {"role": "user", "content": "Refunds?", "attachments": [{"file_id": file_id, "tools": SEARCH}]}
    _, reply = await run_on(client, thread.id, made.id, additional_messages=[message])
    assert reply.content[0].text.annotations[0].file_citation.file_id == file_id


async def test_what_cannot_be_attached_is_refused_and_nothing_is_kept(client: openai.AsyncOpenAI) -> None:
    made = await assistant(client, REFUNDS)
    thread = await client.beta.threads.create()
    message = {"role": "user", "content": "x", "attachments": [{"file_id": "file-none", "tools": SEARCH}]}
    for call in (
        client.beta.threads.messages.create(thread.id, **message),
        client.beta.threads.create(messages=[message]),
        client.beta.threads.runs.create(thread.id, assistant_id=made.id, additional_messages=[message]),
    ):
        with pytest.raises(openai.NotFoundError) as caught:
            await call
        assert caught.value.param == "attachments"
    assert (await client.beta.threads.messages.list(thread.id)).data == []
    files = [{"file_id": f"file-{n}", "tools": [{"type": "code_interpreter"}]} for n in range(21)]
    with pytest.raises(openai.BadRequestError, match="at most 20"):
        await client.beta.threads.messages.create(thread.id, role="user", content="x", attachments=files)
    await client.beta.threads.messages.create(thread.id, role="user", content="x", attachments=files[:2])
    kept = (await client.beta.threads.retrieve(thread.id)).tool_resources.code_interpreter.file_ids
    assert kept == ["file-0", "file-1"]


async def test_inline_stores_of_assistants_and_threads(client: openai.AsyncOpenAI) -> None:
    made = await assistant(client, REFUNDS)
    (store_id,) = made.tool_resources.file_search.vector_store_ids
    assert (await client.vector_stores.retrieve(store_id)).metadata == {"a": "b"}
    file_id = await upload(client, SHIPPING)
    thread = await client.beta.threads.create(
        messages=[{"role": "user", "content": "Refunds, and parcels to Norway?"}],
        tool_resources={"file_search": {"vector_stores": [{"file_ids": [file_id]}]}},
    )
    _, reply = await run_on(client, thread.id, made.id)
    assert len({a.file_citation.file_id for a in reply.content[0].text.annotations}) == 2
    with pytest.raises(openai.NotFoundError):
        await client.beta.assistants.create(
            model="m", tool_resources={"file_search": {"vector_stores": [{"file_ids": ["file-none"]}]}}
        )


async def test_stores_that_cannot_be_searched_are_refused(client: openai.AsyncOpenAI, clock: Clock) -> None:
    made = await assistant(client, REFUNDS)
    (store_id,) = made.tool_resources.file_search.vector_store_ids
    await client.vector_stores.update(store_id, expires_after={"anchor": "last_active_at", "days": 1})
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "x"}])
    clock.now += 90_000
    with pytest.raises(openai.BadRequestError, match="has expired"):
        await client.beta.threads.runs.create(thread.id, assistant_id=made.id)
    await client.vector_stores.delete(store_id)
    with pytest.raises(openai.BadRequestError, match=f"no file search for these vector stores: '{store_id}'") as caught:
        await client.beta.threads.runs.create(thread.id, assistant_id=made.id)
    assert (caught.value.param, caught.value.code) == ("tools", "unsupported_tool")


async def test_nothing_found_is_said(client: openai.AsyncOpenAI) -> None:
    made = await assistant(client, REFUNDS)
    _, reply = await ask(client, made.id, "zeppelin")
    assert "found no passage" in reply.content[0].text.value
    assert reply.content[0].text.annotations == []


async def test_pictures_kept_here_are_shown_to_the_model(client: openai.AsyncOpenAI) -> None:
    picture = await client.files.create(file=("p.png", b"\x89PNG\r\n\x1a\n and so on"), purpose="vision")
    made = await client.beta.assistants.create(model="demo/demo-fast")
    content = [{"type": "text", "text": "Look."}, {"type": "image_file", "image_file": {"file_id": picture.id}}]
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": content}])
    _, reply = await run_on(client, thread.id, made.id)
    assert "1 image" in reply.content[0].text.value


async def test_file_search_without_any_store_is_no_reason_to_refuse(client: openai.AsyncOpenAI) -> None:
    made = await assistant(client)
    run, reply = await ask(client, made.id, "Just talk to me")
    assert run.status == "completed"
    assert "Just talk to me" in reply.content[0].text.value
    (call,) = (
        (await client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id)).data[-1].step_details.tool_calls
    )
    assert call.file_search.results == []

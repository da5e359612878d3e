"""Good answers with something wrong in them, by a fixed seed: whatever the shape, a reply or an `EngineError` comes of
it, and the parts that can be used are."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground_tui.service.engines.base import CallArguments, Engine, EngineError, EngineEvent, Finish, Usage
from playground_tui.service.engines.chat_reply import ChatReply
from playground_tui.service.engines.errors import Speaker, words_of
from playground_tui.service.engines.model_list import models_in, next_page
from playground_tui.service.engines.reading import Reply, read
from playground_tui.service.engines.responses_reply import ResponsesReply
from tests.engines.conftest import asking, hear
from tests.support.endpoint import ScriptedEndpoint
from tests.support.mutations import mutated
from tests.support.replies import Call, Say, chat_chunk, response_usage, stream

NO_COUNTS: tuple[Any, ...] = (float("inf"), float("-inf"), float("nan"), 10**400, 10**13, -5, "12", True, [3], {}, None)


class Answer:
    """Blocks as a `Stream` gives them."""

    def __init__(self, blocks: list[bytes]) -> None:
        self._blocks = blocks
        self.speaker = Speaker("Here", "http://here/v1")
        self.came = self.complete = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._blocks:
            yield self._blocks.pop(0)

    async def rest(self) -> bytes:
        rest, self._blocks = b"".join(self._blocks), []
        return rest

    async def aclose(self) -> None:
        pass


async def said(reply: Reply, blocks: list[bytes]) -> list[EngineEvent]:
    answer: Any = Answer(blocks)
    return [event async for event in read(answer, reply)]


async def said_or_refused(reply: Reply, blocks: list[bytes]) -> list[EngineEvent] | EngineError:
    try:
        return await said(reply, blocks)
    except EngineError as error:
        return error


@pytest.mark.parametrize("count", NO_COUNTS)
async def test_a_token_count_that_is_none(endpoint: ScriptedEndpoint, chat: Engine, count: Any) -> None:
    usage = {"prompt_tokens": count, "completion_tokens": 7, "completion_tokens_details": {"reasoning_tokens": count}}
    endpoint.queue(stream(chat_chunk(content="Hi"), chat_chunk(finish_reason="stop", usage=usage)))
    heard = await hear(chat, asking())
    assert (heard.error, heard.text, heard.usage) == (None, "Hi", Usage(0, 7))


@pytest.mark.parametrize("count", NO_COUNTS)
async def test_a_token_count_of_responses_that_is_none(
    endpoint: ScriptedEndpoint, responses: Engine, count: Any
) -> None:
    closed = {"output": [], "status": "completed", "usage": response_usage(7, 7) | {"output_tokens": count}}
    endpoint.queue(stream({"type": "response.completed", "response": closed}))
    heard = await hear(responses, asking())
    assert (heard.error, heard.usage) == (None, Usage(7, 0))


async def test_thoughts_that_turn_into_another_kind_of_value(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    kinds = ("so ", [{"text": "a"}], [{"text": "b"}], "then")
    chunks = [chat_chunk(reasoning_content=kind, reasoning_details=kind) for kind in kinds]
    endpoint.queue(stream(*chunks, chat_chunk(content="Hi"), chat_chunk(finish_reason="stop")))
    heard = await hear(chat, asking())
    assert (heard.error, heard.text) == (None, "Hi")


async def test_an_answer_of_another_shape_is_one_sentence(chat: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(reply: ChatReply, chunk: Any) -> Any:
        return chunk["choices"][0]["nothing"]

    monkeypatch.setattr(ChatReply, "feed", feed)
    with pytest.raises(EngineError, match="Here answered with JSON of another shape"):
        await said(ChatReply(set(), "here"), [b'data: {"choices": [{}]}\n\n'])


def valid(path: str) -> list[Any]:
    """The events of a reply with all there is."""
    call = Call("POST", path, "", {}, {"stream": True, "stream_options": {"include_usage": True}})
    say = Say("Hello there, you", reasoning="Hm", calls=(("c1", "f", '{"a": 1}'), ("c2", "g", "{}")))
    data = b"".join(step for step in say.wire(call).steps if isinstance(step, bytes))
    frames = [frame.removeprefix(b"data: ") for frame in data.split(b"\n\n")]
    events = [json.loads(frame) for frame in frames if frame.startswith(b"{")]
    cited = {"type": "file_citation", "file_id": "file_1", "index": 3, "filename": "a.txt"}
    made = {"type": "container_file_citation", "file_id": "f", "container_id": "c", "start_index": 0, "end_index": 2}
    search = {"type": "file_search_call", "id": "fs", "results": [{"file_id": "x", "score": 0.5, "text": "t"}]}
    code = {"type": "code_interpreter_call", "id": "ci", "code": "1", "outputs": [{"type": "logs", "logs": "1"}]}
    if path.endswith("responses"):
        for number, annotation in enumerate((cited, made)):
            events.insert(5, {"type": "response.output_text.annotation.added", "annotation": annotation})
            events.insert(6, {"type": "response.output_item.added", "output_index": 7 + number, "item": search})
            events.insert(6, {"type": "response.output_item.done", "output_index": 9 + number, "item": code})
        events[-1]["response"]["output"][1]["content"][0]["annotations"] = [cited, made]
    else:
        parts = [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "x"}]
        events.insert(2, chat_chunk(content=parts, reasoning_details=[{"text": "x"}]))
        events.insert(2, {"x_groq": {"usage": {"prompt_tokens": 1}}})
    return events


def blocks_of(chosen: random.Random, events: list[Any]) -> list[bytes]:
    chosen_events = [mutated(chosen, event) if chosen.random() < 0.4 else event for event in events]
    if chosen.random() < 0.3:
        chosen.shuffle(chosen_events)
    chosen_events += chosen.choices(chosen_events, k=2)
    return [b"data: " + json.dumps(event).encode() + b"\n\n" for event in chosen_events] + [b"data: [DONE]\n\n"]


@pytest.mark.parametrize("path", ["/chat/completions", "/responses"])
async def test_any_shape_is_a_reply_or_one_sentence(path: str, caplog: pytest.LogCaptureFixture) -> None:
    chosen = random.Random(11)
    events = valid(path)
    replies = 0
    for number in range(400):
        reply: Any = ChatReply(set(), "p") if "chat" in path else ResponsesReply("p", plain_text=number % 2 == 0)
        blocks = blocks_of(chosen, events)
        heard = await said_or_refused(reply, blocks)
        if isinstance(heard, EngineError):
            assert len(heard.message) < 800
            continue
        replies += 1
        assert isinstance(heard[-1], Finish)
        assert all(isinstance(event.fragment, str) for event in heard if isinstance(event, CallArguments))
        counts = [n for e in heard if isinstance(e, Usage) for n in (e.prompt_tokens, e.completion_tokens)]
        assert all(type(count) is int and 0 <= count <= 10**12 for count in counts)
    assert replies > 50
    assert "could not be read" not in caplog.text, "each shape is read on purpose"


async def test_any_shape_of_a_whole_answer(caplog: pytest.LogCaptureFixture) -> None:
    chosen = random.Random(12)
    call = Call("POST", "/chat/completions", "", {}, {})
    say = Say("Hello", calls=(("c1", "f", "{}"),))
    for path in ("/chat/completions", "/responses"):
        wire = say.wire(Call(call.method, path, "", {}, {}))
        body = json.loads(b"".join(step for step in wire.steps if isinstance(step, bytes)))
        for _ in range(200):
            reply: Any = ChatReply(set(), "p") if "chat" in path else ResponsesReply("p", plain_text=True)
            heard = await said_or_refused(reply, [json.dumps(mutated(chosen, body)).encode()])
            assert not isinstance(heard, EngineError) or len(heard.message) < 800
    assert "could not be read" not in caplog.text


def test_any_shape_of_a_list_or_an_error() -> None:
    chosen = random.Random(13)
    models = {"data": [{"id": "a", "created": 1, "owned_by": "me"}, {"id": "b"}], "has_more": True, "last_id": "b"}
    error = {"error": {"message": "No.", "param": "model", "code": "x", "status": 400}}
    detail = {"detail": [{"loc": ["body", "model"], "msg": "No."}]}
    for _ in range(500):
        listed = mutated(chosen, models)
        with contextlib.suppress(ValueError):
            models_in(listed)
        next_page(listed)
        for value in (error, detail, [error]):
            words = words_of(mutated(chosen, value))
            assert all(isinstance(text, str) for text in (words.message, words.code, words.param or ""))

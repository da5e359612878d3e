"""What real Chat Completions endpoints do beside the description, one fixture each."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from playground_tui.service.engines import link
from playground_tui.service.engines.base import AssistantTurn, Engine, FunctionCall, ToolTurn, Usage
from tests.engines.conftest import Heard, asking, function, hear
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Wire, chat_chunk, chat_usage, refusal, sse, stream, whole

STOP = chat_chunk(finish_reason="stop")
CALLED = chat_chunk(finish_reason="tool_calls")


def piece(index: int | None = None, call_id: str | None = None, name: str | None = None, arguments: Any = None) -> Any:
    """One entry of a delta's `tool_calls`, with only what is given."""
    function = {k: v for k, v in (("name", name), ("arguments", arguments)) if v is not None}
    return {k: v for k, v in (("index", index), ("id", call_id), ("function", function)) if v is not None}


def called(*pieces: Any) -> dict[str, Any]:
    return chat_chunk(tool_calls=list(pieces))


async def hear_stream(endpoint: ScriptedEndpoint, chat: Engine, *values: Any, done: bool = True) -> Heard:
    endpoint.queue(stream(*values, done=done))
    heard = await hear(chat, asking(tools=(function("f"), function("g"))))
    assert heard.error is None, heard.error
    return heard


async def test_what_comes_after_the_end_stays_away(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    late = (chat_chunk(content="after"), called(piece(0, "c", "f", "{}")), chat_chunk(reasoning_content="hm"))
    counted = chat_chunk(usage=chat_usage(9, 3))
    heard = await hear_stream(endpoint, chat, chat_chunk(content="Hi"), STOP, STOP, *late, counted, STOP)
    assert (heard.text, heard.calls, heard.reasoning, heard.finish) == ("Hi", [], "", "stop")
    assert heard.usage == Usage(9, 3)


async def test_a_reason_in_every_chunk_ends_nothing(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    chunks = [chat_chunk(content=text, finish_reason="stop") for text in ("Hi", " there", "!")]
    assert (await hear_stream(endpoint, chat, *chunks)).text == "Hi there!"


# -- function calls ------------------------------------------------------------------------------------------------


async def test_missing_call_ids_are_made(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(
        endpoint, chat, called(piece(0, None, "f", "{}")), called(piece(1, "", "g", "{}")), CALLED
    )
    assert heard.calls == [("f", "{}"), ("g", "{}")]
    assert len(set(heard.call_ids)) == 2
    assert all(heard.call_ids)


async def test_duplicate_call_ids_are_told_apart(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(endpoint, chat, called(piece(0, "c", "f", "{}"), piece(1, "c", "g", "{}")), CALLED)
    assert heard.calls == [("f", "{}"), ("g", "{}")]
    assert heard.call_ids[0] == "c"
    assert heard.call_ids[1] not in ("c", "")


async def test_an_id_of_an_earlier_call_is_replaced(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(stream(called(piece(0, "call_0", "f", "{}")), CALLED))
    turns = (AssistantTurn(calls=(FunctionCall("call_0", "f", "{}"),)), ToolTurn("call_0", "done"))
    heard = await hear(chat, asking(turns=turns))
    assert heard.call_ids != ["call_0"]


@pytest.mark.parametrize("arguments", [None, "", "  "])
async def test_empty_arguments_are_an_empty_object(endpoint: ScriptedEndpoint, chat: Engine, arguments: Any) -> None:
    heard = await hear_stream(endpoint, chat, called(piece(0, "c", "f", arguments)), CALLED)
    assert json.loads(heard.calls[0][1]) == {}


async def test_arguments_at_once(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(endpoint, chat, called(piece(0, "c", "f", '{"a": 1}')), CALLED)
    assert heard.calls == [("f", '{"a": 1}')]


async def test_arguments_as_an_object(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(endpoint, chat, called(piece(0, "c", "f", {"a": "ä"})), CALLED)
    assert heard.calls == [("f", '{"a": "ä"}')]


async def test_deltas_without_index(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(
        endpoint,
        chat,
        called(piece(None, "c1", "f", "")),
        called(piece(arguments='{"a"')),
        called(piece(arguments=": 1}")),
        called(piece(None, "c2", "g", "")),
        called(piece(None, "c2", None, "{}")),
        CALLED,
    )
    assert heard.calls == [("f", '{"a": 1}'), ("g", "{}")]
    assert heard.call_ids == ["c1", "c2"]


async def test_neither_index_nor_id(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(
        endpoint, chat, called(piece(name="f", arguments='{"a": 1}'), piece(name="f", arguments='{"a": 2}')), CALLED
    )
    assert heard.calls == [("f", '{"a": 1}'), ("f", '{"a": 2}')]


async def test_several_calls_with_one_index(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(
        endpoint,
        chat,
        called(piece(0, "c1", "f", '{"a": 1}')),
        called(piece(0, "c2", "f", '{"a": 2}')),
        called(piece(0, "", "g", '{"a": 3}')),
        CALLED,
    )
    assert heard.calls == [("f", '{"a": 1}'), ("f", '{"a": 2}'), ("g", '{"a": 3}')]


async def test_name_and_id_in_every_piece(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    pieces = [called(piece(0, "c1", "f", part)) for part in ('{"a"', ": 1", "}")]
    heard = await hear_stream(endpoint, chat, *pieces, CALLED)
    assert heard.calls == [("f", '{"a": 1}')]


async def test_a_call_sent_once_more_at_the_end(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    pieces = [called(piece(0, "c1", "f", part)) for part in ('{"a"', ": 1}", '{"a": 1}')]
    heard = await hear_stream(endpoint, chat, *pieces, CALLED)
    assert heard.calls == [("f", '{"a": 1}')]


async def test_the_name_after_the_arguments(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(
        endpoint, chat, called(piece(0, "c1", None, '{"a": 1}')), called(piece(0, None, "f")), CALLED
    )
    assert (heard.calls, heard.call_ids) == ([("f", '{"a": 1}')], ["c1"])


async def test_a_call_without_a_name_is_an_error(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(stream(called(piece(0, "c1", None, "{}")), CALLED))
    heard = await hear(chat, asking())
    assert heard.error is not None
    assert "names no function" in heard.error.message


async def test_legacy_function_call(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(
        endpoint,
        chat,
        chat_chunk(function_call={"name": "f", "arguments": '{"a"'}),
        chat_chunk(function_call={"arguments": ": 1}"}),
        chat_chunk(finish_reason="function_call"),
    )
    assert (heard.calls, heard.finish) == ([("f", '{"a": 1}')], "tool_calls")


# -- the end -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "with_call", "meant"),
    [
        ("stop", True, "tool_calls"),
        ("length", True, "tool_calls"),
        ("tool_calls", False, "stop"),
        ("eos", False, "stop"),
        ("MAX_TOKENS", False, "length"),
        ("content_filter", False, "content_filter"),
        ("SAFETY", False, "content_filter"),
    ],
)
async def test_finish_reasons_are_set_right(
    endpoint: ScriptedEndpoint, chat: Engine, said: str, with_call: bool, meant: str
) -> None:
    middle = called(piece(0, "c", "f", "{}")) if with_call else chat_chunk(content="Hi")
    assert (await hear_stream(endpoint, chat, middle, chat_chunk(finish_reason=said))).finish == meant


async def test_a_call_cut_by_the_limit_is_no_call_to_answer(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(endpoint, chat, called(piece(0, "c", "f", '{"a": ')), chat_chunk(finish_reason="length"))
    assert heard.finish == "length"


async def test_no_done(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(endpoint, chat, chat_chunk(content="Hi"), STOP, done=False)
    assert (heard.text, heard.finish) == ("Hi", "stop")


async def test_done_without_a_reason(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    assert (await hear_stream(endpoint, chat, chat_chunk(content="Hi"))).finish == "stop"


async def test_no_blank_line_at_the_end(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(endpoint, chat, chat_chunk(content="Hi"), sse(STOP).rstrip(), done=False)
    assert (heard.text, heard.finish) == ("Hi", "stop")


async def test_no_blank_lines_between_events(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    lines = b"".join(sse(c).rstrip() + b"\n" for c in (chat_chunk(content="H"), chat_chunk(content="i"), STOP))
    heard = await hear_stream(endpoint, chat, lines + b"data: [DONE]\n", done=False)
    assert (heard.text, heard.finish) == ("Hi", "stop")


async def test_a_connection_lost_after_the_reason_lost_nothing(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(stream(chat_chunk(content="Hi"), STOP, "cut"))
    heard = await hear(chat, asking())
    assert (heard.text, heard.finish, heard.error) == ("Hi", "stop", None)


# -- usage ---------------------------------------------------------------------------------------------------------


async def test_no_usage(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    assert (await hear_stream(endpoint, chat, chat_chunk(content="Hi"), STOP)).usage is None


async def test_usage_with_the_reason(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    last = chat_chunk(finish_reason="stop", usage=chat_usage(9, 3))
    assert (await hear_stream(endpoint, chat, chat_chunk(content="Hi"), last)).usage == Usage(9, 3)


async def test_usage_that_grows_with_every_chunk(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    chunks = [chat_chunk(content="a", usage=chat_usage(9, n)) for n in (1, 2, 3)]
    assert (await hear_stream(endpoint, chat, *chunks, STOP)).usage == Usage(9, 3)


async def test_usage_in_two_parts(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    first = chat_chunk(content="a", usage={"prompt_tokens": 9})
    last = {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 3}}
    assert (await hear_stream(endpoint, chat, first, STOP, last)).usage == Usage(9, 3)


async def test_usage_of_groq_and_deepseek(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    groq = {"x_groq": {"usage": {"prompt_tokens": 9, "completion_tokens": 3, "prompt_cache_hit_tokens": 4}}}
    assert (await hear_stream(endpoint, chat, chat_chunk(content="a"), STOP, groq)).usage == Usage(9, 3, 4)


async def test_usage_that_is_nonsense_is_left_out(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    odd = {"choices": [], "usage": {"prompt_tokens": None, "completion_tokens": "3", "prompt_tokens_details": []}}
    assert (await hear_stream(endpoint, chat, chat_chunk(content="a"), STOP, odd)).usage is None


# -- content -------------------------------------------------------------------------------------------------------


async def test_null_content_empty_choices_and_keep_alives(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(
        endpoint,
        chat,
        b": OPENROUTER PROCESSING\n\n",
        {"choices": []},
        chat_chunk(role="assistant", content=None, tool_calls=None, refusal=None),
        {"id": "x", "choices": [{"index": 0, "delta": None}]},
        {"id": "x", "choices": None},
        b"data: \n\n",
        b"data: ping\n\n",
        b"event: ping\nid: 3\nretry: 10\n\n",
        chat_chunk(content="Hi", tool_calls=[]),
        chat_chunk(content=""),
        STOP,
    )
    assert heard.text == "Hi"
    assert len(heard.events) == 2


async def test_content_as_parts(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "text", "text": "Hi"},
        "!",
        {"type": "refusal", "refusal": "No."},
        {"type": "unknown"},
    ]
    heard = await hear_stream(endpoint, chat, chat_chunk(content=parts), STOP)
    assert (heard.text, heard.reasoning, heard.refusal) == ("Hi!", "Hm.", "No.")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thinking"])
async def test_reasoning_is_no_part_of_the_reply(endpoint: ScriptedEndpoint, chat: Engine, name: str) -> None:
    heard = await hear_stream(endpoint, chat, chat_chunk(**{name: "Hm."}, content=None), chat_chunk(content="Hi"), STOP)
    assert (heard.text, heard.reasoning) == ("Hi", "Hm.")


async def test_a_refusal(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear_stream(endpoint, chat, chat_chunk(refusal="I "), chat_chunk(refusal="can't."), STOP)
    assert (heard.text, heard.refusal, heard.finish) == ("", "I can't.", "stop")


async def test_line_ends_and_marks_of_other_systems(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    data = b"\xef\xbb\xbf" + sse(chat_chunk(content="Hi")) + sse(STOP)
    for end in (b"\r\n", b"\r"):
        heard = await hear_stream(endpoint, chat, data.replace(b"\n", end), done=False)
        assert (heard.text, heard.finish) == ("Hi", "stop")


async def test_a_whole_answer_although_a_stream_was_asked_for(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    message = {
        "role": "assistant",
        "content": "Hi",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}],
    }
    body = {"choices": [{"message": message, "finish_reason": "tool_calls"}], "usage": chat_usage(9, 3)}
    endpoint.queue(whole(body))
    heard = await hear(chat, asking())
    assert (heard.text, heard.calls, heard.usage) == ("Hi", [("f", '{"a": 1}')], Usage(9, 3))


async def test_a_stream_that_calls_itself_json(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(Wire(stream(chat_chunk(content="Hi"), STOP).steps, headers={"content-type": "application/json"}))
    assert (await hear(chat, asking())).text == "Hi"


async def test_a_model_that_is_not_there_is_named(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(refusal(404, "The model 'm1' does not exist.", code="model_not_found"))
    heard = await hear(chat, asking())
    assert heard.error is not None
    assert (heard.error.status, heard.error.param, heard.error.retryable) == (404, "model", False)


# -- thoughts in the content -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("said", "text", "reasoning"),
    [
        ("<think>Hm.</think>Hi", "Hi", "Hm."),
        ("\n <think>\nHm, <b>.\n</think>\n\nHi </think>", "Hi </think>", "\nHm, <b>.\n"),
        ("<think>\n\n</think>\n\nHi", "Hi", "\n\n"),
        ("<think></think>Hi", "Hi", ""),
        ("<think>Hm</thin</think>Hi", "Hi", "Hm</thin"),
        ("<thinking about it", "<thinking about it", ""),
        ("<thi", "<thi", ""),
        ("Say <think>no</think>", "Say <think>no</think>", ""),
        ("  Hi", "  Hi", ""),
    ],
)
async def test_thoughts_at_the_start_are_no_part_of_the_reply(
    endpoint: ScriptedEndpoint, chat: Engine, said: str, text: str, reasoning: str, size: int
) -> None:
    pieces = [chat_chunk(content=said[at : at + size]) for at in range(0, len(said), size)]
    heard = await hear_stream(endpoint, chat, *pieces, STOP)
    assert (heard.text, heard.reasoning) == (text, reasoning)


async def test_thoughts_without_an_end_are_the_reply_unless_cut(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    thinking = chat_chunk(content="<think>Hm </th")
    assert (await hear_stream(endpoint, chat, thinking, STOP)).text == "<think>Hm </th"
    cut = await hear_stream(endpoint, chat, thinking, chat_chunk(finish_reason="length"))
    assert (cut.text, cut.reasoning, cut.finish) == ("", "Hm </th", "length")


async def test_thoughts_before_a_call(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    for said, reasoning in (("<think>Hm.</think>\n\n", "Hm."), ("<think>Hm.", "Hm."), ("\n", "")):
        heard = await hear_stream(
            endpoint, chat, chat_chunk(content=said), called(piece(0, "c", "f", "{}")), CALLED, done=True
        )
        assert (heard.text, heard.reasoning, heard.calls) == ("", reasoning, [("f", "{}")])


# -- the end ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [b"", b": ping\n\n"])
async def test_a_finish_reason_is_enough_although_the_connection_stays_open(
    endpoint: ScriptedEndpoint, chat: Engine, monkeypatch: pytest.MonkeyPatch, last: bytes
) -> None:
    monkeypatch.setattr(link, "FINISH_PATIENCE", 0.05)
    chunks = [sse(chat_chunk(content="Hi")), sse(STOP), sse({"choices": [], "usage": chat_usage(9, 3)})]
    endpoint.queue(Wire((*chunks, *[last, 0.01] * 50, "stall")))
    heard = await hear(chat, asking())
    assert (heard.text, heard.finish, heard.usage, heard.error) == ("Hi", "stop", Usage(9, 3), None)
    assert await asyncio.to_thread(endpoint.posts[0].gone.wait, 30)


async def test_a_reason_that_is_only_the_word_null(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    chunks = [chat_chunk(content="Hi", finish_reason="null"), chat_chunk(content="!", finish_reason="null")]
    endpoint.queue(Wire((*map(sse, chunks), "cut")))
    assert (await hear(chat, asking())).error is not None

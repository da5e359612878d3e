"""Chat Completions over real HTTP: what is sent, and what ordinary endpoints answer."""

from __future__ import annotations

import asyncio

from playground_tui.service.engines.base import (
    AssistantTurn,
    Engine,
    FunctionCall,
    ImagePart,
    TextPart,
    ToolTurn,
    Usage,
    UserTurn,
)
from playground_tui.service.engines.pool import EnginePool
from playground_tui.settings.model import Provider
from tests.engines.conftest import asking, function, hear
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say, chat_chunk, chat_usage, refusal, stream, torn


async def test_a_reply_is_streamed_with_its_usage(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(Say("Hello there, friend.", usage=(5, 4)))
    heard = await hear(chat, asking())
    assert (heard.text, heard.finish, heard.usage) == ("Hello there, friend.", "stop", Usage(5, 4))
    assert len(heard.events) == 5


async def test_only_what_is_set_is_sent(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    await hear(chat, asking(parallel_tool_calls=True, tool_choice="auto", response_format="auto"))
    assert endpoint.posts[0].body == {
        "model": "m1",
        "messages": [{"role": "user", "content": "Hello?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_everything_that_is_set_is_sent(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"], "default": None}}}
    request = asking(
        instructions="Be kind.",
        temperature=0.0,
        top_p=0.5,
        reasoning_effort="low",
        max_output_tokens=300,
        parallel_tool_calls=False,
        tools=(function(strict=None),),
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": None}},
    )
    await hear(chat, request)
    body = endpoint.posts[0].body
    assert body["messages"][0] == {"role": "system", "content": "Be kind."}
    assert (body["temperature"], body["top_p"], body["reasoning_effort"]) == (0.0, 0.5, "low")
    assert (body["max_completion_tokens"], body["parallel_tool_calls"]) == (300, False)
    assert body["tools"] == [function()]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}
    assert body["response_format"] == {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}


async def test_the_conversation_is_sent_in_the_apis_shape(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    call = FunctionCall("call_1", "get_weather", "")
    picture = ImagePart("data:image/png;base64,AA==", "low")
    turns = (
        UserTurn((TextPart("One."), TextPart("Two."))),
        AssistantTurn("Looking.", calls=(call,)),
        ToolTurn("call_1", "sunny"),
        AssistantTurn(),
        AssistantTurn(refusal="I can't."),
        UserTurn((TextPart("And this?"), picture)),
    )
    await hear(chat, asking(turns=turns))
    image = {"url": "data:image/png;base64,AA==", "detail": "low"}
    assert endpoint.posts[0].body["messages"] == [
        {"role": "user", "content": "One.\n\nTwo."},
        {
            "role": "assistant",
            "content": "Looking.",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        {"role": "assistant", "content": "I can't."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "And this?"}, {"type": "image_url", "image_url": image}],
        },
    ]


async def test_parallel_calls(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(Say(calls=(("c1", "get_weather", '{"city": "Oslo"}'), ("c2", "get_time", '{"city": "Lima"}'))))
    heard = await hear(chat, asking(tools=(function(), function("get_time"))))
    assert heard.calls == [("get_weather", '{"city": "Oslo"}'), ("get_time", '{"city": "Lima"}')]
    assert (heard.call_ids, heard.finish) == (["c1", "c2"], "tool_calls")


async def test_file_search_that_the_service_answers_is_chosen_as_a_function(
    endpoint: ScriptedEndpoint, chat: Engine
) -> None:
    await hear(chat, asking(tools=(function("file_search"),), tool_choice={"type": "file_search"}))
    assert endpoint.posts[0].body["tool_choice"] == {"type": "function", "function": {"name": "file_search"}}


async def test_a_tool_it_cannot_give_is_an_error(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    heard = await hear(chat, asking(tools=({"type": "code_interpreter"},)))
    assert heard.error is not None
    assert (heard.error.code, heard.error.param) == ("invalid_prompt", "tools")
    assert endpoint.posts == []


async def test_cached_and_reasoning_tokens_are_counted(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    usage = {"id": "x", "choices": [], "usage": chat_usage(100, 20, cached=64, reasoning=12)}
    endpoint.queue(stream(chat_chunk(content="Hi", finish_reason="stop"), usage))
    assert (await hear(chat, asking())).usage == Usage(100, 20, cached_tokens=64, reasoning_tokens=12)


async def test_bytes_may_be_cut_anywhere(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    text = "Grüße, 世界! 🎉 "
    reply = stream(*(chat_chunk(content=letter) for letter in text), chat_chunk(finish_reason="stop"))
    for size in (1, 2, 3, 7):
        endpoint.queue(torn(reply, size))
        assert (await hear(chat, asking())).text == text


async def test_an_endpoint_that_refuses_stream_options_is_asked_once_more_and_remembered(
    endpoint: ScriptedEndpoint, chat: Engine
) -> None:
    endpoint.queue(refusal(400, "Unknown parameter: 'stream_options'.", param="stream_options"))
    assert (await hear(chat, asking())).finish == "stop"
    assert (await hear(chat, asking())).usage is None
    assert ["stream_options" in post.body for post in endpoint.posts] == [True, False, False]


async def test_the_other_name_of_the_token_limit_is_tried_once_and_remembered(
    endpoint: ScriptedEndpoint, chat: Engine
) -> None:
    endpoint.queue(refusal(422, "Unrecognized request argument supplied: max_completion_tokens"))
    for _ in range(2):
        assert (await hear(chat, asking(max_output_tokens=300))).finish == "stop"
    assert [post.body.get("max_tokens") for post in endpoint.posts] == [None, 300, 300]


async def test_both_names_refused_is_an_error_that_names_the_field(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(
        refusal(400, "Unsupported parameter: 'max_completion_tokens'.", param="max_completion_tokens"),
        refusal(400, "Unsupported parameter: 'max_tokens'.", param="max_tokens"),
    )
    heard = await hear(chat, asking(max_output_tokens=300))
    assert heard.error is not None
    assert heard.error.param == "max_completion_tokens"
    assert len(endpoint.posts) == 2


async def test_presets_that_know_only_the_old_limit_get_it(endpoint: ScriptedEndpoint, pool: EnginePool) -> None:
    engine = pool.get(Provider("o", "chat", base_url=endpoint.base_url, preset="ollama"))
    await hear(engine, asking(max_output_tokens=300))
    assert endpoint.posts[0].body["max_tokens"] == 300


async def test_mistral_gets_short_call_ids(endpoint: ScriptedEndpoint, pool: EnginePool) -> None:
    engine = pool.get(Provider("m", "chat", base_url=endpoint.base_url, preset="mistral"))
    call = FunctionCall("call_0123456789abcdef", "get_weather", "{}")
    await hear(engine, asking(turns=(AssistantTurn(calls=(call,)), ToolTurn(call.call_id, "sunny"))))
    said, answered = endpoint.posts[0].body["messages"]
    assert said["tool_calls"][0]["id"] == answered["tool_call_id"]
    assert len(answered["tool_call_id"]) == 9


async def test_what_an_endpoint_wants_back_with_its_calls_is_carried(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    extra = {"google": {"thought_signature": "abc"}}
    piece = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": "{}"}, "extra_content": extra}
    endpoint.queue(
        stream(chat_chunk(reasoning_content="Hm"), chat_chunk(reasoning_content="m."), chat_chunk(tool_calls=[piece]))
    )
    heard = await hear(chat, asking())
    (carry,) = [event.items for event in heard.events if hasattr(event, "items")]
    turn = AssistantTurn(calls=(FunctionCall("c1", "f", "{}"),), carry=carry)
    await hear(chat, asking(turns=(turn, ToolTurn("c1", "done"))))
    message = endpoint.posts[1].body["messages"][0]
    assert message["reasoning_content"] == "Hmm."
    assert message["tool_calls"][0]["extra_content"] == extra


async def test_what_was_carried_stays_with_its_provider(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    carry = ({"type": "chat_extra", "provider": "other", "message": {"reasoning_content": "Hm"}, "calls": {}},)
    turn = AssistantTurn(calls=(FunctionCall("c1", "f", "{}"),), carry=carry)
    await hear(chat, asking(turns=(turn, ToolTurn("c1", "done"))))
    assert "reasoning_content" not in endpoint.posts[0].body["messages"][0]


async def test_closing_the_stream_ends_the_request(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    endpoint.queue(stream(chat_chunk(content="Hel"), "stall"))
    events = chat.stream(asking())
    assert await anext(aiter(events)) is not None
    await events.aclose()  # type: ignore[attr-defined]
    assert await asyncio.to_thread(endpoint.posts[0].gone.wait, 30)

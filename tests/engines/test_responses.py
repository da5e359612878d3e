"""The Responses API over real HTTP, with `store=false`."""

from __future__ import annotations

from typing import Any

import pytest

from playground_tui.service.engines.base import (
    Annotation,
    AssistantTurn,
    Carry,
    Engine,
    FunctionCall,
    HostedCall,
    ImageOutput,
    ImagePart,
    TextPart,
    ToolTurn,
    Usage,
    UserTurn,
)
from tests.engines.conftest import Heard, asking, function, hear
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say, response_usage, stream, torn, whole


def text(delta: str, item_id: str = "msg_1") -> dict[str, Any]:
    return {"type": "response.output_text.delta", "item_id": item_id, "output_index": 0, "delta": delta}


def done(item: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def completed(status: str = "completed", **more: Any) -> dict[str, Any]:
    return {"type": f"response.{status}", "response": {"status": status, "output": [], **more}}


async def hear_stream(endpoint: ScriptedEndpoint, engine: Engine, *values: Any, **changes: Any) -> Heard:
    endpoint.queue(stream(*values, done=False))
    return await hear(engine, asking(**changes))


# -- what is sent --------------------------------------------------------------------------------------------------


async def test_only_what_is_set_is_sent(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    await hear(responses, asking(tool_choice="auto", parallel_tool_calls=True, response_format="auto"))
    assert endpoint.posts[0].path == "/v1/responses"
    assert endpoint.posts[0].body == {
        "model": "m1",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello?"}]}],
        "store": False,
        "stream": True,
        "include": ["reasoning.encrypted_content"],
    }


async def test_everything_that_is_set_is_sent(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    request = asking(
        instructions="Be kind.",
        temperature=0.0,
        top_p=0.5,
        reasoning_effort="low",
        max_output_tokens=3,
        parallel_tool_calls=False,
        tools=(function(strict=True, description="Weather"), {"type": "function", "function": {"name": "g"}}),
        tool_choice={"type": "function", "function": {"name": "g"}},
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
    )
    await hear(responses, request)
    body = endpoint.posts[0].body
    assert (body["instructions"], body["temperature"], body["top_p"]) == ("Be kind.", 0.0, 0.5)
    assert (body["max_output_tokens"], body["parallel_tool_calls"]) == (16, False)
    assert body["reasoning"] == {"effort": "low"}
    assert body["tool_choice"] == {"type": "function", "name": "g"}
    assert body["text"] == {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}}
    parameters = function()["function"]["parameters"]
    named = {"type": "function", "name": "get_weather", "description": "Weather"}
    assert body["tools"] == [
        {**named, "parameters": parameters, "strict": True},
        {"type": "function", "name": "g", "parameters": {"type": "object", "properties": {}}, "strict": False},
    ]


async def test_the_endpoints_own_tools_are_given(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    options = {"max_num_results": 5, "ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.3}}
    request = asking(
        tools=({"type": "file_search", "file_search": options}, {"type": "code_interpreter"}),
        tool_choice={"type": "file_search"},
        vector_store_ids=("vs_1",),
        file_ids=("file_1",),
    )
    await hear(responses, request)
    body = endpoint.posts[0].body
    ranking = {"score_threshold": 0.3}
    assert body["tools"] == [
        {"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 5, "ranking_options": ranking},
        {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file_1"]}},
    ]
    assert body["tool_choice"] == {"type": "file_search"}
    assert "file_search_call.results" in body["include"]
    assert "code_interpreter_call.outputs" in body["include"]


async def test_file_search_that_the_service_answers_is_chosen_as_a_function(
    endpoint: ScriptedEndpoint, responses: Engine
) -> None:
    await hear(responses, asking(tools=(function("file_search"),), tool_choice={"type": "file_search"}))
    assert endpoint.posts[0].body["tool_choice"] == {"type": "function", "name": "file_search"}


async def test_the_conversation_is_sent_in_the_apis_shape(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    turns = (
        UserTurn((TextPart("This?"), ImagePart("https://example.com/a.png", "high"))),
        AssistantTurn("Looking.", calls=(FunctionCall("c1", "f", ""),)),
        ToolTurn("c1", "sunny"),
        AssistantTurn(refusal="I can't."),
    )
    await hear(responses, asking(turns=turns))
    picture = {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "high"}
    assert endpoint.posts[0].body["input"] == [
        {"role": "user", "content": [{"type": "input_text", "text": "This?"}, picture]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Looking."}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "I can't."}]},
    ]


# -- what comes back -----------------------------------------------------------------------------------------------


async def test_a_reply_is_streamed_with_its_usage(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    usage = response_usage(100, 20, cached=64, reasoning=12)
    heard = await hear_stream(endpoint, responses, text("Hello "), text("you"), completed(usage=usage))
    assert (heard.text, heard.finish) == ("Hello you", "stop")
    assert heard.usage == Usage(100, 20, cached_tokens=64, reasoning_tokens=12)


async def test_bytes_may_be_cut_anywhere(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    reply = stream(*(text(letter) for letter in "Grüße 🎉"), completed(), done=False)
    for size in (1, 3, 50):
        endpoint.queue(torn(reply, size))
        assert (await hear(responses, asking())).text == "Grüße 🎉"


async def test_parallel_calls(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    endpoint.queue(Say("Wait.", calls=(("c1", "f", '{"city": "Oslo"}'), ("c2", "g", ""))))
    heard = await hear(responses, asking(tools=(function("f"), function("g"))))
    assert heard.calls == [("f", '{"city": "Oslo"}'), ("g", "{}")]
    assert (heard.text, heard.call_ids, heard.finish) == ("Wait.", ["c1", "c2"], "tool_calls")


async def test_a_call_that_only_the_end_tells(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    call = {"type": "function_call", "id": "fc", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'}
    heard = await hear_stream(endpoint, responses, completed(output=[call]))
    assert (heard.calls, heard.finish) == ([("f", '{"a": 1}')], "tool_calls")


async def test_a_text_that_only_the_end_tells(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    item = {"type": "message", "id": "m", "content": [{"type": "output_text", "text": "Hi", "annotations": []}]}
    assert (await hear_stream(endpoint, responses, done(item), completed(output=[item]))).text == "Hi"


async def test_two_messages_are_two_paragraphs(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    heard = await hear_stream(endpoint, responses, text("One", "m1"), text("Two", "m2"), text(".", "m2"), completed())
    assert heard.text == "One\n\nTwo."


async def test_a_refusal(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    endpoint.queue(Say(refusal="I can't."))
    heard = await hear(responses, asking())
    assert (heard.text, heard.refusal, heard.finish) == ("", "I can't.", "stop")


async def test_reasoning_is_shown_and_carried_in_its_place(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    def thought(n: int) -> dict[str, Any]:
        return {"type": "reasoning", "id": f"rs_{n}", "summary": [], "encrypted_content": f"E{n}", "status": None}

    def call(n: int) -> dict[str, Any]:
        return {"type": "function_call", "id": f"fc_{n}", "call_id": f"c{n}", "name": "f", "arguments": "{}"}

    said = {"type": "message", "id": "m", "phase": "commentary", "content": []}
    heard = await hear_stream(
        endpoint,
        responses,
        {"type": "response.output_item.added", "output_index": 0, "item": thought(1) | {"encrypted_content": "part"}},
        {"type": "response.reasoning_summary_text.delta", "delta": "Hm."},
        done(thought(1), 0),
        text("Look", "m"),
        done(said, 1),
        done(call(1), 2),
        done(thought(2), 3),
        done(call(2), 4),
        completed(),
    )
    assert heard.reasoning == "Hm."
    (carry,) = heard.all(Carry)
    calls = (FunctionCall("c1", "f", "{}"), FunctionCall("c2", "f", "{}"))
    await hear(responses, asking(turns=(AssistantTurn("Look", calls=calls, carry=carry.items), ToolTurn("c1", "x"))))
    sent = endpoint.posts[1].body["input"]
    assert [item.get("id") or item.get("call_id") or item.get("phase") for item in sent[:-1]] == [
        "rs_1",
        "commentary",
        "c1",
        "rs_2",
        "c2",
    ]
    assert sent[0] == {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "E1"}


async def test_what_another_provider_carried_is_left_out(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    item = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "E"}
    carry = ({"type": "responses_item", "provider": "other", "item": item}, {"type": "chat_extra", "provider": "here"})
    await hear(responses, asking(turns=(AssistantTurn("Hi", carry=carry),)))
    assert len(endpoint.posts[0].body["input"]) == 1


@pytest.mark.parametrize(("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "content_filter")])
async def test_incomplete(endpoint: ScriptedEndpoint, responses: Engine, reason: str, finish: str) -> None:
    end = completed("incomplete", incomplete_details={"reason": reason})
    heard = await hear_stream(endpoint, responses, text("Hel"), end)
    assert (heard.text, heard.finish) == ("Hel", finish)


async def test_unknown_events_are_skipped(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    heard = await hear_stream(
        endpoint,
        responses,
        {"type": "response.web_search_call.searching"},
        {"type": "response.brand_new", "delta": {"a": 1}},
        {"no": "type"},
        {"type": "response.output_item.added", "item": {"type": "brand_new_item"}},
        {"type": "response.output_item.done", "item": {"type": "brand_new_item"}},
        {"type": "response.output_text.delta", "delta": None},
        b": keep-alive\n\n",
        text("Hi"),
        completed(),
    )
    assert (heard.text, heard.error) == ("Hi", None)


async def test_a_whole_answer_although_a_stream_was_asked_for(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    item = {"type": "message", "id": "m", "content": [{"type": "output_text", "text": "Hi"}]}
    endpoint.queue(whole({"status": "completed", "output": [item], "usage": response_usage(3, 1)}))
    heard = await hear(responses, asking())
    assert (heard.text, heard.usage, heard.finish) == ("Hi", Usage(3, 1), "stop")


# -- the endpoint's own tools --------------------------------------------------------------------------------------


async def test_code_interpreter(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    call = {"type": "code_interpreter_call", "id": "ci_1", "code": None, "container_id": "cn", "status": "in_progress"}
    outputs = [{"type": "logs", "logs": "2\n"}, {"type": "image", "url": "https://example.com"}]
    ended = call | {"code": "print(2)", "outputs": outputs, "status": "completed"}
    picture = {"type": "container_file_citation", "file_id": "cfile_1", "filename": "plot.PNG"}
    table = {"type": "container_file_citation", "file_id": "cfile_2", "filename": "a.csv"}
    linked = {**table, "start_index": 5, "end_index": 15}
    heard = await hear_stream(
        endpoint,
        responses,
        {"type": "response.output_item.added", "output_index": 0, "item": call},
        done(ended),
        text("See [a](a.csv)"),
        {"type": "response.output_text.annotation.added", "annotation": {**linked, "start_index": 4, "end_index": 14}},
        {"type": "response.output_text.annotation.added", "annotation": {**picture, "start_index": 0, "end_index": 0}},
        completed(),
        tools=({"type": "code_interpreter"},),
    )
    started, finished = heard.all(HostedCall)
    assert not started.done
    assert started.call == {
        "id": "ci_1",
        "type": "code_interpreter",
        "code_interpreter": {"input": "", "outputs": []},
    }
    assert finished.call["code_interpreter"] == {"input": "print(2)", "outputs": [{"type": "logs", "logs": "2\n"}]}
    assert heard.all(ImageOutput) == [ImageOutput("cfile_1")]
    (annotation,) = heard.all(Annotation)
    assert annotation.value == {
        "type": "file_path",
        "text": "[a](a.csv)",
        "file_path": {"file_id": "cfile_2"},
        "start_index": 4,
        "end_index": 14,
    }


async def test_file_search_and_its_citations(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    found = {"file_id": "file_1", "filename": "policy.pdf", "score": 1.2, "text": "30 days"}
    call = {"type": "file_search_call", "id": "fs_1", "queries": ["refund"], "results": [found]}
    citation = {"type": "file_citation", "file_id": "file_1", "filename": "policy.pdf", "index": 8}
    message = {
        "type": "message",
        "id": "msg_1",
        "content": [{"type": "output_text", "text": "30 days.", "annotations": [citation]}],
    }
    heard = await hear_stream(
        endpoint,
        responses,
        done(call),
        text("30 days."),
        {"type": "response.output_text.annotation.added", "annotation": citation},
        done(message, 1),
        completed(output=[call, message]),
        tools=({"type": "file_search"},),
    )
    (hosted,) = heard.all(HostedCall)
    content = [{"type": "text", "text": "30 days"}]
    assert hosted.call["file_search"]["results"] == [
        {"file_id": "file_1", "file_name": "policy.pdf", "score": 1.0, "content": content}
    ]
    (annotation,) = heard.all(Annotation)
    value = annotation.value
    assert heard.text == "30 days.【1†policy.pdf】"
    assert heard.text[value["start_index"] : value["end_index"]] == value["text"]
    (carry,) = heard.all(Carry)
    assert "results" not in carry.items[0]["item"]


async def test_citations_leave_json_alone(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    citation = {"type": "file_citation", "file_id": "file_1", "filename": "policy.pdf", "index": 2}
    heard = await hear_stream(
        endpoint,
        responses,
        text("{}"),
        {"type": "response.output_text.annotation.added", "annotation": citation},
        completed(),
        response_format={"type": "json_object"},
    )
    assert heard.text == "{}"
    assert heard.all(Annotation)[0].value["start_index"] == 2

"""The order of stream events on the wire (wire.md §6), and what is stored beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground_tui.service.engines.base import (
    Annotation,
    AssistantTurn,
    CallArguments,
    CallStart,
    Capabilities,
    Carry,
    EngineError,
    Finish,
    HostedCall,
    ImageOutput,
    RefusalDelta,
    TextDelta,
    ToolTurn,
    Usage,
)
from tests.service_runs.bench import FUNCTION, SECOND, Bench, said
from tests.service_runs.reading import read_all, short
from tests.support.engines import calls, text

BEGINNING = ["run.created", "run.queued", "run.in_progress"]
MESSAGE = ["run.step.created", "run.step.in_progress", "message.created", "message.in_progress", "message.delta"]
CALLS = ["run.step.created", "run.step.in_progress", "run.step.delta"]
MESSAGE_END = ["message.completed", "run.step.completed"]


async def test_a_text_run(bench: Bench):
    bench.engine.replies = [text("Hel", "lo ", "é\n\n", usage=Usage(11, 3, 2, 1))]
    handle = await bench.begin("Hi")
    events = await read_all(handle.events())
    assert short(events) == [*BEGINNING, *MESSAGE, *MESSAGE_END, "run.completed", "done"]
    deltas = [event.data["delta"]["content"][0] for event in events if event.name == "thread.message.delta"]
    assert deltas[0] == {"index": 0, "type": "text", "text": {"value": "Hel", "annotations": []}}
    assert deltas[1:] == [{"index": 0, "type": "text", "text": {"value": piece}} for piece in ("lo ", "é\n\n")]
    run = await bench.run(handle)
    assert run == events[-2].data
    assert (run["status"], run["expires_at"], run["completed_at"]) == ("completed", None, int(bench.now))
    assert run["usage"] == {
        "prompt_tokens": 11,
        "completion_tokens": 3,
        "total_tokens": 14,
        "prompt_token_details": {"cached_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 1},
    }
    _, reply = await bench.messages(run["thread_id"])
    assert (said(reply), reply["status"], reply["run_id"]) == ("Hello é\n\n", "completed", run["id"])
    (step,) = await bench.steps(handle)
    assert step["step_details"]["message_creation"]["message_id"] == reply["id"]
    assert step["usage"] == run["usage"]


async def test_a_function_run_and_its_outputs(bench: Bench):
    bench.engine.replies = [
        calls(("call_a", "weather", '{"a":1}'), ("call_b", "clock", "{}"), usage=Usage(10, 5)),
        text("Warm.", usage=Usage(20, 2)),
    ]
    handle = await bench.begin("Weather?", assistant_tools=[FUNCTION, SECOND])
    events = await read_all(handle.events())
    assert short(events) == [*BEGINNING, *CALLS, "run.requires_action", "done"]
    created = next(event.data for event in events if event.name == "thread.run.step.created")
    assert created["step_details"] == {"type": "tool_calls", "tool_calls": []}
    deltas = [e.data["delta"]["step_details"]["tool_calls"][0] for e in events if e.name == "thread.run.step.delta"]
    first = {"name": "weather", "arguments": "", "output": None}
    assert deltas[0] == {"index": 0, "id": "call_a", "type": "function", "function": first}
    assert deltas[1] == {"index": 0, "type": "function", "function": {"arguments": '{"a'}}
    assert [d["index"] for d in deltas] == [0, 0, 0, 1, 1, 1]
    run = await bench.run(handle)
    assert (run["status"], run["usage"]) == ("requires_action", None)
    wanted = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert wanted[0] == {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": '{"a":1}'}}
    (step,) = await bench.steps(handle)
    assert (step["status"], step["usage"]) == ("in_progress", None)
    assert [call["function"]["output"] for call in step["step_details"]["tool_calls"]] == [None, None]

    outputs = [{"tool_call_id": "call_b", "output": "noon"}, {"tool_call_id": "call_a", "output": "20 °C"}]
    second = await bench.runs.submit(run["thread_id"], run["id"], outputs)
    assert (second.run["status"], second.run["required_action"]) == ("queued", None)
    events = await read_all(second.events())
    going_on = ["run.step.completed", "run.queued", "run.in_progress"]
    assert short(events) == [*going_on, *MESSAGE, *MESSAGE_END, "run.completed", "done"]
    outputs_shown = [c["function"]["output"] for c in events[0].data["step_details"]["tool_calls"]]
    assert outputs_shown == ["20 °C", "noon"]
    assert events[0].data["usage"]["total_tokens"] == 15
    run = await bench.run(handle)
    assert (run["status"], run["usage"]["prompt_tokens"], run["usage"]["completion_tokens"]) == ("completed", 30, 7)
    turns = bench.engine.requests[1].turns
    assert [call.call_id for call in turns[1].calls] == ["call_a", "call_b"]
    assert [(turn.call_id, turn.output) for turn in turns[2:]] == [("call_a", "20 °C"), ("call_b", "noon")]


async def test_a_thread_made_for_the_run_is_announced_first(bench: Bench):
    thread_id = await bench.thread("Hi")
    thread = {"id": thread_id, "object": "thread", "created_at": 1, "metadata": {}, "tool_resources": None}
    assistant = await bench.assistant()
    handle = await bench.runs.create(thread_id, {"assistant_id": assistant["id"]}, thread_created=thread)
    events = await read_all(handle.events())
    assert short(events)[:2] == ["created", "run.created"]
    assert events[0].data == thread


async def test_text_before_calls_is_a_message_of_its_own(bench: Bench):
    bench.engine.replies = [[TextDelta("Let me look."), *calls(("call_a", "weather", "{}"))]]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    events = await read_all(handle.events())
    assert short(events)[3:] == [
        *MESSAGE,
        *MESSAGE_END,
        *CALLS,
        "run.requires_action",
        "done",
    ]
    outputs = [{"tool_call_id": "call_a", "output": "x"}]
    await read_all((await bench.runs.submit(handle.run["thread_id"], handle.run["id"], outputs)).events())
    _, turn, answer = bench.engine.requests[1].turns
    assert (turn.text, turn.calls[0].name, answer.output) == ("Let me look.", "weather", "x")


async def test_a_refusal_is_a_part_of_its_own(bench: Bench):
    bench.engine.replies = [[RefusalDelta("I can"), RefusalDelta("not."), Finish("stop")]]
    handle = await bench.begin()
    events = await read_all(handle.events())
    assert (await bench.run(handle))["status"] == "completed"
    assert events[-4].data["content"] == [{"type": "refusal", "refusal": "I cannot."}]
    thread_id = handle.run["thread_id"]
    await read_all((await bench.run_on(thread_id)).events())
    assert bench.engine.requests[1].turns[-1] == AssistantTurn(refusal="I cannot.")


async def test_citations_and_pictures(bench: Bench):
    citation = {
        "type": "file_citation",
        "text": "【1】",
        "file_citation": {"file_id": "file-1"},
        "start_index": 2,
        "end_index": 5,
    }
    bench.engine.replies = [
        [TextDelta("It【1】"), Annotation(citation), Annotation(citation), ImageOutput("file-9"), *text("After.")]
    ]
    handle = await bench.begin()
    await read_all(handle.events())
    reply = (await bench.messages(handle.run["thread_id"]))[-1]
    assert reply["content"] == [
        {"type": "text", "text": {"value": "It【1】", "annotations": [citation, citation]}},
        {"type": "image_file", "image_file": {"file_id": "file-9", "detail": "auto"}},
        {"type": "text", "text": {"value": "After.", "annotations": []}},
    ]


async def test_tools_that_the_endpoint_runs_itself(bench: Bench):
    def code(source: str, *outputs: dict) -> HostedCall:
        call = {"id": "ci_1", "type": "code_interpreter", "code_interpreter": {"input": source, "outputs": [*outputs]}}
        return HostedCall(call, done=bool(outputs))

    logs = {"type": "logs", "logs": "4\n"}
    search = {"id": "fs_1", "type": "file_search", "file_search": {}}
    found = {**search, "file_search": {"results": [{"file_id": "f", "file_name": "n", "score": 0.5}]}}
    bench.engine.capabilities = Capabilities(hosted_code_interpreter=True, hosted_file_search=True)
    bench.engine.replies = [
        [
            code("print("),
            code("print(2+2)"),
            code("print(2+2)", logs),
            HostedCall(search, done=False),
            HostedCall(found),
            *text("4"),
        ]
    ]
    stores = {"file_search": {"vector_store_ids": ["vs_1"]}, "code_interpreter": {"file_ids": ["file-1"]}}
    assistant = await bench.assistant(
        tools=[{"type": "code_interpreter"}, {"type": "file_search"}], tool_resources=stores
    )
    handle = await bench.begin(assistant=assistant)
    events = await read_all(handle.events())
    assert short(events)[3:] == [
        *CALLS,
        "run.step.completed",
        *MESSAGE,
        *MESSAGE_END,
        "run.completed",
        "done",
    ]
    deltas = [e.data["delta"]["step_details"]["tool_calls"][0] for e in events if e.name == "thread.run.step.delta"]
    assert [d.get("code_interpreter", {}).get("input") for d in deltas[:3]] == ["print(", "2+2)", None]
    assert deltas[2]["code_interpreter"]["outputs"] == [{"index": 0, **logs}]
    tool_step, _ = await bench.steps(handle)
    assert tool_step["step_details"]["tool_calls"] == [code("print(2+2)", logs).call, found]
    assert (bench.engine.requests[0].vector_store_ids, bench.engine.requests[0].file_ids) == (("vs_1",), ("file-1",))


async def test_a_model_that_says_nothing_leaves_an_empty_message(bench: Bench):
    bench.engine.replies = [[Finish("stop")]]
    handle = await bench.begin()
    events = await read_all(handle.events())
    assert short(events)[3:7] == [*MESSAGE[:4]]
    reply = (await bench.messages(handle.run["thread_id"]))[-1]
    assert reply["content"] == [{"type": "text", "text": {"value": "", "annotations": []}}]


async def test_without_parallel_calls_the_first_one_counts(bench: Bench):
    bench.engine.replies = [calls(("call_a", "weather", "{}"), ("call_b", "clock", '{"x":1}'))]
    handle = await bench.begin(assistant_tools=[FUNCTION, SECOND], parallel_tool_calls=False)
    await read_all(handle.events())
    run = await bench.run(handle)
    assert bench.engine.requests[0].parallel_tool_calls is False
    wanted = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [call["id"] for call in wanted] == ["call_a"]
    assert wanted[0]["function"]["arguments"] == "{}"


async def test_call_ids_are_told_apart(bench: Bench):
    bench.engine.replies = [calls(("call_a", "weather", "{}"), ("call_a", "weather", "[]"), ("", "weather", "1"))]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    ids = [c["id"] for c in (await bench.run(handle))["required_action"]["submit_tool_outputs"]["tool_calls"]]
    assert len(set(ids)) == 3
    assert all(ids)


async def test_a_forced_call_is_forced_once(bench: Bench):
    choice = {"type": "function", "function": {"name": "weather"}}
    bench.engine.replies = [calls(("call_a", "weather", "{}")), text("Done.")]
    handle = await bench.begin(assistant_tools=[FUNCTION], tool_choice=choice)
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_a", "output": "x"}]
    await read_all((await bench.runs.submit(handle.run["thread_id"], handle.run["id"], outputs)).events())
    assert [request.tool_choice for request in bench.engine.requests] == [choice, None]


async def test_several_rounds_of_calls(bench: Bench):
    bench.engine.replies = [
        calls(("call_1", "weather", "{}"), usage=Usage(1, 1)),
        calls(("call_2", "weather", "{}"), usage=Usage(2, 1)),
        text("Done.", usage=Usage(3, 1)),
    ]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    for call_id in ("call_1", "call_2"):
        outputs = [{"tool_call_id": call_id, "output": f"of {call_id}"}]
        handle = await bench.runs.submit(handle.run["thread_id"], handle.run["id"], outputs)
        await read_all(handle.events())
    run = await bench.run(handle)
    assert (run["status"], run["usage"]["total_tokens"]) == ("completed", 9)
    assert [step["type"] for step in await bench.steps(handle)] == ["tool_calls", "tool_calls", "message_creation"]
    assert [getattr(turn, "output", None) for turn in bench.engine.requests[2].turns] == [
        None,
        None,
        "of call_1",
        None,
        "of call_2",
    ]
    followed = await read_all(
        await bench.runs.follow(run["thread_id"], run["id"]),
        whole=True,
    )
    assert [e.name for e in followed].count("thread.run.in_progress") == 3


async def test_carried_items_come_back_to_the_same_kind_only(bench: Bench):
    item = {"type": "reasoning", "encrypted_content": "abc"}
    bench.engine.replies = [[Carry((item,)), *calls(("call_1", "weather", "{}"))], [Carry((item,)), *text("One.")]]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_1", "output": "x"}]
    await read_all((await bench.runs.submit(handle.run["thread_id"], handle.run["id"], outputs)).events())
    assert bench.engine.requests[1].turns[1].carry == (item,)
    await read_all((await bench.run_on(handle.run["thread_id"])).events())
    assert [turn.carry for turn in bench.engine.requests[2].turns if isinstance(turn, AssistantTurn)] == [
        (item,),
        (item,),
    ]
    bench.engine.kind = "other"
    await read_all((await bench.run_on(handle.run["thread_id"])).events())
    assert not any(turn.carry for turn in bench.engine.requests[3].turns if isinstance(turn, AssistantTurn))


async def test_half_a_surrogate_pair_does_no_harm(bench: Bench):
    bench.engine.replies = [text("a\ud83d", "b\u2028")]
    handle = await bench.begin()
    events = await read_all(handle.events())
    assert said(events[-4].data) == "a\ufffdb\u2028"


@pytest.mark.parametrize("after", [" \n", "Wait", "Wait. "])
async def test_what_is_said_after_calls_does_not_lose_them(bench: Bench, after: str):
    first, second = calls(("call_a", "weather", '{"a":1}'))[:-1], calls(("call_b", "weather", "{}"))[:-1]
    late = [replace(event, index=1) for event in second]
    bench.engine.replies = [
        [*text("Let me see.")[:-1], *first, TextDelta(after), *late, Finish("tool_calls")],
        text("Ok"),
    ]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    run = await bench.until(handle, "requires_action")
    asked = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [(call["id"], call["function"]["arguments"]) for call in asked] == [("call_a", '{"a":1}'), ("call_b", "{}")]
    said_so_far = [said(message) for message in (await bench.messages(run["thread_id"]))[1:]]
    assert said_so_far == ["Let me see.", *([after] if after.strip() else [])]
    outputs = [{"tool_call_id": call["id"], "output": "x"} for call in asked]
    await read_all((await bench.runs.submit(run["thread_id"], run["id"], outputs)).events())
    assert (await bench.run(handle))["status"] == "completed"
    assert [turn.call_id for turn in bench.engine.requests[1].turns if isinstance(turn, ToolTurn)] == [
        "call_a",
        "call_b",
    ]


async def test_cut_off_in_what_is_said_after_calls(bench: Bench):
    error = EngineError("It broke.")
    bench.engine.replies = [[*calls(("call_a", "weather", '{"a":1}'))[:-1], TextDelta("Wait"), error]]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    tools, message = await bench.steps(handle)
    assert (tools["status"], message["status"]) == ("failed", "failed")
    assert tools["step_details"]["tool_calls"][0]["function"]["arguments"] == '{"a":1}'
    assert said((await bench.messages(handle.run["thread_id"]))[-1]) == "Wait"


async def test_characters_cut_in_two_become_whole(bench: Bench):
    arguments = ['{"a":"\ud83c', '\udf88"}']
    pieces = [TextDelta("Ball\ud83c"), TextDelta("\udf88"), TextDelta("\ud83c"), TextDelta("x\udf88é")]
    bench.engine.replies = [
        [*pieces, CallStart(0, "c", "weather"), *(CallArguments(0, a) for a in arguments), Finish("tool_calls")]
    ]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    run = await bench.run(handle)
    call = run["required_action"]["submit_tool_outputs"]["tool_calls"][0]
    assert call["function"]["arguments"] == '{"a":"🎈"}'
    assert said((await bench.messages(run["thread_id"]))[-1]) == "Ball🎈\ufffdx\ufffdé"

"""The order of stream events on the wire (wire.md §6), and what is stored beside them."""

from __future__ import annotations

from playground_tui.service.engines.base import Usage
from tests.service_runs.bench import FUNCTION, SECOND, Bench, read_all, said, short
from tests.support.engines import calls, text

BEGINNING = ["run.created", "run.queued", "run.in_progress"]
MESSAGE = ["run.step.created", "run.step.in_progress", "message.created", "message.in_progress", "message.delta"]
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
    step_events = ["run.step.created", "run.step.in_progress", "run.step.delta"]
    assert short(events) == [*BEGINNING, *step_events, "run.requires_action", "done"]
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

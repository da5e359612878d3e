"""Stream events of one run, as a well-behaved server sends them."""

from __future__ import annotations

from typing import Any

Event = tuple[str, dict[str, Any]]


def run(status: str, **fields: Any) -> Event:
    body = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "model": "gpt-x", "status": status}
    return f"thread.run.{status}", {**body, **fields}


def created(message_id: str = "msg_1") -> Event:
    return "thread.message.created", {
        "id": message_id,
        "role": "assistant",
        "run_id": "run_1",
        "created_at": 1_700_000_000,
        "content": [],
    }


def delta(text: str, index: int = 0, message_id: str = "msg_1", **fields: Any) -> Event:
    part = {"index": index, "type": "text", "text": {"value": text, **fields}}
    return "thread.message.delta", {"id": message_id, "delta": {"content": [part]}}


def completed(text: str, message_id: str = "msg_1", annotations: Any = ()) -> Event:
    content = [{"type": "text", "text": {"value": text, "annotations": list(annotations)}}]
    body = {**created(message_id)[1], "status": "completed", "content": content}
    return "thread.message.completed", body


def calls_step(event: str, *calls: dict[str, Any], step_id: str = "step_1") -> Event:
    return f"thread.run.step.{event}", {
        "id": step_id,
        "run_id": "run_1",
        "type": "tool_calls",
        "status": event,
        "step_details": {"type": "tool_calls", "tool_calls": list(calls)},
    }


def call_delta(index: int, step_id: str = "step_1", **call: Any) -> Event:
    details = {"type": "tool_calls", "tool_calls": [{"index": index, "type": "function", **call}]}
    return "thread.run.step.delta", {"id": step_id, "delta": {"step_details": details}}


def function(call_id: str, name: str, arguments: str, output: str | None = None) -> dict[str, Any]:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments, "output": output},
    }


def required(*calls: dict[str, Any], **fields: Any) -> Event:
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": list(calls)}}
    return run("requires_action", required_action=action, **fields)


TEXT_RUN: tuple[Event, ...] = (
    ("thread.run.created", {"id": "run_1", "status": "queued", "model": "gpt-x"}),
    run("queued"),
    run("in_progress"),
    created(),
    delta("Hello", annotations=[]),
    delta(", wor"),
    delta("ld."),
    completed("Hello, world."),
    run("completed", usage={"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}),
)

"""Messages, steps and runs in the API's exact shape: every key that the description requires is there, null or not."""

from __future__ import annotations

from typing import Any, Literal

from playground_tui.service.ids import new_id

Object = dict[str, Any]
MessageReason = Literal["content_filter", "max_tokens", "run_cancelled", "run_expired", "run_failed"]
StepEnd = Literal["completed", "cancelled", "failed", "expired"]


def reply_message(run: Object, now: int) -> Object:
    """A message that a run is about to write."""
    return {
        "id": new_id("msg"),
        "object": "thread.message",
        "created_at": now,
        "assistant_id": run["assistant_id"],
        "thread_id": run["thread_id"],
        "run_id": run["id"],
        "status": "in_progress",
        "incomplete_details": None,
        "incomplete_at": None,
        "completed_at": None,
        "role": "assistant",
        "content": [],
        "attachments": [],
        "metadata": {},
    }


def message_step(run: Object, message_id: str, now: int) -> Object:
    details = {"type": "message_creation", "message_creation": {"message_id": message_id}}
    return _step(run, "message_creation", details, now)


def tool_step(run: Object, now: int) -> Object:
    return _step(run, "tool_calls", {"type": "tool_calls", "tool_calls": []}, now)


def _step(run: Object, kind: str, details: Object, now: int) -> Object:
    return {
        "id": new_id("step"),
        "object": "thread.run.step",
        "created_at": now,
        "run_id": run["id"],
        "assistant_id": run["assistant_id"],
        "thread_id": run["thread_id"],
        "type": kind,
        "status": "in_progress",
        "cancelled_at": None,
        "completed_at": None,
        "expired_at": None,
        "failed_at": None,
        "last_error": None,
        "step_details": details,
        "usage": None,
        "metadata": {},
    }


def end_message(message: Object, now: int, reason: MessageReason | None = None) -> None:
    """Complete it or, with a reason, leave it as it stands."""
    if reason is None:
        message["status"], message["completed_at"] = "completed", now
    else:
        message["status"], message["incomplete_at"] = "incomplete", now
        message["incomplete_details"] = {"reason": reason}


def end_step(step: Object, status: StepEnd, now: int, error: Object | None = None) -> None:
    """`error` is the run's `last_error`; a step knows fewer codes than a run."""
    step["status"] = status
    step[f"{status}_at"] = now
    if error is not None:
        code = error["code"] if error["code"] == "rate_limit_exceeded" else "server_error"
        step["last_error"] = {"code": code, "message": error["message"]}


def end_run(run: Object, status: str, now: int, **details: Any) -> None:
    """`details`: `last_error`, `incomplete_details`, `usage`. What only a living run has is cleared."""
    run["status"] = status
    if f"{status}_at" in run:
        run[f"{status}_at"] = now
    run["required_action"] = None
    run["expires_at"] = None
    run.update(details)


def required_action(calls: list[Object]) -> Object:
    """`calls` as a step holds them; here they stand without their output."""
    listed = [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["function"]["name"], "arguments": call["function"]["arguments"]},
        }
        for call in calls
    ]
    return {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": listed}}


def function_call(call_id: str, name: str, arguments: str, output: str | None = None) -> Object:
    """A call as a step holds it."""
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments, "output": output},
    }


def usage_object(prompt: int, completion: int, cached: int = 0, reasoning: int = 0, estimated: bool = False) -> Object:
    """Counts of a step or run. `estimated` is added, as an extra key, where the endpoint gave no counts."""
    usage: Object = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_token_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
    if estimated:
        usage["estimated"] = True
    return usage


def add_usage(one: Object | None, other: Object) -> Object:
    if one is None:
        return other
    return usage_object(
        one["prompt_tokens"] + other["prompt_tokens"],
        one["completion_tokens"] + other["completion_tokens"],
        one["prompt_token_details"]["cached_tokens"] + other["prompt_token_details"]["cached_tokens"],
        one["completion_tokens_details"]["reasoning_tokens"] + other["completion_tokens_details"]["reasoning_tokens"],
        bool(one.get("estimated") or other.get("estimated")),
    )

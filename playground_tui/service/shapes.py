"""Request bodies, already checked, → objects exactly as the API returns them: every required key there, null or not.

Times are whole seconds since the epoch. Nothing is stored here.
"""

from __future__ import annotations

import json
from typing import Any

from playground_tui.service.ids import new_id
from playground_tui.service.store.objects import dump

Object = dict[str, Any]


def new_assistant(body: Object, now: int) -> Object:
    return {
        "id": new_id("asst"),
        "object": "assistant",
        "created_at": now,
        "name": body.get("name"),
        "description": body.get("description"),
        "model": body["model"],
        "instructions": body.get("instructions"),
        "tools": [new_tool(tool) for tool in body.get("tools") or []],
        "tool_resources": body.get("tool_resources") or {},
        "metadata": body.get("metadata") or {},
        "temperature": body.get("temperature"),
        "top_p": body.get("top_p"),
        "reasoning_effort": body.get("reasoning_effort"),
        "response_format": body.get("response_format", "auto"),
    }


def changed_assistant(assistant: Object, body: Object) -> Object:
    """Only the keys that were sent change; null clears (wire.md §8)."""
    changes = {key: value for key, value in body.items() if key not in ("metadata", "tool_resources", "tools")}
    for key in ("metadata", "tool_resources"):
        if key in body:
            changes[key] = body[key] or {}
    if "tools" in body:
        changes["tools"] = [new_tool(tool) for tool in body["tools"]]
    return {**assistant, **changes}


def new_tool(tool: Object) -> Object:
    """A tool as it is returned: a function has `strict`, false unless set."""
    if tool["type"] != "function":
        return tool
    function = tool["function"]
    return {"type": "function", "function": {**function, "strict": bool(function.get("strict"))}}


def new_thread(body: Object, now: int) -> Object:
    return {
        "id": new_id("thread"),
        "object": "thread",
        "created_at": now,
        "metadata": body.get("metadata") or {},
        "tool_resources": body.get("tool_resources") or {},
    }


def new_message(thread_id: str, body: Object, now: int) -> Object:
    """A message made by hand: complete from the start, of no run."""
    content = body["content"]
    return {
        "id": new_id("msg"),
        "object": "thread.message",
        "created_at": now,
        "thread_id": thread_id,
        "status": "completed",
        "incomplete_details": None,
        "completed_at": now,
        "incomplete_at": None,
        "role": body["role"],
        "content": [_text_part(content)] if isinstance(content, str) else [_part(part) for part in content],
        "assistant_id": None,
        "run_id": None,
        "attachments": body.get("attachments") or [],
        "metadata": body.get("metadata") or {},
    }


def without_contents(body: str) -> str:
    """A step without the texts that file search found: they are sent only when asked for."""
    if '"file_search"' not in body:
        return body
    step = json.loads(body)
    for call in step["step_details"].get("tool_calls", []):
        for result in (call.get("file_search") or {}).get("results") or []:
            result.pop("content", None)
    return dump(step)


def _part(part: Object) -> Object:
    kind = part["type"]
    if kind == "text":
        return _text_part(part["text"])
    return {"type": kind, kind: {**part[kind], "detail": part[kind].get("detail") or "auto"}}


def _text_part(text: str) -> Object:
    return {"type": "text", "text": {"value": text, "annotations": []}}

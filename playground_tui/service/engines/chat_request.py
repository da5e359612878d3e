"""An `EngineRequest` as the body of a Chat Completions request. Contract: only what was set is sent, since many
endpoints refuse parameters they do not know."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from playground_tui.service.engines.base import (
    AssistantTurn,
    EngineError,
    EngineRequest,
    FunctionCall,
    ImagePart,
    TextPart,
    ToolTurn,
    UserTurn,
)

LimitName = Literal["max_completion_tokens", "max_tokens"]
CARRY_TYPE = "chat_extra"
"""The type of this engine's carried items: what an endpoint wants back with its own tool calls (Gemini's thought
signatures, DeepSeek's and OpenRouter's reasoning). They are read only by the provider that gave them."""


def body_of(request: EngineRequest, provider_id: str, *, short_ids: bool = False) -> dict[str, Any]:
    """The body without `stream_options` and token limit, which differ from endpoint to endpoint. `short_ids`: call
    ids of nine letters and digits, as Mistral insists. Raises `EngineError` for a tool that cannot be given."""
    body: dict[str, Any] = {"model": request.model, "messages": _messages(request, provider_id), "stream": True}
    if short_ids:
        _shorten_ids(body["messages"])
    for name in ("temperature", "top_p", "reasoning_effort"):
        if (value := getattr(request, name)) is not None:
            body[name] = value
    if isinstance(request.response_format, Mapping):
        body["response_format"] = _without_none(request.response_format)
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        _tool_settings(request, body)
    return body


def _tool_settings(request: EngineRequest, body: dict[str, Any]) -> None:
    """Sent only beside tools: endpoints refuse them without."""
    choice = request.tool_choice
    if isinstance(choice, Mapping):
        kind = choice.get("type")
        name = choice["function"]["name"] if kind == "function" else kind
        choice = {"type": "function", "function": {"name": name}}
    if choice is not None:
        body["tool_choice"] = choice
    if request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    if tool.get("type") != "function":
        message = f"A Chat Completions endpoint has no {tool.get('type')} of its own."
        raise EngineError(message, code="invalid_prompt", param="tools")
    return {"type": "function", "function": _without_none(tool["function"])}


def _messages(request: EngineRequest, provider_id: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    if request.instructions:
        messages.append({"role": "system", "content": request.instructions})
    for turn in request.turns:
        if isinstance(turn, UserTurn):
            messages.append({"role": "user", "content": _content(turn)})
        elif isinstance(turn, ToolTurn):
            messages.append({"role": "tool", "tool_call_id": turn.call_id, "content": turn.output})
        else:
            messages.extend(_said(turn, provider_id))
    return messages


def _content(turn: UserTurn) -> str | list[dict[str, Any]]:
    """A plain string wherever that says it all: not every endpoint takes parts."""
    if all(isinstance(part, TextPart) for part in turn.parts):
        return "\n\n".join(part.text for part in turn.parts if isinstance(part, TextPart))
    return [_part(part) for part in turn.parts]


def _part(part: TextPart | ImagePart) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    image = {"url": part.url} if part.detail == "auto" else {"url": part.url, "detail": part.detail}
    return {"type": "image_url", "image_url": image}


def _said(turn: AssistantTurn, provider_id: str) -> Iterator[dict[str, Any]]:
    text = turn.text or turn.refusal or ""
    if not turn.calls:
        if text:  # an empty turn of the assistant is refused by several endpoints and says nothing
            yield {"role": "assistant", "content": text}
        return
    extra = _carried(turn, provider_id)
    calls = [_call(call, extra["calls"].get(call.call_id)) for call in turn.calls]
    yield {"role": "assistant", "content": text or None, "tool_calls": calls, **extra["message"]}


def _call(call: FunctionCall, extra: Mapping[str, Any] | None) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    return {"id": call.call_id, "type": "function", "function": function, **(extra or {})}


def _carried(turn: AssistantTurn, provider_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {"message": {}, "calls": {}}
    for item in turn.carry:
        if item.get("type") == CARRY_TYPE and item.get("provider") == provider_id:
            found["message"] |= item.get("message", {})
            found["calls"] |= item.get("calls", {})
    return found


def _shorten_ids(messages: list[dict[str, Any]]) -> None:
    for message in messages:
        if "tool_call_id" in message:
            message["tool_call_id"] = _short(message["tool_call_id"])
        for call in message.get("tool_calls", ()):
            call["id"] = _short(call["id"])


def _short(call_id: str) -> str:
    return call_id if re.fullmatch("[a-zA-Z0-9]{9}", call_id) else hashlib.sha256(call_id.encode()).hexdigest()[:9]


def _without_none(value: Any) -> Any:
    """Keys the API returns as null (`strict`, `description`) are refused as null by others; schemas stay."""
    if not isinstance(value, Mapping):
        return value
    plain = ("parameters", "schema")
    return {k: v if k in plain else _without_none(v) for k, v in value.items() if v is not None}

"""Replies of the scripted model endpoint. Contract: a script is bytes on the wire (`Wire`), or what a model says
(`Say`), which is put on the wire as the request asks: Chat Completions or Responses, streamed or whole."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Step = bytes | float | threading.Event | Literal["cut", "stall"]
"""Bytes to send, seconds to wait, an event to wait for, the connection cut, or silence until the client leaves."""
SSE_HEADERS = {"content-type": "text/event-stream"}
JSON_HEADERS = {"content-type": "application/json"}


@dataclass(frozen=True)
class Call:
    """One request as it came. `headers` have lower-case names; `body` is decoded JSON where it is JSON."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any
    gone: threading.Event = field(default_factory=threading.Event, compare=False)
    """Set when the client left before the reply was whole."""
    answered: threading.Event = field(default_factory=threading.Event, compare=False)
    """Set when the reply was sent whole."""

    @property
    def question(self) -> str:
        """The last user text."""
        body = self.body if isinstance(self.body, dict) else {}
        for message in reversed(body.get("messages") or body.get("input") or ()):
            if isinstance(message, dict) and message.get("role") == "user":
                content = message.get("content")
                parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content or ()]
                return " ".join(part for part in parts if part)
        return ""


@dataclass(frozen=True)
class Wire:
    """A reply as bytes. With `whole`, it is sent with a length; else chunked, each `bytes` step a chunk."""

    steps: tuple[Step, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: dict(SSE_HEADERS))
    whole: bool = False


@dataclass(frozen=True)
class Say:
    text: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    """Function calls: (call id, name, arguments)."""
    refusal: str = ""
    reasoning: str = ""
    finish: str | None = None
    """A Chat Completions finish reason other than the fitting one; `length` and `content_filter` work for both."""
    usage: tuple[int, int] | None = (11, 7)
    """Tokens in and out; None: never told."""
    delay: float = 0.0
    """Seconds before each piece of text."""
    hold: threading.Event | None = None
    """Waited for after the first piece of text."""
    cut_after: int | None = None
    """Pieces of text after which the connection is cut."""

    def wire(self, call: Call) -> Wire:
        body = call.body if isinstance(call.body, dict) else {}
        is_chat = call.path.endswith("/chat/completions")
        if body.get("stream"):
            events = self._chat_events(body) if is_chat else self._response_events(body)
            return Wire(tuple(events))
        content = self._chat_object(body) if is_chat else self._response_object(body, "completed")
        return Wire((json.dumps(content).encode(),), headers=JSON_HEADERS, whole=True)

    def pieces(self) -> list[str]:
        return re.findall(r"\s*\S+|\s+", self.text)

    def _spoken(self, event: Callable[[str], bytes]) -> Iterator[Step]:
        for n, piece in enumerate(self.pieces()):
            if self.cut_after == n:
                break
            if self.delay:
                yield self.delay
            yield event(piece)
            if n == 0 and self.hold is not None:
                yield self.hold
        if self.cut_after is not None:
            yield "cut"

    # -- Chat Completions --------------------------------------------------------------------------------------------

    def _chat_events(self, body: Mapping[str, Any]) -> Iterator[Step]:
        yield sse(chat_chunk(role="assistant", content=""))
        if self.reasoning:
            yield sse(chat_chunk(reasoning_content=self.reasoning))
        yield from self._spoken(lambda piece: sse(chat_chunk(content=piece)))
        if self.refusal:
            yield sse(chat_chunk(refusal=self.refusal))
        for n, (call_id, name, arguments) in enumerate(self.calls):
            function = {"name": name, "arguments": ""}
            yield sse(chat_chunk(tool_calls=[{"index": n, "id": call_id, "type": "function", "function": function}]))
            for piece in re.findall("(?s).{1,8}", arguments):
                yield sse(chat_chunk(tool_calls=[{"index": n, "function": {"arguments": piece}}]))
        yield sse(chat_chunk(finish_reason=self.finish or ("tool_calls" if self.calls else "stop")))
        if self.usage and (body.get("stream_options") or {}).get("include_usage"):
            yield sse({"id": "chatcmpl-1", "choices": [], "usage": chat_usage(*self.usage)})
        yield b"data: [DONE]\n\n"

    def _chat_object(self, body: Mapping[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None}
        if self.refusal:
            message["refusal"] = self.refusal
        if self.calls:
            message["tool_calls"] = [
                {"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in self.calls
            ]
        reason = self.finish or ("tool_calls" if self.calls else "stop")
        choices = [{"index": 0, "message": message, "finish_reason": reason}]
        found = {"id": "chatcmpl-1", "object": "chat.completion", "model": body.get("model"), "choices": choices}
        return found | ({"usage": chat_usage(*self.usage)} if self.usage else {})

    # -- Responses ---------------------------------------------------------------------------------------------------

    def _response_events(self, body: Mapping[str, Any]) -> Iterator[Step]:
        shell = self._response_object(body, "in_progress") | {"output": [], "usage": None}
        yield sse({"type": "response.created", "response": shell})
        for n, item in enumerate(self._items()):
            place = {"output_index": n, "item_id": item["id"]}
            yield sse({"type": "response.output_item.added", "item": _opened(item), **place})
            if item["type"] == "message" and self.refusal:
                yield sse({"type": "response.refusal.delta", "delta": self.refusal, "content_index": 0, **place})
            elif item["type"] == "message":
                delta = {"type": "response.output_text.delta", "content_index": 0, **place}
                yield from self._spoken(lambda piece, delta=delta: sse({**delta, "delta": piece}))
            elif item["type"] == "function_call":
                for piece in re.findall("(?s).{1,8}", item["arguments"]):
                    yield sse({"type": "response.function_call_arguments.delta", "delta": piece, **place})
            yield sse({"type": "response.output_item.done", "item": item, **place})
        status = "incomplete" if self.finish in ("length", "content_filter") else "completed"
        yield sse({"type": f"response.{status}", "response": self._response_object(body, status)})

    def _items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        if self.reasoning:
            items.append({"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": self.reasoning})
        if self.refusal or self.text:
            part = {"type": "refusal", "refusal": self.refusal}
            if not self.refusal:
                part = {"type": "output_text", "text": self.text, "annotations": []}
            items.append({"id": "msg_1", "type": "message", "role": "assistant", "content": [part]})
        for n, (call_id, name, arguments) in enumerate(self.calls):
            item = {"id": f"fc_{n}", "type": "function_call", "call_id": call_id, "name": name}
            items.append({**item, "arguments": arguments, "status": "completed"})
        return items

    def _response_object(self, body: Mapping[str, Any], status: str) -> dict[str, Any]:
        found = {"id": "resp_1", "object": "response", "model": body.get("model"), "status": status}
        reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(self.finish or "")
        details = {"reason": reason} if reason else None
        usage = response_usage(*self.usage) if self.usage else None
        return {**found, "output": self._items(), "incomplete_details": details, "error": None, "usage": usage}


Script = Wire | Say | Callable[[Call], Wire | Say]


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    """An item as it is announced: still empty."""
    blank = {"message": {"content": []}, "function_call": {"arguments": "", "status": "in_progress"}}
    return {**item, **blank.get(item["type"], {})}


def sse(value: Any, *, event: str = "") -> bytes:
    """One Server-Sent Event; `value` is bytes as they are, or JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return (f"event: {event}\n".encode() if event else b"") + b"data: " + data + b"\n\n"


def chat_chunk(*, finish_reason: str | None = None, usage: Any = None, **delta: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "choices": [choice]}
    return chunk | ({"usage": usage} if usage is not None else {})


def chat_usage(prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def response_usage(prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> dict[str, Any]:
    return {
        "input_tokens": prompt,
        "output_tokens": completion,
        "total_tokens": prompt + completion,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens_details": {"reasoning_tokens": reasoning},
    }


def stream(*values: Any, done: bool = True) -> Wire:
    """Events one by one: dicts become JSON, other steps (bytes as they are, waits, `cut`) go as they are."""
    steps: list[Step] = [sse(value) if isinstance(value, dict) else value for value in values]
    return Wire(tuple(steps + ([b"data: [DONE]\n\n"] if done else [])))


def torn(wire: Wire, size: int) -> Wire:
    """The same bytes in blocks of `size`, cut wherever that falls: in a line, in a character."""
    data = b"".join(step for step in wire.steps if isinstance(step, bytes))
    blocks = tuple(data[n : n + size] for n in range(0, len(data), size))
    return Wire(blocks, wire.status, wire.headers)


def whole(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Wire:
    """A JSON body with a length."""
    return Wire((json.dumps(value).encode(),), status, {**JSON_HEADERS, **(headers or {})}, whole=True)


def refusal(
    status: int,
    message: str = "No.",
    *,
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Wire:
    """An HTTP error in OpenAI's shape."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return whole({"error": {"message": message, "type": kind, "param": param, "code": code}}, status, headers)


def rate_limited(retry_after: str = "0", message: str = "Rate limit reached.") -> Wire:
    return refusal(429, message, code="rate_limit_exceeded", headers={"retry-after": retry_after})


def page(status: int = 502) -> Wire:
    """What a proxy says."""
    html = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
    return Wire((html,), status, {"content-type": "text/html; charset=utf-8"}, whole=True)

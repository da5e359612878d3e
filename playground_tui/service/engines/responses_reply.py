"""The events of one Responses stream as engine events. Contract: unknown events and items are skipped; what a stream
told only in its closing events (whole text, whole arguments) is not lost.

The hot path is a piece of text: it must stay at a few microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from playground_tui.service.engines.base import (
    CallArguments,
    CallStart,
    Carry,
    EngineEvent,
    Finish,
    HostedCall,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    Usage,
    count_in,
)
from playground_tui.service.engines.errors import words_of
from playground_tui.service.engines.hosted import Citations, hosted_call
from playground_tui.service.engines.reading import SaidError, check_calls
from playground_tui.service.engines.responses_request import CARRY_TYPE

Event = Mapping[str, Any]


class ResponsesReply:
    def __init__(self, provider_id: str, *, plain_text: bool) -> None:
        """`plain_text`: citations may put their marks into the text; false for JSON."""
        self._provider_id = provider_id
        self._citations = Citations(marks=plain_text)
        self._calls: dict[str, _Call] = {}
        self._spoken: set[str] = set()
        self._done: set[str] = set()
        self._carry: list[dict[str, Any]] = []
        self._message_id: object = ""
        self._final: Event = {}
        self.over = False

    @property
    def may_stop_here(self) -> bool:
        return False

    def feed(self, data: dict[str, Any]) -> Iterable[EngineEvent]:
        kind = data.get("type")
        if kind == "response.output_text.delta":
            return self._text(data)
        if kind == "error" or (data.get("error") and "response" not in data):
            # The event's own type says nothing about which error it is.
            raise SaidError(words_of({k: v for k, v in data.items() if k != "type"}))
        handler = _HANDLERS.get(kind) if isinstance(kind, str) else None
        return handler(self, data) if handler else ()

    def whole(self, body: Any) -> Iterable[EngineEvent] | None:
        if not isinstance(body, dict) or not isinstance(body.get("output"), list):
            return None
        return [*self._closed({"response": body}), *self.end()]

    def end(self) -> Iterator[EngineEvent]:
        final = self._final
        for position, item in enumerate(_items(final.get("output"))):
            if isinstance(item, Mapping):
                yield from self._item_done({"item": item, "output_index": position})
        if any("item" in carried or carried.get("phase") for carried in self._carry):
            yield Carry(tuple(self._carry))
        if usage := _usage(final.get("usage")):
            yield usage
        details = final.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, Mapping) else None
        if final.get("status") == "incomplete":
            yield Finish("content_filter" if reason == "content_filter" else "length")
        else:
            yield Finish("tool_calls" if self._calls else "stop")

    def _text(self, event: Event) -> Iterable[EngineEvent]:
        text = event.get("delta")
        if not isinstance(text, str) or not text:
            return ()
        item_id = event.get("item_id") or ""
        if item_id != self._message_id:
            text = self._next_message(item_id) + text
        self._citations.said(text)
        return (TextDelta(text),)

    def _next_message(self, item_id: object) -> str:
        """A reply has one text: a second message item is a new paragraph of it."""
        first, self._message_id = not self._spoken, item_id
        self._spoken.add(str(item_id))
        return "" if first else "\n\n"

    def _refusal(self, event: Event) -> Iterator[EngineEvent]:
        if isinstance(text := event.get("delta"), str) and text:
            self._spoken.add(str(event.get("item_id") or ""))
            yield RefusalDelta(text)

    def _reasoning(self, event: Event) -> Iterator[EngineEvent]:
        text = event.get("delta")
        yield ReasoningDelta(text if isinstance(text, str) else "")

    def _annotation(self, event: Event) -> Iterator[EngineEvent]:
        if isinstance(annotation := event.get("annotation"), Mapping):
            yield from self._citations.cite(annotation)

    def _item_added(self, event: Event) -> Iterator[EngineEvent]:
        item = event.get("item")
        if not isinstance(item, Mapping):
            return
        kind = item.get("type")
        if kind == "function_call":
            yield from self._call(event, item).start(item)
        elif kind == "reasoning":
            yield ReasoningDelta()
        elif call := hosted_call(item):
            yield HostedCall(call, done=False)

    def _arguments(self, event: Event) -> Iterator[EngineEvent]:
        call = self._calls.get(_place(event, {}))
        if call is not None and isinstance(text := event.get("delta"), str):
            yield from call.add(text)

    def _item_done(self, event: Event) -> Iterator[EngineEvent]:
        item = event.get("item")
        if not isinstance(item, Mapping) or (place := _place(event, item)) in self._done:
            return
        self._done.add(place)
        kind = item.get("type")
        if kind == "function_call":
            call = self._call(event, item)
            yield from call.finish(item)
            self._keep(ref="call", call_id=call.call_id)
        elif kind == "reasoning":
            self._keep(item={k: v for k, v in item.items() if v is not None and k != "status"})
        elif kind == "message":
            yield from self._message_done(item)
        elif made := hosted_call(item):
            self._keep(item={k: v for k, v in item.items() if k != "results"})
            yield HostedCall(made)

    def _message_done(self, item: Event) -> Iterator[EngineEvent]:
        self._keep(ref="message", **({"phase": item["phase"]} if item.get("phase") else {}))
        item_id = str(item.get("id") or "")
        silent = item_id not in self._spoken
        for part in _items(item.get("content")):
            if not isinstance(part, Mapping):
                continue
            if silent and part.get("type") == "output_text":
                yield from self._text({"delta": part.get("text"), "item_id": item_id})
            elif silent and part.get("type") == "refusal":
                yield from self._refusal({"delta": part.get("refusal"), "item_id": item_id})
            for annotation in _items(part.get("annotations")):
                if isinstance(annotation, Mapping):
                    yield from self._citations.cite(annotation)

    def _keep(self, **what: Any) -> None:
        self._carry.append({"type": CARRY_TYPE, "provider": self._provider_id, **what})

    def _call(self, event: Event, item: Event) -> _Call:
        place = _place(event, item)
        if place not in self._calls:
            check_calls(len(self._calls))
            self._calls[place] = _Call(len(self._calls))
        return self._calls[place]

    def _closed(self, event: Event) -> Iterable[EngineEvent]:
        response = event.get("response")
        self._final = response if isinstance(response, Mapping) else {}
        status = self._final.get("status")
        if status in ("failed", "cancelled") or self._final.get("error"):
            raise SaidError(words_of(self._final.get("error") or {"message": f"the response was {status}"}))
        self.over = True
        return ()


class _Call:
    """A function call; its arguments come in pieces, whole at the end, or both."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.call_id = ""
        self._said = ""

    def start(self, item: Event) -> Iterator[EngineEvent]:
        if not self.call_id:
            self.call_id = str(item.get("call_id") or item.get("id") or f"call_{self.index}")
            yield CallStart(self.index, self.call_id, str(item.get("name") or ""))

    def add(self, text: str) -> Iterator[EngineEvent]:
        if text:
            self._said += text
            yield CallArguments(self.index, text)

    def finish(self, item: Event) -> Iterator[EngineEvent]:
        yield from self.start(item)
        whole = item.get("arguments")
        if isinstance(whole, str) and whole.startswith(self._said):
            yield from self.add(whole[len(self._said) :])
        if not self._said.strip():
            yield from self.add("{}")


def _place(event: Event, item: Event) -> str:
    """What tells one output item from another: its position, else its id."""
    index = event.get("output_index")
    return str(index) if isinstance(index, int) else str(event.get("item_id") or item.get("id") or "")


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, Mapping):
        return None
    return Usage(
        _count(usage, "input_tokens"),
        _count(usage, "output_tokens"),
        _count(usage.get("input_tokens_details"), "cached_tokens"),
        _count(usage.get("output_tokens_details"), "reasoning_tokens"),
    )


def _count(where: object, name: str) -> int:
    return count_in(where.get(name)) if isinstance(where, Mapping) else 0


_HANDLERS: dict[str, Callable[[ResponsesReply, Event], Iterable[EngineEvent]]] = {
    "response.refusal.delta": ResponsesReply._refusal,
    "response.reasoning_text.delta": ResponsesReply._reasoning,
    "response.reasoning_summary_text.delta": ResponsesReply._reasoning,
    "response.output_text.annotation.added": ResponsesReply._annotation,
    "response.output_item.added": ResponsesReply._item_added,
    "response.output_item.done": ResponsesReply._item_done,
    "response.function_call_arguments.delta": ResponsesReply._arguments,
    "response.completed": ResponsesReply._closed,
    "response.incomplete": ResponsesReply._closed,
    "response.failed": ResponsesReply._closed,
    "response.cancelled": ResponsesReply._closed,
}

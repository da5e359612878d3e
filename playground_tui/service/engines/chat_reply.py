"""One Chat Completions answer, chunk by chunk, as engine events. Contract: `feed` takes any JSON object an endpoint
sends and never raises for a field that is missing or odd; `end` gives what can only be known at the end.

The hot path is a chunk with a piece of text: it must stay at a few microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from playground_tui.service.engines.base import (
    Carry,
    EngineEvent,
    Finish,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    Usage,
    count_in,
)
from playground_tui.service.engines.calls import CallAssembler, NamelessCall
from playground_tui.service.engines.chat_request import CARRY_TYPE
from playground_tui.service.engines.errors import words_of
from playground_tui.service.engines.reading import Nonsense, SaidError
from playground_tui.service.engines.thoughts import Thoughts

Reason = Literal["stop", "length", "tool_calls", "content_filter"]

_REASONS: dict[str, Reason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "content-filter": "content_filter",
    "safety": "content_filter",
    "sensitive": "content_filter",
    "recitation": "content_filter",
}
"""Words seen for reasons; every other one means that the model stopped by itself."""
_WANTED_BACK = ("reasoning_content", "reasoning_details")
"""Fields of a message with calls that DeepSeek and OpenRouter want to see again with the tools' outputs."""


class ChatReply:
    def __init__(self, used_ids: set[str], provider_id: str) -> None:
        self._calls = CallAssembler(used_ids)
        self._provider_id = provider_id
        self._usage: dict[str, int] = {}
        self._reason: str | None = None
        self._carried: dict[str, Any] = {}
        self._thoughts: Thoughts | None = Thoughts()
        """None: the reply has begun."""
        self.over = False

    @property
    def may_stop_here(self) -> bool:
        return self._reason is not None

    def feed(self, chunk: Mapping[str, Any]) -> Iterable[EngineEvent]:
        if usage := chunk.get("usage"):
            self._count(usage)
        if chunk.get("error"):
            raise SaidError(words_of(chunk))
        choices = chunk.get("choices")
        if not choices or not isinstance(choices, list):
            return self._without_choices(chunk)
        choice = choices[0]
        if not isinstance(choice, dict):
            return ()
        if (reason := choice.get("finish_reason")) and reason != "null":
            self._reason = str(reason)
        elif self._reason is not None:  # after its end nothing belongs to the reply; some give a reason in every chunk
            return ()
        delta = choice.get("delta") or choice.get("message")
        if not isinstance(delta, dict):
            text = choice.get("text")
            return self._say(text) if text and isinstance(text, str) else ()
        content = delta.get("content")
        if isinstance(content, str) and len(delta) <= 2 and (len(delta) == 1 or "role" in delta):
            return self._say(content) if content else ()
        return self._read(delta)

    def _say(self, text: str) -> Iterable[EngineEvent]:
        if self._thoughts is None:
            return (TextDelta(text),)
        events = list(self._thoughts.feed(text))
        if self._thoughts.over:
            self._thoughts = None
        return events

    def whole(self, body: Any) -> Iterable[EngineEvent] | None:
        if not isinstance(body, dict) or not body.get("choices"):
            return None
        return [*self.feed(body), *self.end()]

    def end(self) -> Iterator[EngineEvent]:
        if self._thoughts is not None:
            yield from self._thoughts.end(cut=bool(self._calls) or self._finish() == "length")
        try:
            yield from self._calls.end()
        except NamelessCall:
            raise Nonsense("a function call that names no function") from None
        if self._calls and (self._carried or self._calls.extra):
            item = {"type": CARRY_TYPE, "provider": self._provider_id}
            yield Carry(({**item, "message": self._carried, "calls": self._calls.extra},))
        if self._usage:
            yield Usage(**{"prompt_tokens": 0, "completion_tokens": 0, **self._usage})
        yield Finish(self._finish())

    def _finish(self) -> Reason:
        """What was said, corrected by what came: `stop` with calls, and `tool_calls` without any, are common."""
        reason = _REASONS.get((self._reason or "").lower(), "stop")
        if self._calls and (reason == "stop" or (reason == "length" and self._calls.all_whole())):
            return "tool_calls"
        return reason

    def _without_choices(self, chunk: Mapping[str, Any]) -> Iterable[EngineEvent]:
        if chunk.get("object") == "error":
            raise SaidError(words_of(chunk))
        groq = chunk.get("x_groq")
        if isinstance(groq, dict) and groq.get("usage"):
            self._count(groq["usage"])
        if isinstance(message := chunk.get("message"), dict):
            return self._read(message)
        return ()

    def _read(self, delta: Mapping[str, Any]) -> Iterator[EngineEvent]:
        yield from self._reasoning(delta)
        for event in _content(delta.get("content")):
            yield from self._say(event.text) if isinstance(event, TextDelta) else (event,)
        if isinstance(refusal := delta.get("refusal"), str) and refusal:
            yield RefusalDelta(refusal)
        pieces = delta.get("tool_calls")
        if isinstance(pieces, dict):
            pieces = [pieces]
        if not pieces and isinstance(legacy := delta.get("function_call"), dict):
            pieces = [{"index": 0, "function": legacy}]
        if pieces and self._thoughts is not None:
            yield from self._thoughts.interrupted()
            self._thoughts = None
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict):
                yield from self._calls.feed(piece)

    def _reasoning(self, delta: Mapping[str, Any]) -> Iterator[ReasoningDelta]:
        for name in ("reasoning_content", "reasoning", "thinking"):
            if isinstance(text := delta.get(name), str) and text:
                yield ReasoningDelta(text)
                break
        for name in _WANTED_BACK:
            if (value := delta.get(name)) and isinstance(value, str | list):
                # One that turns into another kind of value on the way is carried from there.
                goes_on = type(self._carried.get(name)) is type(value)
                self._carried[name] = self._carried[name] + value if goes_on else value

    def _count(self, usage: object) -> None:
        """Usage may come in every chunk, growing, or in parts: the largest of each count is the right one."""
        if not isinstance(usage, dict):
            return
        prompt, output = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
        cached = (prompt.get("cached_tokens") if isinstance(prompt, dict) else None) or (
            usage.get("prompt_cache_hit_tokens") or usage.get("cached_tokens")
        )
        counts = {
            "prompt_tokens": usage.get("prompt_tokens"),
            "completion_tokens": usage.get("completion_tokens"),
            "cached_tokens": cached,
            "reasoning_tokens": output.get("reasoning_tokens") if isinstance(output, dict) else None,
        }
        for name, value in counts.items():
            if (count := count_in(value)) or isinstance(value, int | float):
                self._usage[name] = max(count, self._usage.get(name, 0))


def _content(content: object) -> Iterator[EngineEvent]:
    """Text, or Mistral's list of parts."""
    if isinstance(content, str):
        if content:
            yield TextDelta(content)
        return
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            yield TextDelta(part)
        elif isinstance(part, dict):
            yield from _part(part)


def _part(part: Mapping[str, Any]) -> Iterator[EngineEvent]:
    kind, inner = part.get("type"), part.get("thinking")
    if kind in ("thinking", "reasoning"):
        parts = inner if isinstance(inner, list) else [{"text": inner or part.get("text")}]
        for one in parts:
            if isinstance(one, dict) and isinstance(text := one.get("text"), str):
                yield ReasoningDelta(text)
    elif kind == "refusal" and isinstance(text := part.get("refusal"), str):
        yield RefusalDelta(text)
    elif isinstance(text := part.get("text"), str) and text:
        yield TextDelta(text)

"""Any Chat Completions endpoint. Contract: `Engine` of `base.py`.

Chunks are decoded by hand from raw events. Measured on loopback, one event a packet, CPU of this side with reading:
13 µs an event, 4 of them decoding; the `openai` client's typed stream takes 85, and 120 for Responses. It also stumbles
over what real endpoints send (missing indexes, arguments as objects, null content).

Two requests are repeated once, and the finding is remembered for the endpoint: without `stream_options`, and with the
other name of the token limit, where the endpoint refuses them. Nothing else is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from playground_tui.service.engines.base import AssistantTurn, Capabilities, EngineEvent, EngineRequest, ModelInfo
from playground_tui.service.engines.chat_reply import ChatReply
from playground_tui.service.engines.chat_request import LimitName, body_of
from playground_tui.service.engines.link import Link, Refused, Stream
from playground_tui.service.engines.reading import read

_OLD_LIMIT_NAME = ("ollama", "lmstudio", "llama.cpp", "mistral", "deepseek")
"""Presets that know `max_tokens`; some of them ignore the newer name in silence."""


@dataclass(slots=True)
class _Habits:
    """What was learned about an endpoint."""

    limit_name: LimitName
    limit_is_sure: bool = False
    counts_tokens: bool = True


class ChatEngine:
    kind = "chat"
    capabilities = Capabilities()

    def __init__(self, link: Link) -> None:
        self._link = link
        preset = link.provider.preset
        self._habits = _Habits("max_tokens" if preset in _OLD_LIMIT_NAME else "max_completion_tokens")
        self._short_ids = preset == "mistral"

    async def stream(self, request: EngineRequest) -> AsyncGenerator[EngineEvent]:
        body = body_of(request, self._link.provider.id, short_ids=self._short_ids)
        answer = await self._ask(body, request.max_output_tokens)
        reply = ChatReply(used_call_ids(request), self._link.provider.id)
        async with aclosing(read(answer, reply)) as events:
            async for event in events:
                yield event

    async def models(self) -> list[ModelInfo]:
        return await self._link.models()

    async def aclose(self) -> None:
        await self._link.aclose()

    async def _ask(self, body: dict[str, Any], limit: int | None) -> Stream:
        for _ in range(2):
            sent = replace(self._habits)
            try:
                return await self._link.post("/chat/completions", _complete(body, limit, sent))
            except Refused as refused:
                if not self._learn(refused, limit, sent):
                    raise
        return await self._link.post("/chat/completions", _complete(body, limit, self._habits))

    def _learn(self, refused: Refused, limit: int | None, sent: _Habits) -> bool:
        """Whether the refusal says something new about the endpoint, worth another try."""
        if refused.status not in (400, 404, 422, 501):
            return False
        if sent.counts_tokens and refused.words.mention("stream_options", "include_usage"):
            self._habits.counts_tokens = False
            return True
        if limit is not None and not sent.limit_is_sure and refused.words.mention(sent.limit_name):
            other: LimitName = "max_tokens" if sent.limit_name == "max_completion_tokens" else "max_completion_tokens"
            self._habits.limit_name, self._habits.limit_is_sure = other, True
            return True
        return False


def used_call_ids(request: EngineRequest) -> set[str]:
    """Ids of the conversation's earlier calls, for endpoints that count from zero each time."""
    return {call.call_id for turn in request.turns if isinstance(turn, AssistantTurn) for call in turn.calls}


def _complete(body: dict[str, Any], limit: int | None, habits: _Habits) -> dict[str, Any]:
    full = dict(body)
    if limit is not None:
        full[habits.limit_name] = limit
    if habits.counts_tokens:
        full["stream_options"] = {"include_usage": True}
    return full

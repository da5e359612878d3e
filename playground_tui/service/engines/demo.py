"""A model without a network or a key: deterministic, offline, and saying of itself that it is a demo.

Contract: `Engine` of `base.py`. Any model name is accepted, so that code written for another model runs; the listed
ones differ in pace. The provider's extra body may hold `tokens_per_second` (0: no pauses at all).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from playground_tui.service.engines.base import (
    AssistantTurn,
    CallArguments,
    CallStart,
    Capabilities,
    EngineError,
    EngineEvent,
    EngineRequest,
    Finish,
    ImagePart,
    ModelInfo,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolTurn,
    Usage,
)
from playground_tui.service.engines.demo_commands import Step, script_of
from playground_tui.service.engines.demo_texts import THOUGHTS
from playground_tui.service.ids import new_id
from playground_tui.settings.model import Provider

Sleep = Callable[[float], Awaitable[object]]
TOKENS_PER_SECOND = 60.0
_SLOW = 8.0
_MODELS = {
    "demo": "brisk",
    "demo-fast": "without pauses",
    "demo-slow": "waits, then writes slowly",
    "demo-reasoning": "thinks first",
}
_IMAGE_TOKENS = 85


@dataclass(slots=True)
class _Count:
    output: int = 0
    reasoning: int = 0


class DemoEngine:
    kind = "demo"
    capabilities = Capabilities()

    def __init__(
        self,
        tokens_per_second: float = TOKENS_PER_SECOND,
        sleep: Sleep = asyncio.sleep,
        call_id: Callable[[], str] = lambda: new_id("call"),
    ) -> None:
        """`call_id`: ids for calls, each another, as a real endpoint's are."""
        self._rate = tokens_per_second
        self._sleep = sleep
        self._call_id = call_id

    @classmethod
    def of(cls, provider: Provider) -> DemoEngine:
        rate = provider.extra_body.get("tokens_per_second", TOKENS_PER_SECOND)
        good = isinstance(rate, int | float) and not isinstance(rate, bool) and rate >= 0
        return cls(float(rate) if good else TOKENS_PER_SECOND)

    async def stream(self, request: EngineRequest) -> AsyncGenerator[EngineEvent]:
        rate = self._pace(request.model)
        count = _Count()
        end = Finish("stop")
        async with aclosing(self._play(request, rate)) as events:
            async for event in events:
                if isinstance(event, Finish):
                    end = event
                    break
                _add(count, event)
                yield event
                if request.max_output_tokens is not None and count.output >= request.max_output_tokens:
                    end = Finish("length")
                    break
        yield Usage(prompt_tokens(request), count.output, reasoning_tokens=count.reasoning)
        yield end

    async def models(self) -> list[ModelInfo]:
        return [ModelInfo(name, owned_by="demo", extra={"description": text}) for name, text in _MODELS.items()]

    async def aclose(self) -> None:
        pass

    def _pace(self, model: str) -> float:
        if not self._rate or model == "demo-fast":
            return 0.0
        return min(_SLOW, self._rate) if model == "demo-slow" else self._rate

    async def _play(self, request: EngineRequest, rate: float) -> AsyncGenerator[EngineEvent]:
        for step in _opening(request.model):
            async for event in self._take(step, rate):
                yield event
        for step in script_of(request):
            async for event in self._take(step, rate):
                yield event

    async def _take(self, step: Step, rate: float) -> AsyncGenerator[EngineEvent]:
        if isinstance(step, EngineError):
            raise _unhurried(step) if not rate else step
        if isinstance(step, float):
            await self._sleep(step if rate else 0)
        elif isinstance(step, str):
            for piece in re.findall(r"\s*\S{1,24}|\s+", step):
                yield TextDelta(piece)
                await self._sleep(tokens(piece) / rate if rate else 0)
        elif isinstance(step, CallStart):
            yield replace(step, call_id=self._call_id())
        else:
            yield step


def _opening(model: str) -> list[Step]:
    if model == "demo-slow":
        return [ReasoningDelta(), 3.0]
    if model == "demo-reasoning":
        return [step for thought in THOUGHTS for step in (ReasoningDelta(thought), 0.4)]
    return []


def _unhurried(error: EngineError) -> EngineError:
    """Without pauses, a retry need not wait either."""
    error.retry_after = 0.0 if error.retry_after is not None else None
    return error


def _add(count: _Count, event: EngineEvent) -> None:
    if isinstance(event, TextDelta | RefusalDelta):
        count.output += tokens(event.text)
    elif isinstance(event, CallArguments):
        count.output += tokens(event.fragment)
    elif isinstance(event, ReasoningDelta):
        count.output += tokens(event.text)
        count.reasoning += tokens(event.text)


def tokens(text: str) -> int:
    """A guess: four characters a token."""
    return -(-len(text) // 4)


def prompt_tokens(request: EngineRequest) -> int:
    total = tokens(request.instructions) + sum(tokens(json.dumps(dict(tool))) for tool in request.tools)
    for turn in request.turns:
        if isinstance(turn, ToolTurn):
            total += tokens(turn.output)
        elif isinstance(turn, AssistantTurn):
            total += tokens(turn.text) + sum(tokens(call.arguments) for call in turn.calls)
        else:
            total += sum(_IMAGE_TOKENS if isinstance(part, ImagePart) else tokens(part.text) for part in turn.parts)
    return total

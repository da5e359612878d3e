"""A model endpoint that gives what a test put into its queue and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from playground_tui.service.engines.base import (
    CallArguments,
    CallStart,
    Capabilities,
    EngineError,
    EngineEvent,
    EngineRequest,
    Finish,
    ModelInfo,
    TextDelta,
    Usage,
)
from playground_tui.settings.model import Provider, Settings


class Gate:
    """A place in a reply where the engine waits until the test opens it."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def pass_through(self) -> None:
        self.reached.set()
        await self.opened.wait()


Item = EngineEvent | EngineError | Exception | Gate
Reply = Sequence[Item]


def text(*pieces: str, usage: Usage | None = None) -> list[Item]:
    return [*(TextDelta(piece) for piece in pieces), *([usage] if usage else []), Finish("stop")]


def calls(*wanted: tuple[str, str, str], usage: Usage | None = None) -> list[Item]:
    """(call id, function, arguments) each; the arguments come in two pieces."""
    events: list[Item] = []
    for index, (call_id, name, arguments) in enumerate(wanted):
        half = len(arguments) // 2
        events.append(CallStart(index, call_id, name))
        events += [CallArguments(index, piece) for piece in (arguments[:half], arguments[half:]) if piece]
    return [*events, *([usage] if usage else []), Finish("tool_calls")]


@dataclass
class ScriptedEngine:
    replies: list[Reply] = field(default_factory=list)
    """The next request takes the first; with none left, a short text."""
    kind: str = "scripted"
    capabilities: Capabilities = field(default_factory=Capabilities)
    requests: list[EngineRequest] = field(default_factory=list)
    open_streams: int = 0

    def get(self, provider: Provider) -> ScriptedEngine:
        """It is a pool of itself."""
        return self

    async def stream(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        self.requests.append(request)
        reply = self.replies.pop(0) if self.replies else text("Hello", " there")
        self.open_streams += 1
        try:
            for item in reply:
                if isinstance(item, Gate):
                    await item.pass_through()
                elif isinstance(item, Exception):
                    raise item
                else:
                    yield item
        finally:
            self.open_streams -= 1

    async def models(self) -> list[ModelInfo]:
        return [ModelInfo("scripted-1")]

    async def aclose(self) -> None: ...


def scripted_settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "providers": (Provider("here", "chat", base_url="http://127.0.0.1:9/v1"), Provider("demo", "demo")),
        "default_provider": "here",
    }
    return Settings(**{**values, **changes})

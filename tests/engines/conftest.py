from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from playground_tui.service.engines.base import (
    CallArguments,
    CallStart,
    Engine,
    EngineError,
    EngineEvent,
    EngineRequest,
    Finish,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TextPart,
    Usage,
    UserTurn,
)
from playground_tui.service.engines.client import Timeouts
from playground_tui.service.engines.pool import EnginePool
from playground_tui.settings.model import Provider
from tests.support.endpoint import ScriptedEndpoint


@pytest.fixture(autouse=True)
def own_world(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "BASE_URL", "ORG_ID", "PROJECT_ID", "ADMIN_KEY", "CUSTOM_HEADERS"):
        monkeypatch.delenv(f"OPENAI_{name}", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as scripted:
        yield scripted


@pytest.fixture
async def pool() -> AsyncIterator[EnginePool]:
    made = EnginePool(lambda provider: None, Timeouts(read=20.0))
    yield made
    await made.aclose()


@pytest.fixture
def chat(endpoint: ScriptedEndpoint, pool: EnginePool) -> Engine:
    return pool.get(Provider("here", "chat", base_url=endpoint.base_url, title="Here"))


@pytest.fixture
def responses(endpoint: ScriptedEndpoint, pool: EnginePool) -> Engine:
    return pool.get(Provider("here", "responses", base_url=endpoint.base_url, title="Here"))


@dataclass(frozen=True)
class Heard:
    """What an engine gave, sorted out."""

    events: tuple[EngineEvent, ...]
    error: EngineError | None = None

    def all(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.all(TextDelta))

    @property
    def refusal(self) -> str:
        return "".join(event.text for event in self.all(RefusalDelta))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.all(ReasoningDelta))

    @property
    def calls(self) -> list[tuple[str, str]]:
        """(name, arguments) by index."""
        starts = {event.index: event.name for event in self.all(CallStart)}
        assert sorted(starts) == list(range(len(starts)))
        joined = {n: "".join(e.fragment for e in self.all(CallArguments) if e.index == n) for n in starts}
        return [(starts[n], joined[n]) for n in sorted(starts)]

    @property
    def call_ids(self) -> list[str]:
        return [event.call_id for event in self.all(CallStart)]

    @property
    def usage(self) -> Usage | None:
        found = self.all(Usage)
        assert len(found) <= 1
        return found[0] if found else None

    @property
    def finish(self) -> str | None:
        found = self.all(Finish)
        assert len(found) <= 1
        assert not found or self.events[-1] is found[0]
        return found[0].reason if found else None


async def hear(engine: Engine, request: EngineRequest) -> Heard:
    events: list[EngineEvent] = []
    try:
        async with asyncio.timeout(30):
            async for event in engine.stream(request):
                events.append(event)
    except EngineError as error:
        return Heard(tuple(events), error)
    return Heard(tuple(events))


def asking(text: str = "Hello?", **changes: Any) -> EngineRequest:
    return replace(EngineRequest("m1", "", (UserTurn((TextPart(text),)),)), **changes)


def function(name: str = "get_weather", **more: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return {"type": "function", "function": {"name": name, "parameters": parameters, **more}}

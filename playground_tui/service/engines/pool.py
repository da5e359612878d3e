"""Providers → engines. Contract: one pool per event loop; `get` is cheap and never fails, so a provider that is set up
wrongly says so when it is used."""

from __future__ import annotations

import contextlib

from playground_tui.service.engines.base import Engine
from playground_tui.service.engines.chat import ChatEngine
from playground_tui.service.engines.client import Timeouts
from playground_tui.service.engines.demo import DemoEngine
from playground_tui.service.engines.link import Link, ResolveKey
from playground_tui.service.engines.responses import ResponsesEngine
from playground_tui.settings.model import Provider


class EnginePool:
    def __init__(self, key: ResolveKey, timeouts: Timeouts | None = None) -> None:
        """`key` may block (it is called in a thread) and may raise `KeyUnavailable`."""
        self._key = key
        self._timeouts = timeouts or Timeouts()
        self._engines: list[tuple[Provider, Engine]] = []

    def get(self, provider: Provider) -> Engine:
        """The engine for these settings; changed settings give another one, without a restart."""
        for known, engine in self._engines:
            if known == provider:
                return engine
        engine = self._make(provider)
        self._engines.append((provider, engine))
        return engine

    async def aclose(self) -> None:
        engines, self._engines = self._engines, []
        for _, engine in engines:
            with contextlib.suppress(Exception):
                await engine.aclose()

    def _make(self, provider: Provider) -> Engine:
        if provider.kind == "demo":
            return DemoEngine.of(provider)
        link = Link(provider, self._key, self._timeouts)
        return ResponsesEngine(link) if provider.kind == "responses" else ChatEngine(link)

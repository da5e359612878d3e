"""Providers → engines. Contract: one pool per event loop; `get` is cheap and never fails, so a provider that is set up
wrongly says so when it is used."""

from __future__ import annotations

import asyncio
import contextlib

from playground_tui.service.engines.base import Engine
from playground_tui.service.engines.chat import ChatEngine
from playground_tui.service.engines.client import Timeouts
from playground_tui.service.engines.demo import DemoEngine
from playground_tui.service.engines.link import KeyRefused, Link, ResolveKey
from playground_tui.service.engines.responses import ResponsesEngine
from playground_tui.settings.model import Provider


class EnginePool:
    def __init__(
        self, key: ResolveKey, timeouts: Timeouts | None = None, key_refused: KeyRefused = lambda provider: None
    ) -> None:
        """`key` may block (it is called in a thread) and may raise `KeyUnavailable`; `key_refused` hears of 401s."""
        self._key = key
        self._key_refused = key_refused
        self._timeouts = timeouts or Timeouts()
        self._engines: list[tuple[Provider, Engine]] = []
        self._links: list[Link] = []
        """Of all engines, replaced ones too: a run may be about to use one."""
        self._closing: set[asyncio.Task[None]] = set()

    def get(self, provider: Provider) -> Engine:
        """The engine for these settings; changed settings give another one, without a restart."""
        for known, engine in self._engines:
            if known == provider:
                return engine
        self._engines = [pair for pair in self._engines if pair[0].id != provider.id]
        self._leave(provider.id)
        engine = self._make(provider)
        self._engines.append((provider, engine))
        return engine

    async def aclose(self) -> None:
        links, self._links, self._engines = self._links, [], []
        for link in links:
            with contextlib.suppress(Exception):
                await link.aclose()
        await asyncio.gather(*self._closing)

    def _leave(self, provider_id: str) -> None:
        """Close the connections to what a provider was before, unless a run still reads from there."""
        for link in self._links:
            if link.provider.id == provider_id and not link.is_read:
                task = asyncio.ensure_future(link.aclose())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)

    def _make(self, provider: Provider) -> Engine:
        if provider.kind == "demo":
            return DemoEngine.of(provider)
        link = Link(provider, self._key, self._timeouts, self._key_refused)
        self._links.append(link)
        return ResponsesEngine(link) if provider.kind == "responses" else ChatEngine(link)

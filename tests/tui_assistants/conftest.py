"""The real app on the real workspace: a scripted server and clock behind them, or the carried service with a scripted
model endpoint."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from playground_tui.settings.file import SettingsStore
from playground_tui.tui.clipboard import Copier
from playground_tui.tui.playground import PlaygroundApp
from playground_tui.tui.screens.main import MainScreen
from playground_tui.workspace.workspace import Workspace
from tests.support.person import press, until
from tests.tui.conftest import FakeClipboard
from tests.workspace.world import World, quiet


@dataclass
class Bench:
    app: PlaygroundApp
    pilot: Pilot[int]
    workspace: Workspace
    clipboard: FakeClipboard
    world: World

    @property
    def main(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    async def until(self, condition: Callable[[], Any]) -> None:
        await until(condition, told=self.text)

    async def sees(self, *words: str) -> None:
        def are_there() -> bool:
            text = self.text()
            return all(word in text for word in words)

        await self.until(are_there)

    async def press(self, *keys: str) -> None:
        await press(self.pilot, keys)
        for _ in range(3):
            await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def run(self, action: str) -> None:
        """What a palette entry does."""
        await self.main.run_action(action)
        for _ in range(4):
            await self.pilot.pause()

    async def advance(self, seconds: float) -> None:
        await self.world.clock.advance(seconds)
        await quiet(self.workspace)
        await self.pilot.pause()

    def text(self) -> str:
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    async def click(self, text: str, nth: int = 0) -> None:
        rows = self.text().split("\n")
        places = [(line.find(text), row) for row, line in enumerate(rows) if text in line]
        assert places, f"{text!r} is not in\n{self.text()}"
        await self.pilot.click(offset=places[nth])
        for _ in range(3):
            await self.pilot.pause()

    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]


OpenBench = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture(autouse=True)
def _own_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SSH_TTY", "SSH_CONNECTION", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


@pytest.fixture
def bench(world: World) -> OpenBench:
    @asynccontextmanager
    async def opened(
        width: int = 120, height: int = 36, *, workspace: Workspace | None = None, **values: Any
    ) -> AsyncIterator[Bench]:
        """`values`: the assistant that the server has and the app shows."""
        doc = None
        if workspace is None:
            doc = world.server.put(
                **{
                    "name": "Support bot",
                    "instructions": "Be kind.",
                    "temperature": 0.2,
                    "model": "demo/demo",
                    **values,
                }
            )
            workspace = world.open()
        clipboard = FakeClipboard()
        app = PlaygroundApp(
            workspace,
            world.paths,
            SettingsStore(world.paths),
            now=workspace.clock.now,
            copier=Copier(clipboard, lambda sequence: None, {}),
        )
        try:
            async with app.run_test(size=(width, height), notifications=True) as pilot:
                made = Bench(app, pilot, workspace, clipboard, world)
                await made.until(lambda: workspace.connection.value.phase == "ready")
                if doc is not None:
                    await made.until(lambda: workspace.assistants.listing.value.rows)
                    await workspace.open_assistant(doc["id"])
                    await quiet(workspace)
                    world.server.calls.clear()
                await pilot.pause()
                yield made
        finally:
            await workspace.close()

    return opened

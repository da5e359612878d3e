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
from playground_tui.settings.paths import Paths, find_paths
from playground_tui.tui.clipboard import Copier
from playground_tui.tui.playground import PlaygroundApp
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.support.person import press, until


@dataclass
class FakeClipboard:
    text: str = ""
    fails: bool = False

    def copy(self, text: str) -> None:
        if self.fails:
            raise RuntimeError("no display")
        self.text = text


@dataclass
class Opened:
    """The app on a scripted workspace, under a pilot."""

    app: PlaygroundApp
    pilot: Pilot[int]
    workspace: FakeWorkspace
    clipboard: FakeClipboard

    async def until(self, condition: Callable[[], Any]) -> None:
        await until(condition, told=lambda: f"{self.text()}\n{self.notices()}")

    async def sees(self, *words: str) -> None:
        def are_there() -> bool:
            text = self.text()
            return all(word in text for word in words)

        await self.until(are_there)

    async def press(self, *keys: str) -> None:
        await press(self.pilot, keys)
        await self.pilot.pause()

    async def click(self, selector: Any, offset: tuple[int, int] = (0, 0)) -> None:
        await self.pilot.click(selector, offset=offset)
        await self.pilot.pause()

    def text(self) -> str:
        """What stands on the screen."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    def place(self, text: str) -> tuple[int, int]:
        """Column and row of a text on the screen, for a click."""
        for row, line in enumerate(self.text().split("\n")):
            if (column := line.find(text)) >= 0:
                return column, row
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text()}")

    async def click_text(self, text: str) -> None:
        await self.pilot.click(offset=self.place(text))
        await self.pilot.pause()

    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]


Open = Callable[..., AbstractAsyncContextManager[Opened]]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SSH_TTY", "SSH_CONNECTION", "TMUX"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = find_paths(tmp_path / "home")
    found.make()
    return found


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace()


@pytest.fixture
def open_app(paths: Paths, workspace: FakeWorkspace) -> Open:
    @asynccontextmanager
    async def opened(width: int = 120, height: int = 36) -> AsyncIterator[Opened]:
        clipboard = FakeClipboard()
        copier = Copier(clipboard, lambda sequence: None, {})
        app = PlaygroundApp(workspace, paths, SettingsStore(paths), now=lambda: NOON, copier=copier)  # type: ignore[arg-type]
        async with app.run_test(size=(width, height), notifications=True) as pilot:
            await pilot.pause()
            yield Opened(app, pilot, workspace, clipboard)

    return opened

"""The carried service with the demo model, and the library of files on top of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai
import pytest
from textual.widgets import Input

from playground_tui.service.carried import Carried, start_carried
from playground_tui.service.config import ServiceConfig
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.model import Settings
from playground_tui.settings.paths import Paths, find_paths
from playground_tui.tui.clipboard import Copier
from playground_tui.tui.playground import PlaygroundApp
from playground_tui.tui.screens.main import MainScreen
from playground_tui.workspace.clock import SystemClock
from playground_tui.workspace.files.library import Ground, Library
from playground_tui.workspace.workspace import Workspace
from tests.support.carried import carried_service, client_of, service_config
from tests.tui.conftest import FakeClipboard, Opened, open_app, paths, workspace

__all__ = ["open_app", "paths", "workspace"]  # fixtures

LIMIT = 300_000
"""Bytes of a file that the service takes here."""


@pytest.fixture(autouse=True)
def _no_openai_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "SSH_TTY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLAYGROUND_TUI_HOME", str(tmp_path))


@pytest.fixture
def carried(tmp_path: Path) -> Iterator[Carried]:
    with carried_service(service_config(tmp_path / "service", max_file_bytes=LIMIT)) as carried:
        yield carried


@pytest.fixture
async def client(carried: Carried) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client_of(carried.transport()) as client:
        yield client


class World:
    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self.client = client
        self.owners: list[dict[str, Any]] = []
        self.lacking: set[str] = set()
        self.library = Library(Ground(self.api, SystemClock(), self.all_owners, self.lacking.add))

    async def api(self) -> openai.AsyncOpenAI:
        return self.client

    async def all_owners(self) -> list[dict[str, Any]]:
        return self.owners

    async def sent(self, *paths: Path, store_id: str = "") -> Any:
        """The transfers when all of them are through."""
        return await self.library.uploads.wait(self.library.uploads.add(paths, store_id))


@pytest.fixture
async def world(client: openai.AsyncOpenAI) -> AsyncIterator[World]:
    made = World(client)
    yield made
    await made.library.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    return made


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# -- the app -----------------------------------------------------------------------------------------------------------

SETTINGS = "default_provider: demo\nproviders:\n  demo: {kind: demo, extra_body: {tokens_per_second: 0}}\n"


@dataclass
class Desk(Opened):
    """The app on a real workspace with the carried service and its demo model."""

    workspace: Workspace  # type: ignore[assignment]

    @property
    def main(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    async def sees(self, *texts: str) -> None:
        """Wait until all of them stand on the screen."""

        def look() -> bool:
            shown = self.text()
            return all(text in shown for text in texts)

        try:
            await self.until(look)
        except AssertionError:
            raise AssertionError(f"{texts} are not all on the screen:\n{self.text()}") from None

    async def field(self, screen: str) -> Input:
        """The field of a dialog, once keys go there: a screen is there before its focus is."""
        await self.until(lambda: type(self.app.screen).__name__ == screen and isinstance(self.app.focused, Input))
        assert isinstance(self.app.focused, Input)
        return self.app.focused

    async def closed(self, screen: str) -> None:
        """Until keys go to another screen."""
        await self.until(lambda: type(self.app.screen).__name__ != screen and self.app.screen.is_current)

    async def type(self, text: str) -> None:
        await self.press(*(key_of(sign) for sign in text))

    async def say(self, text: str) -> None:
        """Write it into the message box and send it."""
        self.main.chat.box.focus()
        await self.pilot.pause()
        self.main.chat.box.insert(text)
        await self.press("enter")


def key_of(sign: str) -> str:
    return {" ": "space", "/": "slash", ".": "full_stop", "-": "minus", "_": "underscore"}.get(sign, sign)


OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def open_desk(tmp_path: Path) -> OpenDesk:
    def start(paths: Paths, settings: Callable[[], Settings], key: Any, *_: Any) -> Carried:
        return start_carried(ServiceConfig(paths, settings, key, run_expiry=600.0, max_file_bytes=LIMIT))

    @asynccontextmanager
    async def opened(width: int = 120, height: int = 36, pace: int = 0) -> AsyncIterator[Desk]:
        paths = find_paths(tmp_path / "home")
        paths.make()
        paths.settings_file.write_text(SETTINGS.replace("second: 0", f"second: {pace}"))
        settings = SettingsStore(paths)
        workspace = Workspace(paths, settings, KeyRing({}), server="local", environ={}, start_carried=start)
        clipboard = FakeClipboard()
        app = PlaygroundApp(workspace, paths, settings, copier=Copier(clipboard, lambda sequence: None, {}))
        try:
            async with app.run_test(size=(width, height), notifications=True) as pilot:
                desk = Desk(app, pilot, workspace, clipboard)
                await desk.until(lambda: workspace.connection.value.phase == "ready")
                yield desk
        finally:
            await workspace.close()

    return opened

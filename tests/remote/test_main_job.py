"""The main job through the real app, on loopback: create an assistant, write instructions, send, see the reply, change
the temperature, see "saved", quit, start again, and find everything. The same for every kind of endpoint and server."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest
from textual import events

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import Paths, find_paths
from playground_tui.tui.clipboard import Copier
from playground_tui.tui.config import ConfigPane
from playground_tui.tui.playground import PlaygroundApp
from playground_tui.workspace.carried import StartCarried, start_carried_service
from playground_tui.workspace.workspace import Workspace
from tests.support.endpoint import ScriptedEndpoint
from tests.support.remote_server import Dialect, RemoteServer
from tests.tui.conftest import FakeClipboard, Opened

KEY = "loopback-key-0123456789"
LACKING = Dialect(lacks=("POST .*/cancel", "GET .*/steps", "GET /threads", "GET .*/events"), pages=False)


class Place:
    """A home and where its app talks to."""

    def __init__(self, folder: Path) -> None:
        self.paths: Paths = find_paths(folder / "home")
        self.paths.make()
        self.server = "local"
        self.model = ""
        self.environ: dict[str, str] = {"MY_KEY": KEY}
        self.start_carried: StartCarried = start_carried_service

    def settings(self, text: str) -> None:
        self.paths.settings_file.write_text(f"autosave_delay: 0.2\n{text}")

    @asynccontextmanager
    async def app(self, width: int = 120, height: int = 36) -> AsyncIterator[Shown]:
        settings, keys = SettingsStore(self.paths), KeyRing(self.environ)
        workspace = Workspace(
            self.paths, settings, keys, server=self.server, environ=self.environ, start_carried=self.start_carried
        )
        clipboard = FakeClipboard()
        app = PlaygroundApp(workspace, self.paths, settings, copier=Copier(clipboard, lambda sequence: None, {}))
        try:
            async with app.run_test(size=(width, height), notifications=True) as pilot:
                shown = Shown(app, pilot, workspace, clipboard)  # type: ignore[arg-type]
                await shown.until(lambda: app._is_loaded)
                await pilot.pause()
                yield shown
        finally:
            await workspace.close()


class Shown(Opened):
    async def write(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()

    async def focus_field(self, field: str) -> None:
        self.app.screen.query_one(ConfigPane).focus_field(field)
        await self.pilot.pause()
        await self.pilot.pause()


@contextmanager
def demo(place: Place) -> Iterator[None]:
    place.model = "demo/demo-fast"
    place.settings("default_provider: demo\n")
    yield


def endpoint(kind: str) -> Callable[[Place], AbstractContextManager[None]]:
    @contextmanager
    def opened(place: Place) -> Iterator[None]:
        with ScriptedEndpoint() as scripted:
            scripted.key = KEY
            place.model = "mine/scripted-model"
            entry = f"{{kind: {kind}, base_url: '{scripted.base_url}', key: 'env:MY_KEY'}}"
            place.settings(f"default_provider: mine\nproviders:\n  mine: {entry}\n")
            yield
            assert {post.path for post in scripted.posts} == {
                "/v1/chat/completions" if kind == "chat" else "/v1/responses"
            }

    return opened


def remote_settings(place: Place, base_url: str) -> None:
    place.server, place.model = "remote", "demo/demo-fast"
    place.settings(f"servers:\n  remote: {{base_url: '{base_url}', key: 'env:MY_KEY'}}\n")


@contextmanager
def served(place: Place, more: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Our own `serve`, as a process; `more` goes into its environment."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_")} | dict(more)
    environ |= {"PLAYGROUND_TUI_HOME": str(place.paths.data.parent / "served"), "PLAYGROUND_TUI_API_KEY": KEY}
    command = [sys.executable, "-m", "playground_tui", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        base_url = process.stdout.readline().strip()
        assert base_url.startswith("http://127.0.0.1:")
        remote_settings(place, base_url)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        assert process.wait(30) == 0


@contextmanager
def lacking(place: Place) -> Iterator[None]:
    with RemoteServer(place.paths.data.parent / "remote", LACKING, key=KEY) as server:
        remote_settings(place, server.base_url)
        yield


PLACES = [
    pytest.param(demo, id="demo"),
    pytest.param(endpoint("chat"), id="chat"),
    pytest.param(endpoint("responses"), id="responses", marks=pytest.mark.slow),
    pytest.param(served, id="serve", marks=[pytest.mark.process, pytest.mark.slow]),
    pytest.param(lacking, id="lacks cancel, steps and paging", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("where", PLACES)
async def test_the_main_job(tmp_path: Path, where: Callable[[Place], AbstractContextManager[None]]) -> None:
    place = Place(tmp_path)
    with where(place):
        async with place.app() as shown:
            await _make(shown, place.model)
            reply = await _talk(shown)
            await shown.focus_field("temperature")
            await shown.press("right", "right")
            await shown.until(lambda: "● saved" in shown.text().split("\n")[0])
            temperature = shown.workspace.editor.draft.value.values["temperature"]
            assert shown.workspace.editor.draft.value.base["temperature"] == temperature  # type: ignore[attr-defined]
            await shown.press("f6", "f6")
            shown.app.screen.query_one("#message").focus()
            await shown.press(*"and")
            await shown.press("ctrl+q")
            await shown.until(lambda: not shown.app.is_running)
        async with place.app() as shown:
            draft = shown.workspace.editor.draft.value
            assert draft.values["name"] == "Loop"
            assert "Answer like a pirate." in draft.values["instructions"]
            assert draft.values["temperature"] == temperature
            await shown.until(lambda: "● saved" in shown.text().split("\n")[0])
            await shown.until(lambda: "Ahoy there" in shown.text() and reply in shown.text())
            assert shown.app.screen.query_one("#message").text == "and"  # type: ignore[attr-defined]
            assert shown.workspace.conversation.value.state.value.failure is None


async def _make(shown: Shown, model: str) -> None:
    await shown.focus_field("name")
    await shown.press("end", "ctrl+u")
    await shown.write("Loop")
    await shown.focus_field("instructions")
    await shown.press("ctrl+end")
    await shown.write("Answer like a pirate.")
    if shown.workspace.editor.draft.value.values.get("model") != model:
        await shown.press("f2")
        await shown.write(model)
        await shown.press("enter")
    await shown.press("ctrl+s")
    await shown.until(lambda: "● saved" in shown.text().split("\n")[0])
    assert shown.workspace.editor.draft.value.assistant_id


async def _talk(shown: Shown) -> str:
    """A word of the reply."""
    shown.app.screen.query_one("#message").focus()
    await shown.pilot.pause()
    await shown.write("Ahoy there")
    conversation = shown.workspace.conversation.value
    await shown.until(lambda: shown.app.screen.query_one("#message").text == "Ahoy there")  # type: ignore[attr-defined]
    await shown.click("#send")
    await shown.until(lambda: len(conversation.messages) == 2 and conversation.messages[-1].status == "complete")
    words = max(re.findall("[A-Za-z]+", conversation.messages[-1].text), key=len)
    await shown.until(lambda: words in shown.text())
    assert conversation.state.value.failure is None
    return words


async def test_a_retired_server_is_said_in_one_sentence_and_leads_to_the_local_one(tmp_path: Path) -> None:
    """No network: the proxy that the settings name is ours, and answers as OpenAI does."""
    place = Place(tmp_path)
    place.settings("servers:\n  openai: {base_url: 'https://api.openai.com/v1'}\n")
    place.server = "openai"
    import httpx2

    def gone(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, json={"error": {"message": "Invalid URL (GET /v1/assistants)", "code": None}})

    settings = SettingsStore(place.paths)
    workspace = Workspace(
        place.paths,
        settings,
        KeyRing({}),
        server="openai",
        environ={},
        transports=lambda server: httpx2.MockTransport(gone) if server.id == "openai" else None,
    )
    app = PlaygroundApp(workspace, place.paths, settings)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        shown = Shown(app, pilot, workspace, FakeClipboard())  # type: ignore[arg-type]
        await shown.until(lambda: app._is_loaded)
        assert "! openai" in shown.text().split("\n")[0]
        await shown.press("f3")
        await shown.until(lambda: "2026-08-26" in shown.text())
        await shown.press("home", "enter")
        await shown.until(lambda: workspace.connection.value.server == "local")
        await shown.until(lambda: workspace.connection.value.phase == "ready")
    await workspace.close()

"""The Connections screen on a real workspace, a carried service and a scripted endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from textual import events

from playground_tui.tui.connections.screen import ConnectionsScreen
from playground_tui.tui.playground import PlaygroundApp
from tests.connections.conftest import House, MemoryKeyring
from tests.connections.test_provider_probe import obliging
from tests.support.endpoint import ScriptedEndpoint
from tests.tui.conftest import FakeClipboard, Opened


class Shown(Opened):
    async def write(self, text: str) -> None:
        """Into the focused line, in place of what stands there."""
        await self.press("end", "ctrl+u")
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()

    def said(self) -> str:
        """What stands beside the list, in one line."""
        screen = self.app.screen
        return " ".join(str(screen.query_one("#detail").render()).split()) if screen.query("#detail") else ""


KEY = "planted-key-0123456789"
Open = Callable[..., AbstractAsyncContextManager[Shown]]


@pytest.fixture
def open_app(house: House) -> Open:
    @asynccontextmanager
    async def opened(width: int = 120, height: int = 36) -> AsyncIterator[Shown]:
        workspace = house.open()
        app = PlaygroundApp(workspace, house.paths, workspace.settings)
        try:
            async with app.run_test(size=(width, height), notifications=True) as pilot:
                made = Shown(app, pilot, workspace, FakeClipboard())  # type: ignore[arg-type]
                await made.until(lambda: app._is_loaded)
                await pilot.pause()
                yield made
        finally:
            await workspace.close()

    return opened


def configured(house: House, endpoint: ScriptedEndpoint, more: str = "") -> None:
    house.settings(
        f"default_provider: mine\nproviders:\n  mine: {{kind: chat, base_url: '{endpoint.base_url}'{more}}}\n"
        "servers:\n  work: {base_url: 'http://127.0.0.1:9/v1', title: Work}\n"
    )


async def mark(opened: Opened, text: str) -> None:
    """Move to a row by the keyboard."""
    screen = opened.app.screen
    assert isinstance(screen, ConnectionsScreen)
    await opened.press("home")
    for _ in range(20):
        if screen.rows.row is not None and screen.rows.row.text == text:
            return
        await opened.press("down")
    raise AssertionError(f"no row {text}:\n{opened.text()}")


@pytest.mark.parametrize("size", [pytest.param((120, 36), marks=pytest.mark.slow), (80, 24)])
async def test_a_provider_is_added_tested_and_used_by_keys_alone(
    open_app: Open, endpoint: ScriptedEndpoint, size: tuple[int, int]
) -> None:
    endpoint.default = obliging
    async with open_app(*size) as opened:
        await opened.press("f3", "a", *"chat completions", "enter")
        await opened.until(lambda: "New provider" in opened.text())
        await opened.write("mine")
        await opened.press("down", "down", "down")
        await opened.write(endpoint.base_url)
        await opened.press("ctrl+s")
        await opened.until(lambda: "● works" in opened.said())
        assert "scripted-model answers word by word." in opened.said()
        await opened.press("m")
        await opened.until(lambda: "Default model" in opened.text())
        await opened.press(*"scripted", "enter")
        await opened.until(lambda: opened.app.settings.current.provider("mine").default_model == "scripted-model")  # type: ignore[union-attr]
        await opened.press("d")
        await opened.until(lambda: opened.app.settings.current.default_provider == "mine")
        await opened.press("escape")
        rows = opened.workspace.models.listing.value.rows
        assert any(row.id == "mine/scripted-model" for row in rows)


@pytest.mark.slow
async def test_the_same_by_mouse(open_app: Open, endpoint: ScriptedEndpoint) -> None:
    endpoint.default = obliging
    async with open_app() as opened:
        await opened.click_text("local")
        await opened.until(lambda: "Providers:" in opened.text())
        await opened.click_text("a add")
        await opened.click_text("Ollama")
        await opened.click_text("Ollama")
        await opened.until(lambda: "New provider" in opened.text())
        opened.app.screen.query_one("#row-base_url").put(endpoint.base_url)  # type: ignore[attr-defined]
        await opened.click_text("Save and test")
        await opened.until(lambda: "● works" in opened.said())
        await opened.click_text("t test")
        await opened.click_text("f8 remove")
        await opened.click("#remove")
        await opened.until(lambda: opened.app.settings.current.provider("ollama") is None)
        await opened.click_text("esc close")
        await opened.until(lambda: not isinstance(opened.app.screen, ConnectionsScreen))


@pytest.mark.slow
async def test_each_step_says_what_failed(open_app: Open, house: House, endpoint: ScriptedEndpoint) -> None:
    configured(house, endpoint, ", key: 'env:MY_KEY'")
    async with open_app() as opened:
        await opened.press("f3")
        await mark(opened, "mine")
        await opened.press("t")
        await opened.until(lambda: "! key accepted: no" in opened.said())
        assert "MY_KEY is not set" in opened.said()
        await mark(opened, "Work")
        await opened.press("t")
        await opened.until(lambda: "! reachable: no" in opened.said())
        assert "Is it running?" in opened.said()


@pytest.mark.slow
async def test_a_session_key_is_masked_and_counts_at_once(
    open_app: Open, house: House, endpoint: ScriptedEndpoint
) -> None:
    endpoint.key, endpoint.default = KEY, obliging
    configured(house, endpoint, ", key: session")
    async with open_app() as opened:
        await opened.press("f3")
        await mark(opened, "mine")
        await opened.press("k")
        await opened.write(KEY)
        assert "•" * len(KEY) in opened.text()
        assert KEY not in opened.app.export_screenshot()
        await opened.press("enter")
        await opened.until(lambda: "given for this session" in opened.said())
        await opened.press("t")
        await opened.until(lambda: "● works" in opened.said())
        assert KEY not in opened.app.export_screenshot()
        await opened.press("k")
        await opened.click_text("Forget it")
        await opened.until(lambda: "not given yet" in opened.said())


async def test_a_key_goes_into_the_keyring_on_request(
    open_app: Open, house: House, endpoint: ScriptedEndpoint, system_keyring: MemoryKeyring
) -> None:
    configured(house, endpoint)
    async with open_app(80, 24) as opened:
        await opened.press("f3")
        await mark(opened, "mine")
        system_keyring.locked = True
        await opened.press("k")
        await opened.write(KEY)
        await opened.click_text("Into the keyring")
        await opened.until(lambda: "did not take the key" in opened.text())
        system_keyring.locked = False
        await opened.write(KEY)
        await opened.click_text("Into the keyring")
        await opened.until(lambda: "keyring entry mine" in opened.said())
        assert list(system_keyring.kept.values()) == [KEY]


@pytest.mark.slow
async def test_a_key_pasted_into_the_form_is_hidden_and_refused(
    open_app: Open, house: House, endpoint: ScriptedEndpoint
) -> None:
    configured(house, endpoint)
    async with open_app() as opened:
        await opened.press("f3")
        await mark(opened, "mine")
        await opened.press("enter", "down")
        await opened.write(KEY)
        assert KEY not in opened.text()
        assert "save and press k" in opened.text().replace("\n", " ")
        await opened.press("ctrl+s")
        assert "never the key itself" in opened.text()
        await opened.write("env:MY_KEY")
        await opened.press("ctrl+s")
        await opened.until(lambda: isinstance(opened.app.screen, ConnectionsScreen))
        assert opened.app.settings.current.provider("mine").key == "env:MY_KEY"  # type: ignore[union-attr]


@pytest.mark.slow
async def test_wrong_fields_keep_the_form_open(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("f3", "a", *"azure", "enter")
        await opened.until(lambda: "New provider" in opened.text())
        await opened.press("ctrl+s")
        assert "your own resource" in opened.text()
        await opened.press("escape", "escape")
        assert "azure" not in opened.app.settings.current.default_provider


@pytest.mark.slow
async def test_a_server_is_added_used_and_removed(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("f3", "a", *"other server", "enter")
        await opened.until(lambda: "New server" in opened.text())
        await opened.press("down", "down")
        await opened.write("http://127.0.0.1:9/v1")
        await opened.press("ctrl+s")
        await opened.until(lambda: "! reachable: no" in opened.said())
        await opened.press("enter")
        await opened.until(lambda: "! not reached" in opened.text())
        await opened.press("f8", "r")
        await opened.until(lambda: opened.workspace.connection.value.server == "local")


@pytest.mark.slow
async def test_aliases(open_app: Open) -> None:
    def aliases() -> Any:
        return dict(opened.app.settings.current.aliases)

    async with open_app() as opened:
        await opened.press("f3", "a", *"alias", "enter", *"gpt-4", "enter", "enter")
        assert "Both names are needed" in opened.text()
        await opened.press(*"demo/demo", "enter")
        await opened.until(lambda: aliases() == {"gpt-4": "demo/demo"})
        await mark(opened, "gpt-4")
        await opened.press("enter", "o", "enter", "enter")
        await opened.until(lambda: aliases() == {"gpt-4o": "demo/demo"})
        await mark(opened, "gpt-4o")
        await opened.press("f8", "r")
        await opened.until(lambda: aliases() == {})


@pytest.mark.slow
async def test_problems_of_the_file_stand_there_with_their_lines(open_app: Open, house: House) -> None:
    house.settings("default_provider: demo\nproviders:\n  x: {kind: nonsense}\n")
    async with open_app() as opened:
        await opened.press("f3")
        assert "settings.yaml, line 3" in opened.text()
        house.settings("default_provider: demo\n")
        await opened.press("escape", "f3")
        await opened.until(lambda: "line 3" not in str(opened.app.screen.query_one("#problems").render()))


@pytest.mark.slow
async def test_a_key_error_leads_to_its_provider(open_app: Open, house: House, endpoint: ScriptedEndpoint) -> None:
    endpoint.default = obliging
    configured(house, endpoint, ", key: session, default_model: m")
    async with open_app() as opened:
        await opened.press(*"hello", "enter")
        await opened.until(lambda: "needs a key" in opened.text())
        await opened.click_text("connection")
        screen = opened.app.screen
        assert isinstance(screen, ConnectionsScreen)
        await opened.until(lambda: screen.rows.row is not None and screen.rows.row.text == "mine")
        await opened.press("k")
        await opened.write(KEY)
        await opened.press("enter", "escape")
        await opened.until(lambda: not isinstance(opened.app.screen, ConnectionsScreen))
        await opened.press("enter")
        await opened.until(lambda: "ok then" in opened.text())


@pytest.mark.slow
async def test_settings_changed_outside_change_keys_theme_and_problems(open_app: Open, house: House) -> None:
    async with open_app() as opened:
        keymap = "keymap: {connection.show: alt+k, model.choose: f11, assistants.new: alt+n}"
        house.settings(f"default_provider: demo\ntheme: nord\n{keymap}\nnonsense: 1\n")
        await opened.workspace.connections.take_up()
        await opened.until(lambda: opened.app.theme == "nord")
        await opened.until(lambda: any("line 4" in notice for notice in opened.notices()))
        await opened.until(lambda: "f11 changes it" in opened.text())
        await opened.press("ctrl+o")
        await opened.until(lambda: "alt+n new" in opened.text())
        await opened.press("escape", "alt+k")
        await opened.until(lambda: isinstance(opened.app.screen, ConnectionsScreen))
        await opened.press("escape")
        house.settings("default_provider: demo\n")
        await opened.workspace.connections.take_up()
        await opened.until(lambda: "f2 changes it" in opened.text())
        await opened.press("f3")
        await opened.until(lambda: isinstance(opened.app.screen, ConnectionsScreen))


@pytest.mark.slow
async def test_keys_of_the_screen_follow_the_keymap(open_app: Open, house: House, endpoint: ScriptedEndpoint) -> None:
    endpoint.default = obliging
    house.settings(
        f"default_provider: mine\nproviders:\n  mine: {{kind: chat, base_url: '{endpoint.base_url}'}}\n"
        "keymap: {connections.test: x}\n"
    )
    async with open_app() as opened:
        await opened.press("f3")
        await mark(opened, "mine")
        assert "x test" in opened.text()
        await opened.press("t")
        assert "Not tested yet" in opened.said()
        await opened.press("x")
        await opened.until(lambda: "● works" in opened.said())


@pytest.mark.slow
async def test_a_first_start_with_a_wrong_key_says_so_and_leads_to_the_connections(
    open_app: Open, house: House, endpoint: ScriptedEndpoint
) -> None:
    endpoint.key = KEY
    house.settings("")
    house.environ |= {"OPENAI_API_KEY": "a-wrong-key-000", "OPENAI_BASE_URL": endpoint.base_url}
    sentence = "OpenAI refused the key from the environment variable OPENAI_API_KEY."
    async with open_app() as opened:
        await opened.until(lambda: sentence in " ".join(str(opened.app.screen.query_one("#starters").render()).split()))
        await opened.press("f2")
        await opened.until(lambda: sentence in str(opened.app.screen.query_one("#status").render()))
        await opened.press("f3")
        await opened.until(lambda: isinstance(opened.app.screen, ConnectionsScreen))
        assert opened.app.screen.rows.row.text == "openai"
        await _give_key(opened, "another-wrong-key")
        await opened.until(lambda: "refused the key given for this session" in _status_of_models(opened))
        await _give_key(opened, KEY)
        await opened.press("escape", "f2")
        await opened.until(lambda: "openai/scripted-model" in opened.text())


async def _give_key(opened: Shown, key: str) -> None:
    await opened.press("k")
    await opened.write(key)
    await opened.press("enter")
    await opened.until(lambda: isinstance(opened.app.screen, ConnectionsScreen) and "given for this" in opened.said())


def _status_of_models(opened: Shown) -> str:
    return " ".join(failure.what for failure in opened.workspace.models.listing.value.failures.values())

"""Keys are planted as in `test_planted_keys.py`. Here all that leaves the program when it works is searched: exports,
samples of code, raw requests, copied commands, pictures, and what each command writes."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest

from bench.watched import Watched
from playground_tui.cli.asking import Asking
from playground_tui.cli.root import run
from playground_tui.logs import start_logging
from playground_tui.tui.code_view.screen import CodeScreen
from playground_tui.tui.connections.screen import ConnectionsScreen
from playground_tui.tui.inspector.screen import InspectorScreen
from playground_tui.workspace.connections.values import Entry
from tests.cli.conftest import ROOT
from tests.connections.conftest import MemoryKeyring
from tests.remote.planted import IN_SETTINGS, PLANTED, SAID, arrived, echo, search, write_settings
from tests.remote.test_main_job import Place, Shown
from tests.support.endpoint import ScriptedEndpoint
from tests.support.remote_server import RemoteServer

ENVIRON = {"MY_KEY": PLANTED["env"], "WORK_KEY": PLANTED["server"], "PLAYGROUND_TUI_API_KEY": PLANTED["serve"]}
ALLOWED = {"settings.yaml": IN_SETTINGS}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    made = Place(tmp_path)
    made.environ = ENVIRON
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    before, fake = keyring.get_keyring(), MemoryKeyring()
    fake.kept["playground-tui", "mine"] = PLANTED["keyring"]
    keyring.set_keyring(fake)
    kept = logging.getLogger().level
    yield made
    logging.getLogger().setLevel(kept)
    keyring.set_keyring(before)
    start_logging(tmp_path / "gone.log", str)


@pytest.fixture
def endpoint(place: Place) -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as made:
        write_settings(place, made.base_url)
        yield made


# -- the app -----------------------------------------------------------------------------------------------------------


async def test_nothing_that_the_app_shows_or_copies_has_a_key(place: Place, endpoint: ScriptedEndpoint) -> None:
    seen: list[str] = []
    async with place.app() as shown:
        start_logging(place.paths.log_file, shown.workspace.keys.redact, logging.DEBUG)
        await _type_session_key(shown, "chat-session", seen)
        for provider in ("chat-env", "chat-session", "header", "proxy"):
            await _ask(shown, provider)
            if provider in ("header", "proxy"):
                await _show_code(shown, seen)
        await _inspect(shown, seen)
        keys = [PLANTED[name] for name in ("env", "session", "header", "query")]
        assert [key for key in keys if key not in arrived(endpoint)] == []
        assert "proxy-authorization" in arrived(endpoint)
    search(place.paths.data, seen, ALLOWED)


async def test_the_requests_to_a_server_are_shown_without_its_key(place: Place) -> None:
    seen: list[str] = []
    with RemoteServer(place.paths.data.parent / "remote", key=PLANTED["server"]) as server:
        extra = f"headers: {{x-team-token: {PLANTED['header']}}}, query: {{api_key: {PLANTED['query']}}}"
        place.settings(f"servers:\n  work: {{base_url: '{server.base_url}', key: 'env:WORK_KEY', {extra}}}\n")
        place.server = "work"
        async with place.app() as shown:
            await _ask(shown, "demo", "demo-fast")
            await _inspect(shown, seen)
            assert "uthorization" in seen[-1]
            assert "api_key" in seen[-1]
    search(place.paths.data, seen, ALLOWED)


async def _type_session_key(shown: Shown, provider: str, seen: list[str]) -> None:
    await shown.press("f3")
    shown.app.screen.refill(Entry("providers", provider))  # type: ignore[attr-defined]
    await shown.press("k")
    await shown.write(PLANTED["session"])
    await _look(shown, seen)
    await shown.press("enter")
    await shown.until(lambda: isinstance(shown.app.screen, ConnectionsScreen))
    await _look(shown, seen)
    await shown.press("escape")


async def _ask(shown: Shown, provider: str, model: str = "m") -> None:
    conversation = shown.workspace.conversation.value
    shown.workspace.editor.edit("model", f"{provider}/{model}")
    await conversation.send("Hello")
    await conversation.wait_idle()
    assert conversation.state.value.failure is None, provider


async def _show_code(shown: Shown, seen: list[str]) -> None:
    await shown.app.screen.run_action("code")
    await shown.until(lambda: isinstance(shown.app.screen, CodeScreen))
    for key in ("l", "t", "l", "t"):
        shown.clipboard.text = ""
        await shown.press(key, "c")
        await shown.until(lambda: shown.clipboard.text)
        seen += [shown.app.screen.text, shown.clipboard.text]  # type: ignore[attr-defined]
    await shown.press("escape")


async def _inspect(shown: Shown, seen: list[str]) -> None:
    await shown.press("shift+f7")
    await shown.until(lambda: isinstance(shown.app.screen, InspectorScreen))
    await shown.press("r")
    await shown.until(lambda: "•••" in shown.text() or "POST" in shown.text())
    await _look(shown, seen)
    for key in ("c", "u"):
        shown.clipboard.text = ""
        await shown.press(key)
        await shown.until(lambda: shown.clipboard.text)
        seen.append(shown.clipboard.text)
    assert "curl" in seen[-1]
    await shown.press("escape")


async def _look(shown: Shown, seen: list[str]) -> None:
    await shown.pilot.pause()
    seen += [shown.text(), shown.app.export_screenshot()]


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_picture_of_the_last_screen_has_no_key(place: Place, endpoint: ScriptedEndpoint) -> None:
    endpoint.default = echo(403)
    environ = {"PLAYGROUND_TUI_HOME": str(place.paths.data), "TERM": "xterm-256color", "PATH": "/usr/bin:/bin"}
    watched = Watched([sys.executable, "-m", "playground_tui"], environ | ENVIRON, folder=str(ROOT))
    try:
        watched.until("Ask something", "chat-env/m", timeout=60)
        watched.write("hi")
        watched.until("hi", timeout=60)
        watched.write("\r")
        watched.until(SAID[:11], timeout=60)
    finally:
        watched.end()
    picture = place.paths.data / "screen.picture"
    assert SAID[:11] in picture.read_text()
    assert picture.stat().st_mode & 0o777 == 0o600
    search(place.paths.data, [watched.raw.decode("utf-8", "replace")], ALLOWED)


# -- the commands ------------------------------------------------------------------------------------------------------


class Commands:
    def __init__(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        self._home, self._capsys = str(place.paths.data), capsys
        self.seen: list[str] = []

    def __call__(self, *arguments: str, code: int = 0) -> str:
        found = run([*arguments, "--home", self._home, "--debug"])
        out, err = self._capsys.readouterr()
        self.seen += [out, err]
        assert found == code, (arguments, found, out, err)
        return out


@pytest.fixture
def commands(place: Place, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    import signal

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Commands(place, capsys)
    for number, handler in before.items():
        signal.signal(number, handler)


EXPORTS: tuple[tuple[str, ...], ...] = (
    ("export", "Bot"),
    ("export", "Bot", "--format", "json"),
    ("export", "Bot", "--format", "code"),
    ("export", "Bot", "--format", "code", "--target", "chat", "--language", "curl"),
)
ASSISTANTS: tuple[tuple[str, ...], ...] = (
    ("assistants", "list"),
    ("assistants", "list", "--json"),
    ("assistants", "show", "Bot", "--json"),
    ("assistants", "show", "Bot", "--handlers"),
    ("assistants", "edit", "Bot", "--temperature", "0.5", "--json"),
    ("assistants", "versions", "Bot"),
    ("assistants", "diff", "Bot", "--from", "1"),
    ("assistants", "restore", "Bot", "1"),
    ("assistants", "copy", "Bot", "--name", "Other"),
    ("assistants", "delete", "Other", "--yes"),
)


def test_no_export_has_a_key(place: Place, endpoint: ScriptedEndpoint, commands: Commands, tmp_path: Path) -> None:
    """Those of an assistant and of a thread, in each format; code with a provider that has secrets of its own."""
    _make_bot(commands, "header/m")
    thread = json.loads(commands("ask", "Bot", "Hi", "--json"))["thread"]
    for command in EXPORTS:
        commands(*command)
    for form in ("markdown", "json", "jsonl"):
        commands("threads", "export", thread, "--format", form, "-o", str(place.paths.data / f"thread.{form}"))
    commands("pull", str(place.paths.data / "folder"))
    assert PLANTED["header"] in arrived(endpoint)
    search(place.paths.data, commands.seen, ALLOWED)


def _make_bot(commands: Commands, model: str) -> None:
    commands("assistants", "new", "--name", "Bot", "--instructions", "Be kind", "--model", model)


@pytest.mark.slow
def test_a_refused_question_and_the_doctor_show_no_key(
    place: Place, endpoint: ScriptedEndpoint, commands: Commands
) -> None:
    _make_bot(commands, "chat-command/m")
    endpoint.default = endpoint.routes["/models"] = endpoint.routes["/assistants"] = echo(403)
    commands("ask", "Bot", "Hi", code=1)
    assert SAID in commands.seen[-1]
    commands("ask", "Bot", "Hi", "--model", "proxy/m", "--json", code=1)
    commands("assistants", "list", "--server", "work", "--json", code=1)
    assert SAID in commands.seen[-1]
    commands("doctor", code=1)
    assert SAID in commands.seen[-2]
    assert PLANTED["server"] in arrived(endpoint)
    search(place.paths.data, commands.seen, ALLOWED)


@pytest.mark.parametrize("way", ["chat-keyring", "header", "proxy"])
def test_the_traceback_of_a_fault_has_no_key(
    place: Place,
    endpoint: ScriptedEndpoint,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """Whatever a fault may quote: all that was used by then, and all that stands in settings and environment."""
    used = [PLANTED["keyring"]] if way == "chat-keyring" else []
    quoted = " ".join([*used, *ENVIRON.values(), *(PLANTED[name] for name in ("header", "query", "proxy"))])

    async def broken(asking: Any, work: Any) -> int:
        raise RuntimeError(f"it broke with {quoted}")

    _make_bot(commands, f"{way}/m")
    monkeypatch.setattr(Asking, "_end", broken)
    commands("ask", "Bot", "Hi", code=1)
    assert "it broke with •••" in commands.seen[-1]
    assert "Traceback" in commands.seen[-1]
    search(place.paths.data, commands.seen, ALLOWED)


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 403, 500])
def test_no_command_shows_a_key(
    place: Place, endpoint: ScriptedEndpoint, commands: Commands, status: int, tmp_path: Path
) -> None:
    _make_bot(commands, "chat-env/m")
    thread = json.loads(commands("ask", "Bot", "Hi", "--json"))["thread"]
    folder, file = tmp_path / "folder", tmp_path / "bot.json"
    file.write_text(commands("export", "Bot", "--format", "json"))
    endpoint.default = echo(status)
    endpoint.routes |= {path: echo(status) for path in ("/models", "/assistants", "/threads")}
    for command in ASSISTANTS:
        commands(*command)
    for name in ("chat-keyring", "chat-command", "chat-session", "responses-env", "header", "proxy"):
        commands("ask", "Bot", "Hi", "--model", f"{name}/m", code=1)
    commands("threads", "list")
    commands("threads", "show", thread, "--json")
    commands("import", str(file), "--dry-run")
    commands("pull", str(folder))
    commands("push", str(folder), "--json")
    commands("doctor", "--json", code=1)
    for command in (("assistants", "show", "Bot"), ("threads", "list"), ("ask", "Bot", "Hi"), ("pull", str(folder))):
        commands(*command, "--server", "work", code=1)
    commands("threads", "delete", thread, "--yes")
    search(place.paths.data, commands.seen, ALLOWED)

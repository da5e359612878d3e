"""Keys are planted in every place they may come from; endpoints and servers echo them back in every kind of error. Then
every file of the home, the log, the screen's pictures and the command line's output are searched for them."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import keyring
import pytest

from playground_tui.logs import start_logging
from playground_tui.settings.keys import KeyRing
from playground_tui.workspace.connections.values import Entry
from tests.connections.conftest import MemoryKeyring
from tests.remote.planted import IN_SETTINGS, PLANTED, SAID, arrived, echo, search, search_text, write_settings
from tests.remote.test_main_job import Place, Shown
from tests.support.endpoint import ScriptedEndpoint


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    made.environ = {"MY_KEY": PLANTED["env"]}
    before, fake = keyring.get_keyring(), MemoryKeyring()
    fake.kept["playground-tui", "mine"] = PLANTED["keyring"]
    keyring.set_keyring(fake)
    yield made
    keyring.set_keyring(before)
    start_logging(tmp_path / "gone.log", str)


WHOLE = pytest.param(True, id="all", marks=pytest.mark.slow)


@pytest.mark.slow
@pytest.mark.parametrize("whole", [pytest.param(False, id="one of each way"), WHOLE])
async def test_no_error_of_a_provider_leaves_a_key_behind(place: Place, whole: bool) -> None:
    seen: list[str] = []
    with ScriptedEndpoint() as endpoint:
        write_settings(place, endpoint.base_url)
        async with place.app() as shown:
            start_logging(place.paths.log_file, shown.workspace.keys.redact, logging.DEBUG)
            providers = [p.id for p in shown.workspace.settings.current.providers if p.kind != "demo"]
            assert "address" not in providers
            if not whole:
                providers = ["chat-env", "responses-keyring", "chat-command", "responses-session", "header", "proxy"]
            await _give_session_keys(shown)
            for status in (401, 403, 400, 429, 200) if whole else (403,):
                endpoint.default = endpoint.routes["/models"] = echo(status)
                for provider in providers:
                    drawn = status == 403 and (whole or provider in ("chat-env", "proxy"))
                    await _fail(shown, provider, seen, draw=drawn)
            for provider in providers if whole else ("header",):
                endpoint.default = endpoint.routes["/models"] = echo(403)
                await _test(shown, Entry("providers", provider), seen)
                del endpoint.routes["/models"]
                endpoint.default = echo(200)
                await _test(shown, Entry("providers", provider), seen)
        for name in ("env", "keyring", "command", "session", "header", "query"):
            assert PLANTED[name] in arrived(endpoint), f"the key from {name} was never used"
        assert "proxy-authorization" in arrived(endpoint)
    assert any(SAID in text for text in seen), "the endpoint's own words are kept"
    assert place.paths.log_file.read_text()
    search(place.paths.data, seen, allowed={"settings.yaml": IN_SETTINGS})


async def _give_session_keys(shown: Shown) -> None:
    for kind in ("chat", "responses"):
        await shown.workspace.connections.give_session_key(Entry("providers", f"{kind}-session"), PLANTED["session"])


async def _fail(shown: Shown, provider: str, seen: list[str], *, draw: bool) -> None:
    workspace = shown.workspace
    workspace.editor.edit("model", f"{provider}/m")
    conversation = workspace.conversation.value
    await conversation.send("Hello")
    await conversation.wait_idle()
    failure = conversation.state.value.failure
    assert failure is not None, provider

    seen += [repr(failure), repr(workspace.models.listing.value)]
    if draw:
        shown.app.screen.query_one("#failure").unfolded = True  # type: ignore[attr-defined]
        await shown.pilot.pause()
        seen += [shown.app.export_screenshot(), shown.text()]
    await workspace.threads.open(None)


async def _test(shown: Shown, entry: Entry, seen: list[str]) -> None:
    connections = shown.workspace.connections
    connections.test(entry)
    seen.append(repr(await connections.tested(entry)))
    await shown.press("f3")
    screen = shown.app.screen
    screen.refill(entry)  # type: ignore[attr-defined]
    await shown.pilot.pause()
    seen += [shown.text(), shown.app.export_screenshot(), repr(connections.state.value.problems)]
    await shown.press("escape")


@pytest.mark.parametrize("whole", [pytest.param(False, id="one status"), WHOLE])
async def test_no_error_of_a_server_leaves_a_key_behind(place: Place, whole: bool) -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        words = (
            f"{SAID}{request.headers.get('authorization')} {request.headers.get('x-team-token')} {request.url.query}"
        )
        body = {"error": {"message": words, "type": "x", "param": None, "code": None}}
        return httpx2.Response(status, json=body, headers={"x-request-id": "req_1"})

    from playground_tui.settings.file import SettingsStore
    from playground_tui.tui.playground import PlaygroundApp
    from playground_tui.workspace.workspace import Workspace
    from tests.tui.conftest import FakeClipboard

    extra = f"headers: {{x-team-token: {PLANTED['header']}}}, query: {{api_key: {PLANTED['query']}}}"
    place.settings(f"servers:\n  work: {{base_url: 'http://work.test/v1', key: 'env:MY_KEY', {extra}}}\n")
    for status in (401, 403, 400, 404, 409, 429, 500) if whole else (403,):  # noqa: B007  read by `answer`
        store, keys = SettingsStore(place.paths), KeyRing({"MY_KEY": PLANTED["server"]})
        start_logging(place.paths.log_file, keys.redact, logging.DEBUG)
        workspace = Workspace(
            place.paths,
            store,
            keys,
            server="work",
            environ={},
            transports=lambda server: httpx2.MockTransport(answer) if server.id == "work" else None,
        )
        app = PlaygroundApp(workspace, place.paths, store)
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            shown = Shown(app, pilot, workspace, FakeClipboard())  # type: ignore[arg-type]
            await shown.until(lambda app=app: app._is_loaded)
            workspace.editor.edit("model", "m")
            await workspace.editor.save()
            await workspace.conversation.value.send("Hello")
            await workspace.conversation.value.wait_idle()
            await shown.pilot.pause()
            seen += [shown.text(), app.export_screenshot(), repr(workspace.connection.value)]
            seen += [repr(workspace.editor.save_state.value), repr(workspace.conversation.value.state.value)]
            seen += [repr(workspace.assistants.listing.value), repr(workspace.models.listing.value)]
            await _test(shown, Entry("servers", "work"), seen)
        await workspace.close()
    search(place.paths.data, seen, allowed={"settings.yaml": IN_SETTINGS})


@pytest.mark.process
@pytest.mark.parametrize(
    "way",
    ["environment", pytest.param("option", marks=pytest.mark.slow), pytest.param("stored", marks=pytest.mark.slow)],
)
def test_serve_shows_no_key(tmp_path: Path, way: str) -> None:
    """Neither its own nor the providers'. One that it makes stands in its own file alone, for the person only."""
    place, key = Place(tmp_path), PLANTED["serve"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_")}
    environ |= {"PLAYGROUND_TUI_HOME": str(place.paths.data), "MY_KEY": PLANTED["env"]}
    environ |= {"PLAYGROUND_TUI_API_KEY": key} if way == "environment" else {}
    if way == "stored":
        place.paths.serve_key_file.write_text(key)
    with ScriptedEndpoint(default=echo(403)) as endpoint:
        entry = f"{{kind: chat, base_url: '{endpoint.base_url}', key: 'env:MY_KEY'}}"
        place.settings(f"default_provider: mine\nproviders:\n  mine: {entry}\n")
        program = [sys.executable, "-m", "playground_tui", "serve", "--port", "0", "--debug"]
        program += ["--api-key", key] if way == "option" else []
        process = subprocess.Popen(program, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        seen = [base_url, *_talk(base_url, key)]
        process.send_signal(signal.SIGINT)
        seen += process.communicate(timeout=60)
    assert SAID in "".join(seen)
    search(place.paths.data, seen, allowed={"serve.key": ("serve",)} if way == "stored" else {})


def _talk(base_url: str, served: str) -> list[str]:
    seen = []
    with httpx2.Client(base_url=base_url) as client:
        for key in (served, "a wrong key", PLANTED["env"]):
            seen.append(client.get("/models", headers={"Authorization": f"Bearer {key}"}).text)
        headers = {"Authorization": f"Bearer {served}", "OpenAI-Beta": "assistants=v2"}
        assistant = client.post("/assistants", headers=headers, json={"model": "mine/m"}).json()
        body = {"assistant_id": assistant["id"], "thread": {"messages": [{"role": "user", "content": "Hi"}]}}
        with client.stream("POST", "/threads/runs", headers=headers, json={**body, "stream": True}) as answer:
            seen.append("".join(answer.iter_text()))
    return seen


def test_references_and_settings_never_show_a_key() -> None:
    ring = KeyRing({"MY_KEY": PLANTED["env"]})
    ring.set_session("mine", PLANTED["session"])
    ring.resolve("env:MY_KEY")
    search_text("the key ring", f"{ring!r} {ring.note('env:MY_KEY')}")
    assert PLANTED["env"] not in ring.redact(f"a {PLANTED['env']} b")
    assert PLANTED["session"] not in ring.redact(f"a {PLANTED['session']} b")

"""Keys are planted in every place they may come from; endpoints and servers echo them back in every kind of error. Then
every file of the home, the log, the screen's pictures and the command line's output are searched for them."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import keyring
import pytest

from playground_tui.logs import start_logging
from playground_tui.settings.keys import KeyRing
from playground_tui.workspace.connections.values import Entry
from tests.connections.conftest import MemoryKeyring
from tests.remote.test_main_job import Place, Shown
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Wire, refusal, stream

PLANTED = {
    "env": "plantedenv0123456789abcdef",
    "keyring": "plantedring0123456789abcdef",
    "command": "plantedcommand0123456789abcdef",
    "session": "plantedsession0123456789abcdef",
    "header": "plantedheader0123456789abcdef",
    "query": "plantedquery0123456789abcdef",
    "server": "plantedserver0123456789abcdef",
    "address": "plantedaddress0123456789abcdef",
}
SAID = "Rate, quota, key: "


def echo(status: int) -> Any:
    """An endpoint that repeats everything secret that came with the request."""

    def answer(call: Call) -> Wire:
        secrets = f"{call.headers.get('authorization')} {call.headers.get('x-team-token')} {call.query}"
        if status == 200:
            return stream({"error": {"message": f"{SAID}{secrets}", "code": "server_error"}})
        return refusal(status, f"{SAID}{secrets}", param="temperature", headers={"retry-after": "0"})

    return answer


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


def write_settings(place: Place, base_url: str) -> None:
    secret = place.paths.data.parent / "secret.txt"
    secret.write_text(PLANTED["command"])
    refs = {"env": "env:MY_KEY", "keyring": "keyring:mine", "command": f"command:cat {secret}", "session": "session"}
    lines = ["default_provider: env", "providers:"]
    for kind in ("chat", "responses"):
        for name, ref in refs.items():
            lines.append(f"  {kind}-{name}: {{kind: {kind}, base_url: '{base_url}', key: '{ref}', default_model: m}}")
    extra = f"headers: {{x-team-token: {PLANTED['header']}}}, query: {{api_key: {PLANTED['query']}}}"
    lines.append(f"  header: {{kind: chat, base_url: '{base_url}', default_model: m, {extra}}}")
    lines.append(f"  address: {{kind: chat, base_url: 'http://me:{PLANTED['address']}@127.0.0.1/v1'}}")
    place.settings("\n".join(lines) + "\n")


async def test_no_error_of_a_provider_leaves_a_key_behind(place: Place) -> None:
    seen: list[str] = []
    with ScriptedEndpoint() as endpoint:
        write_settings(place, endpoint.base_url)
        async with place.app() as shown:
            start_logging(place.paths.log_file, shown.workspace.keys.redact, logging.DEBUG)
            providers = [p.id for p in shown.workspace.settings.current.providers if p.kind != "demo"]
            assert "address" not in providers
            await _give_session_keys(shown)
            for status in (401, 403, 400, 429, 200):
                endpoint.default = endpoint.routes["/models"] = echo(status)
                for provider in providers:
                    await _fail(shown, provider, seen, draw=status == 403)
            for provider in providers:
                endpoint.default = endpoint.routes["/models"] = echo(403)
                await _test(shown, Entry("providers", provider), seen)
                del endpoint.routes["/models"]
                endpoint.default = echo(200)
                await _test(shown, Entry("providers", provider), seen)
        arrived = " ".join(f"{call.headers} {call.query}" for call in endpoint.calls)
        for name in ("env", "keyring", "command", "session", "header", "query"):
            assert PLANTED[name] in arrived, f"the key from {name} was never used"
    assert any(SAID in text for text in seen), "the endpoint's own words are kept"
    assert place.paths.log_file.read_text()
    _search(place.paths.data, seen, allowed={"settings.yaml": ("header", "query", "address")})


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


async def test_no_error_of_a_server_leaves_a_key_behind(place: Place) -> None:
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
    for status in (401, 403, 400, 404, 409, 429, 500):  # noqa: B007  read by `answer`
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
    _search(place.paths.data, seen, allowed={"settings.yaml": ("header", "query")})


@pytest.mark.process
def test_serve_and_commands_print_no_key(tmp_path: Path) -> None:
    home, served = tmp_path / "home", PLANTED["server"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_")}
    environ |= {"PLAYGROUND_TUI_HOME": str(home), "PLAYGROUND_TUI_API_KEY": served, "MY_KEY": PLANTED["env"]}
    with ScriptedEndpoint(default=echo(403)) as endpoint:
        place = Place(tmp_path)
        place.settings(
            "default_provider: mine\nproviders:\n"
            f"  mine: {{kind: chat, base_url: '{endpoint.base_url}', key: 'env:MY_KEY'}}\n"
        )
        program = [sys.executable, "-m", "playground_tui"]
        process = subprocess.Popen(
            [*program, "serve", "--port", "0"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        seen = [base_url]
        with httpx2.Client(base_url=base_url) as client:
            for key in (served, "a wrong key", PLANTED["env"]):
                headers = {"Authorization": f"Bearer {key}"}
                seen.append(client.get("/models", headers=headers).text)
            headers = {"Authorization": f"Bearer {served}", "OpenAI-Beta": "assistants=v2"}
            assistant = client.post("/assistants", headers=headers, json={"model": "mine/m"}).json()
            body = {"assistant_id": assistant["id"], "thread": {"messages": [{"role": "user", "content": "Hi"}]}}
            with client.stream("POST", "/threads/runs", headers=headers, json={**body, "stream": True}) as answer:
                seen.append("".join(answer.iter_text()))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        seen += [out, err]
        assert SAID in "".join(seen)
        for command in ("assistants list --json", "assistants show nothing", "--model x assistants list"):
            done = subprocess.run(
                [*program, *shlex.split(command)], env=environ, capture_output=True, text=True, timeout=60, check=False
            )
            seen += [done.stdout, done.stderr]
    _search(home, seen, allowed={})


def test_references_and_settings_never_show_a_key() -> None:
    ring = KeyRing({"MY_KEY": PLANTED["env"]})
    ring.set_session("mine", PLANTED["session"])
    ring.resolve("env:MY_KEY")
    _search_text("the key ring", f"{ring!r} {ring.note('env:MY_KEY')}")
    assert PLANTED["env"] not in ring.redact(f"a {PLANTED['env']} b")
    assert PLANTED["session"] not in ring.redact(f"a {PLANTED['session']} b")


def _search(folder: Path, seen: list[str], allowed: dict[str, tuple[str, ...]]) -> None:
    for text in seen:
        _search_text("what was shown", text)
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for name, key in PLANTED.items():
                if name not in allowed.get(path.name, ()):
                    assert key.encode() not in content, f"the key from {name} stands in {path}"


def _search_text(where: str, text: str) -> None:
    for name, key in PLANTED.items():
        place = text.find(key)
        assert place < 0, f"the key from {name} stands in {where}: {text[max(0, place - 300) : place + 50]}"

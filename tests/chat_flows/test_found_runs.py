"""A run that outlived the app, on a server that is not its own: found on opening, and offered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from playground_tui.settings.model import Provider, Settings
from tests.chat_flows.conftest import Talk, Talker
from tests.chat_flows.test_steering import answering
from tests.remote.test_main_job import KEY, remote_settings
from tests.support.remote_server import RemoteServer


@pytest.fixture
def remote(place: Talker, tmp_path: Path) -> Iterator[Talker]:
    provider = Provider("mine", "chat", base_url=place.endpoint.base_url, default_model="scripted-model")
    settings = Settings(providers=(provider,), default_provider="mine")
    with RemoteServer(tmp_path / "remote", key=KEY, settings=settings) as server:
        remote_settings(place, server.base_url)
        yield place
        place.let_go()


async def left_behind(shown: Talk) -> None:
    shown.workspace.editor.edit("model", "mine/scripted-model")
    await shown.say("go")
    await answering(shown)
    await shown.press("ctrl+q")
    await shown.sees("Leave ends the app; the server")
    await shown.press("l")
    await shown.until(lambda: not shown.app.is_running)


@pytest.mark.slow
async def test_a_run_that_goes_on_there_is_resumed(remote: Talker) -> None:
    hold = remote.queue_held()
    async with remote.talk() as shown:
        await left_behind(shown)
    async with remote.talk() as shown:
        await shown.sees("◌ A run goes on in this thread.", "shift+f5 Resume", "esc Cancel")
        await shown.say("next")
        await shown.sees("queued 1 · next", "Resume the run or stop it.")
        await shown.press("shift+f5")
        await shown.until(lambda: "A run goes on in this thread." not in shown.text())
        hold.set()
        await shown.sees("Partial and the rest", "Reply to next")
        await shown.idle()
        assert shown.texts == ["go", "Partial and the rest", "next", "Reply to next"]


@pytest.mark.slow
async def test_a_run_that_goes_on_there_is_cancelled(remote: Talker) -> None:
    remote.queue_held()
    async with remote.talk() as shown:
        await left_behind(shown)
    async with remote.talk() as shown:
        await shown.sees("◌ A run goes on in this thread.")
        await shown.press("escape")
        await shown.idle()
        await shown.until(lambda: "A run goes on in this thread." not in shown.text())
        await shown.sees("Partial", "■ Stopped")
        await shown.say("next")
        await shown.sees("Reply to next")

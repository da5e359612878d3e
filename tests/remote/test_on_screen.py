"""What a provider refuses or a server lacks, through the real app by its keys, on loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.remote.test_main_job import LACKING, Place, remote_settings
from tests.support.endpoint import ScriptedEndpoint
from tests.support.remote_server import RemoteServer
from tests.support.replies import Call, Say, Script, refusal

REFUSAL = "Unsupported parameter: 'temperature' is not supported with this model."


def picky(call: Call) -> Script:
    """As reasoning models answer."""
    return refusal(400, REFUSAL, param="temperature") if "temperature" in call.body else Say("Now it works.")


async def test_a_refused_parameter_reaches_its_field_and_is_sent_without(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with ScriptedEndpoint(default=picky) as scripted:
        entry = f"{{kind: chat, base_url: '{scripted.base_url}', default_model: m}}"
        place.settings(f"default_provider: mine\nproviders:\n  mine: {entry}\n")
        async with place.app() as shown:
            await shown.until(lambda: shown.workspace.editor.draft.value.values.get("model") == "mine/m")
            await shown.focus_field("temperature")
            await shown.press("right")
            shown.app.screen.query_one("#message").focus()
            await shown.press(*"hi", "enter")
            await shown.until(lambda: "send without it (shift+f2)" in shown.text())
            assert "temperature" in scripted.posts[-1].body
            assert "Unsupported parameter" in shown.text()
            await shown.press("shift+f2")
            await shown.until(lambda: "Now it works." in shown.text())
            assert "temperature" not in scripted.posts[-1].body
            assert "send without it" not in shown.text()
            assert shown.workspace.conversation.value.state.value.failure is None


@pytest.mark.slow
async def test_stopping_where_a_run_cannot_be_cancelled_says_that_it_goes_on(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with RemoteServer(tmp_path / "remote", LACKING, key=place.environ["MY_KEY"]) as server:
        remote_settings(place, server.base_url)
        async with place.app() as shown:
            shown.workspace.editor.edit("model", "paced/demo")
            await shown.write("/slow 60")
            await shown.click("#send")
            await shown.until(lambda: shown.workspace.conversation.value.state.value.run.run_id)
            await shown.press("escape")
            await shown.until(lambda: "it goes on there" in shown.text())
            await shown.press("ctrl+t")
            await shown.write("/slow 60")
            await shown.click("#send")
            await shown.until(lambda: "esc stop (only here: this server cannot cancel)" in shown.text())
            await shown.press("ctrl+q")
            await shown.until(lambda: "server cannot cancel it." in shown.text())
            assert not shown.app.screen.query("#stop")
            await shown.press("s", "escape")
            assert shown.app.is_running
            await shown.press("ctrl+q", "l")
            await shown.until(lambda: not shown.app.is_running)

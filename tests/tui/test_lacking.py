"""What a server lacks is greyed out, with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground_tui.workspace.values import RunView
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import ANSWERED, ASKED, talk


async def test_stop_is_greyed_out_with_the_reason_and_stops_only_here(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=RunView("answering", "run_1", since=NOON))
    async with open_app() as opened:
        await opened.until(lambda: "esc stop" in opened.text())
        assert "cannot cancel" not in opened.text()
        workspace.connection.set(replace(workspace.connection.value, lacking=frozenset({"cancel"})))
        await opened.until(lambda: "stop (only here: this server cannot cancel)" in opened.text())
        await opened.press("escape")
        assert workspace.calls.of("stop") == [()]


async def test_edit_and_resend_is_off_where_messages_cannot_be_deleted(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, ASKED, ANSWERED)
    workspace.connection.set(replace(workspace.connection.value, lacking=frozenset({"messages.delete"})))
    async with open_app() as opened:
        await opened.app.screen.run_action("edit_last")
        assert opened.app.screen.query_one("#message").text == ""  # type: ignore[attr-defined]
        await opened.until(lambda: any("cannot delete messages" in notice for notice in opened.notices()))


@pytest.mark.slow
async def test_lists_and_palette_give_the_reason(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED)
    lacking = frozenset({"threads.update", "threads.delete"})
    workspace.connection.set(replace(workspace.connection.value, lacking=lacking))
    async with open_app() as opened:
        await opened.press("ctrl+r")
        assert "rename (only here: this server cannot rename)" in opened.text()
        assert "delete (only here: this server cannot delete)" in opened.text()
        await opened.press("escape", "ctrl+p", *"rename thr")
        await opened.until(lambda: "Rename thread  – only here" in opened.text())

"""Slash commands that need no template, the path after /attach, and the thread's menu."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.tui.commands import MAIN
from playground_tui.tui.compose.slash import SLASHES, complete_slash
from playground_tui.tui.screens.main import MainScreen
from playground_tui.tui.threads.menu import LOST, OF_ANY, OF_MADE
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.writing.templates import Template
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import ANSWERED, ASKED, main, talk


def test_every_slash_and_every_entry_is_an_action_of_the_main_screen() -> None:
    known = {command.action for command in MAIN}
    assert {slash.action for slash in SLASHES} <= known
    assert all(hasattr(MainScreen, f"action_{choice.id}") for choice in (*OF_ANY, *OF_MADE, LOST))
    assert len({choice.key for choice in (*OF_ANY, *OF_MADE, LOST)}) == len((*OF_ANY, *OF_MADE, LOST))


def test_slashes_are_offered_only_for_one_word_and_not_beside_a_template() -> None:
    assert [one.label for one in complete_slash("/ren", 4, [])] == ["/rename"]
    assert complete_slash("/ren", 4, ["rename"]) == ()
    assert complete_slash("/new idea", 9, []) == ()
    assert complete_slash("new", 3, []) == ()


async def test_enter_on_a_marked_command_carries_it_out(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await opened.press(*"/ne")
        assert "start another thread" in opened.text()
        await opened.press("enter")
        await opened.until(lambda: workspace.calls.of("open_thread") == [(None,)])
        assert main(opened).chat.box.text == ""
        assert not workspace.calls.of("send")


async def test_a_template_of_the_name_wins(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    workspace.templates.listing.set((Template("new", "A new idea, please."),))
    async with open_app() as opened:
        await opened.press(*"/new", "enter")
        await opened.until(lambda: workspace.calls.of("send") == [("/new",)])
        assert not workspace.calls.of("open_thread")


async def test_what_is_no_command_is_sent(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await opened.press(*"/long", "enter")
        await opened.until(lambda: workspace.calls.of("send") == [("/long",)])


async def test_the_path_after_attach_is_completed(
    open_app: Open, workspace: FakeWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.pdf").write_bytes(b"%PDF-1.4")
    monkeypatch.chdir(tmp_path)
    attached: list[str] = []
    monkeypatch.setattr(MainScreen, "attach_typed", lambda _screen, text: attached.append(text))
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await opened.press(*"/att", "tab")
        assert main(opened).chat.box.text == "/attach "
        await opened.press(*"po")
        await opened.until(lambda: "▸ policy.pdf" in opened.text())
        await opened.press("enter")
        assert main(opened).chat.box.text == "/attach policy.pdf"
        await opened.press("enter")
        await opened.until(lambda: attached == ["policy.pdf"])


@pytest.mark.slow
async def test_the_threads_menu_opens_by_key_and_by_its_sign(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app(80, 24) as opened:
        await opened.press("f10", "i")
        await opened.until(lambda: opened.clipboard.text == "thread_8fk2")
        await opened.click_text("⋯")
        await opened.until(lambda: "Copy as plain text" in opened.text())
        await opened.press("p")
        await opened.until(lambda: opened.clipboard.text.endswith("Support bot:\nThirty days."))
        await opened.press("f10")
        await opened.until(lambda: "Rename" in opened.text())
        await opened.click_text("Rename")
        await opened.until(lambda: "Rename thread" in opened.text())


async def test_a_thread_that_is_not_made_has_nothing_to_rename(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("f10")
        await opened.until(lambda: "Other threads" in opened.text())
        assert "Rename" not in opened.text()


async def test_a_model_that_was_only_tried_is_said_and_another_offered(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    """At the start, above the starters, and when a message could not be sent."""
    workspace.editor.edit("model", "try/echo-1")
    conversation = talk(workspace)
    async with open_app() as opened:
        assert "! try/echo-1 was tried with --base-url and is not there now" in opened.text()
        assert any("try/echo-1 was tried" in notice for notice in opened.notices())
        conversation.become(failure=Failure("invalid", "The model was tried.", field="model"))
        await opened.until(lambda: "Search, or type any name" in opened.text())

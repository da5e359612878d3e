"""Notes of the person stand below their messages."""

from __future__ import annotations

from dataclasses import replace

from playground_tui.workspace.values import Changed, Prepended
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import ANSWERED, ASKED, talk


async def test_a_note_stands_below_its_message_until_it_is_taken_away(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, ANSWERED)
    conversation.notes.texts.set({ANSWERED.id: "check the date"})
    async with open_app() as opened:
        assert "Note: check the date" in opened.text()
        conversation.notes.texts.set({ASKED.id: "a good question"})
        await opened.until(lambda: "Note: a good question" in opened.text())
        assert "check the date" not in opened.text()


async def test_a_note_stays_when_its_message_changes_or_comes_in_later(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    conversation = talk(workspace, ASKED, ANSWERED)
    conversation.notes.texts.set({ANSWERED.id: "check the date", "m0": "the first one"})
    async with open_app() as opened:
        conversation.tell(Changed(ANSWERED.id, replace(ANSWERED, text=f"{ANSWERED.text} Always.")))
        conversation.tell(Prepended((replace(ASKED, id="m0", text="Hello"),)))
        await opened.until(lambda: "Note: the first one" in opened.text() and "Note: check the date" in opened.text())


async def test_a_note_cannot_reach_the_terminal(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, ANSWERED)
    conversation.notes.texts.set({ANSWERED.id: "look\x1b]0;gone\x07 [red]here[/]"})
    async with open_app() as opened:
        assert "Note: look␛]0;gone␇ [red]here[/]" in opened.text()

"""Any message can be chosen, by key and by mouse, and what is done then is done with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground_tui.tui.chat_view.choosing import BAR, MENU
from playground_tui.workspace.differences import compare
from playground_tui.workspace.inspector.values import RunInspection
from playground_tui.workspace.values import Changed, ChatMessage, Removed, ReplyFacts
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import ANSWERED, ASKED, main, talk

FACTS = ReplyFacts("gpt-6", 12, overrides=("temperature",))
FIRST = replace(ANSWERED, run_id="run_1", facts=FACTS, text="Thirty days.\n\n```python\nprint(1)\n```\n")
AGAIN = ChatMessage("m3", "user", "And monthly?", NOON)
LAST = replace(ANSWERED, id="m4", text="Three days.", run_id="run_2")
ALL = (ASKED, FIRST, AGAIN, LAST)


def barred(opened: Opened) -> str:
    """The text beside the bar."""
    return "\n".join(line[1:] for line in opened.text().split("\n") if line.startswith(BAR))


async def test_alt_up_and_down_choose_messages_and_lead_back_to_the_box(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, *ALL)
    async with open_app() as opened:
        assert barred(opened) == ""
        await opened.press("alt+up")
        assert "Three days." in barred(opened)
        await opened.press("alt+up", "alt+up")
        assert "Thirty days." in barred(opened)
        assert "And monthly?" not in barred(opened)
        await opened.press("alt+down", "alt+down")
        assert "Three days." in barred(opened)
        await opened.press("alt+down")
        assert barred(opened) == ""
        assert main(opened).focused is main(opened).chat.box


async def test_up_beyond_the_first_message_stays_there_and_asks_for_older_ones(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, *ALL, has_older=True)
    async with open_app() as opened:
        await opened.press(*["alt+up"] * 6)
        assert main(opened).chat.view.chosen == ASKED.id
        await opened.until(lambda: workspace.calls.of("load_older"))


async def test_a_chosen_message_out_of_sight_is_brought_into_sight(open_app: Open, workspace: FakeWorkspace) -> None:
    many = [replace(ASKED, id=f"u{number}", text=f"Question {number}\n" * 8) for number in range(30)]
    talk(workspace, *many)
    async with open_app(80, 24) as opened:
        await opened.press(*["alt+up"] * 10)
        assert "Question 20" in barred(opened)
        assert not main(opened).chat.view.following


async def test_escape_gives_the_choice_up_and_so_does_sending(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, *ALL)
    async with open_app() as opened:
        await opened.press("alt+up", "escape")
        assert main(opened).chat.view.chosen is None
        await opened.press("alt+up", "h", "i", "enter")
        await opened.until(lambda: workspace.calls.of("send") == [("hi",)])
        assert main(opened).chat.view.chosen is None


async def test_a_click_chooses_and_the_sign_at_the_heading_opens_the_menu(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, *ALL)
    async with open_app() as opened:
        await opened.click_text("And monthly?")
        assert "And monthly?" in barred(opened)
        assert not opened.app.screen.is_modal
        row = opened.place("And monthly?")[1] - 1
        column = opened.text().split("\n")[row].index(MENU.strip())
        await opened.pilot.click(offset=(column, row))
        await opened.until(lambda: "Edit and resend" in opened.text())
        await opened.click_text("Edit and resend")
        await opened.until(lambda: main(opened).chat.box.text == "And monthly?")


async def test_the_second_mouse_button_opens_the_menu_of_any_message(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, *ALL)
    async with open_app() as opened:
        await opened.pilot.click(offset=opened.place("And monthly?"), button=3)
        await opened.until(lambda: "Edit and resend" in opened.text())


async def test_the_menu_opens_from_the_box_for_the_chosen_message(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, *ALL)
    async with open_app() as opened:
        await opened.press("alt+up", "alt+up", "alt+up", "f6", "f7")
        await opened.until(lambda: "Thirty days." in opened.text().split("Regenerate")[0])
        await opened.press("c")
        await opened.until(lambda: opened.clipboard.text == FIRST.text)
        await opened.press("f7", "k")
        await opened.until(lambda: opened.clipboard.text == "print(1)")


async def test_one_of_several_code_blocks_is_chosen_by_digit(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, replace(FIRST, text="```\none\n```\n\nand\n\n```\ntwo\nlines\n```\n"))
    async with open_app() as opened:
        await opened.press("f7", "k")
        await opened.until(lambda: "2 lines" in opened.text())
        await opened.press("2")
        await opened.until(lambda: opened.clipboard.text == "two\nlines")


async def test_an_earlier_reply_is_regenerated_after_asking(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, *ALL)
    async with open_app() as opened:
        await opened.press("alt+up", "alt+up", "alt+up", "f5")
        await opened.until(lambda: "The 3 messages after yours go" in opened.text())
        assert not workspace.calls.of("resend")
        await opened.click_text("Send it")
        await opened.until(lambda: workspace.calls.of("resend") == [(ASKED.id, ASKED.text)])


async def test_the_last_reply_is_regenerated_at_once(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, *ALL)
    async with open_app() as opened:
        await opened.press("alt+up", "f5")
        await opened.until(lambda: workspace.calls.of("regenerate") == [()])


@pytest.mark.slow
async def test_a_reply_tells_version_and_overrides_and_what_changed_since(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, *ALL)
    workspace.inspector.inspection = RunInspection("run_1", "thread_8fk2", "asst_1", version=12)
    workspace.inspector.diffs = compare({"temperature": 1}, {"temperature": 2})
    async with open_app() as opened:
        assert "gpt-6 · version 12 · with temperature" in opened.text()
        await opened.press("alt+up", "alt+up", "alt+up", "f7", "d")
        await opened.until(lambda: "Changes since this reply" in opened.text())
        assert workspace.calls.of("changes_since") == [("run_1", "asst_1")]
        await opened.press("escape")
        await opened.click_text("version 12")
        await opened.until(lambda: "this reply · version 12" in opened.text())


async def test_the_choice_follows_a_message_that_gets_its_id_and_ends_with_one_that_goes(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    conversation = talk(workspace, ASKED, FIRST)
    async with open_app() as opened:
        view = main(opened).chat.view
        await opened.press("alt+up")
        conversation.tell(Changed(FIRST.id, replace(FIRST, id="msg_9")))
        assert view.chosen == "msg_9"
        conversation.tell(Removed("msg_9"))
        assert view.chosen is None

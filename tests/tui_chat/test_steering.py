"""What is done with earlier messages, runs that are found, threads that are gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from playground_tui.tui.chat_view.waiting import waiting_text
from playground_tui.workspace.values import ChatMessage, RunView
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import ANSWERED, ASKED, main, talk

CUT = replace(ANSWERED, status="stopped")


async def on_message(opened: Opened, letter: str) -> None:
    """Enter in the messages, then the letter of the menu."""
    main(opened).chat.view.focus()
    await opened.until(lambda: main(opened).chat.view.has_focus)
    await opened.press("enter")
    await opened.until(lambda: "Copy as Markdown" in opened.text())
    await opened.press(letter)


async def test_a_thread_is_branched_at_the_chosen_message(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await on_message(opened, "b")
        await opened.until(lambda: workspace.calls.of("open_thread"))
        assert workspace.calls.of("branch") == [("thread_8fk2", "m2")]
        assert workspace.calls.of("open_thread") == [("thread_branch",)]


async def test_a_cut_reply_is_continued(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, CUT)
    async with open_app() as opened:
        await on_message(opened, "o")
        await opened.until(lambda: workspace.calls.of("continue") == [()])


async def test_a_whole_reply_is_not_continued(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        await main(opened).run_action("continue_reply")
        await opened.until(lambda: "The last reply is whole; there is nothing to continue." in opened.notices())


async def test_an_earlier_message_is_edited_and_sent_anew(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ChatMessage("m9", "user", "And monthly?", NOON))
    async with open_app() as opened:
        await on_message(opened, "e")
        assert main(opened).chat.box.text == "And monthly?"
        await opened.press("!", "enter")
        await opened.until(lambda: workspace.calls.of("resend"))
        assert workspace.calls.of("resend") == [("m9", "And monthly?!")]


async def test_a_message_is_copied_plain_and_gets_a_note(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, replace(ANSWERED, text="**Thirty** days."))
    async with open_app() as opened:
        await on_message(opened, "p")
        await opened.until(lambda: opened.clipboard.text == "Thirty days.")
        await on_message(opened, "n")
        await opened.press(*"good", "enter")
        await opened.until(lambda: workspace.calls.of("note") == [("m2", "good")])


async def test_a_run_found_on_opening_is_offered_to_resume_or_cancel(open_app: Open, workspace: FakeWorkspace) -> None:
    found = RunView("thinking", "run_1", since=NOON, followed=False)
    talk(workspace, ASKED, run=found)
    async with open_app() as opened:
        assert "A run goes on in this thread" in opened.text()
        await opened.press("shift+f5")
        await opened.until(lambda: workspace.calls.of("resume") == [()])
        await opened.click_text("Cancel")
        await opened.until(lambda: workspace.calls.of("stop") == [()])


async def test_a_thread_that_the_server_lost_is_made_again_with_consent(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, ASKED, ANSWERED, gone=True)
    async with open_app() as opened:
        await opened.click_text("Make it again")
        assert "The server no longer has this thread" in opened.text()
        assert not workspace.calls.of("recreate")
        await opened.press("m")
        await opened.until(lambda: workspace.calls.of("recreate") == [("thread_8fk2",)])


def test_the_next_try_and_the_giving_up_are_counted_down() -> None:
    wait = RunView("retrying", what="rate limit, next try in 20 s", retry_at=NOON + timedelta(seconds=20))
    assert waiting_text(wait, NOON + timedelta(seconds=8)) == "… Trying again in 12 s · rate limit"
    silent = RunView("thinking", since=NOON, gives_up_at=NOON + timedelta(seconds=60))
    assert "nothing heard, given up in 30 s" in waiting_text(silent, NOON + timedelta(seconds=30))

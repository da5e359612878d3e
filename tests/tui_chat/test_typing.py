"""Keys while the messages have the focus."""

from __future__ import annotations

from textual import events

from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import ANSWERED, ASKED, main, talk


async def test_what_is_typed_over_the_messages_goes_into_the_box(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        main(opened).chat.view.focus()
        await opened.until(lambda: main(opened).chat.view.has_focus)
        await opened.press(*"no N")
        assert main(opened).chat.box.text == "no N"
        assert main(opened).focused is main(opened).chat.box


async def test_n_goes_to_the_next_hit_while_something_is_searched(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        view = main(opened).chat.view
        view.focus()
        await opened.until(lambda: view.has_focus)
        view.find("refund")
        await opened.press("n", "N")
        assert view.has_focus
        assert main(opened).chat.box.text == ""
        await opened.press("x")
        assert main(opened).chat.box.text == "x"


async def test_keys_of_the_messages_stay_there(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        view = main(opened).chat.view
        view.focus()
        await opened.until(lambda: view.has_focus)
        await opened.press("pageup", "home", "right", "down")
        assert view.has_focus


async def test_a_paste_over_the_messages_goes_into_the_box(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        view = main(opened).chat.view
        view.focus()
        await opened.until(lambda: view.has_focus)
        opened.app.post_message(events.Paste("two\nlines"))
        await opened.until(lambda: main(opened).chat.box.text == "two\nlines")

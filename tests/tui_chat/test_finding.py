"""Find in the open thread: by keys and by mouse, for as long as its line is open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from playground_tui.tui.widgets.find_bar import FindBar
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import ANSWERED, ASKED, main, talk

MANY = [
    replace(ASKED, id=f"m{n}", text=f"Message {n} says {'apple' if n % 10 == 0 else 'pear'}\n" * 6) for n in range(40)
]


def shows(opened: Opened, number: int) -> bool:
    return f"Message {number} says apple" in opened.text()


async def look_for(opened: Opened, text: str) -> None:
    await opened.press("f9")
    await opened.until(lambda: isinstance(opened.app.focused, Input))
    await opened.press(*text, "enter")


async def test_enter_goes_upwards_and_down_comes_back(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, *MANY)
    async with open_app(100, 30) as opened:
        await look_for(opened, "apple")
        await opened.until(lambda: "in 4 messages" in opened.text() and shows(opened, 30))
        await opened.press(*["enter"] * 6)
        assert shows(opened, 20)
        await opened.press(*["down"] * 6)
        assert shows(opened, 30)
        await opened.press(*["down"] * 6)
        assert "no more below" in opened.text()


@pytest.mark.slow
async def test_escape_ends_the_search_so_that_letters_are_written_again(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, *MANY)
    async with open_app() as opened:
        await look_for(opened, "apple")
        await opened.press("escape")
        assert not main(opened).chat.view.searching
        assert not opened.app.screen.query(FindBar)
        await opened.press("n")
        assert main(opened).chat.box.text == "n"


@pytest.mark.slow
async def test_n_goes_on_from_the_messages_and_escape_there_ends_it_too(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, *MANY)
    async with open_app(100, 30) as opened:
        await look_for(opened, "apple")
        main(opened).chat.view.focus()
        await opened.until(lambda: main(opened).chat.view.has_focus)
        await opened.press(*["N"] * 6)
        assert shows(opened, 20)
        await opened.press("escape")
        await opened.until(lambda: not opened.app.screen.query(FindBar))
        assert not main(opened).chat.view.searching


async def test_it_is_said_when_nothing_is_found_and_what_was_not_searched(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, ASKED, ANSWERED, has_older=True)
    async with open_app() as opened:
        await look_for(opened, "quince")
        await opened.until(lambda: "not found, older ones not loaded" in opened.text())
        workspace.calls.clear()
        await opened.press("enter")
        await opened.until(lambda: "loading older ones" in opened.text())
        await opened.until(lambda: workspace.calls.of("load_older"))


@pytest.mark.slow
async def test_the_arrows_and_the_cross_work_by_mouse(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, *MANY)
    async with open_app(100, 30) as opened:
        await look_for(opened, "apple")
        for _ in range(6):
            await opened.click("#older")
        assert shows(opened, 20)
        await opened.click("#end")
        await opened.until(lambda: not opened.app.screen.query(FindBar))

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from playground_tui.tui.arrangement import DRAWER
from playground_tui.tui.screens.main import MainScreen
from playground_tui.tui.widgets.footer import Footer
from playground_tui.workspace.values import RunView
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import ANSWERED, ASKED, main, talk


async def test_f6_goes_round_the_panes_and_back(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        screen = main(opened)
        await opened.press("f6")
        assert screen.config in screen.focused.ancestors  # type: ignore[union-attr]
        await opened.press("f6")
        assert screen.focused is screen.chat.view
        await opened.press("f6")
        assert screen.focused is screen.chat.box
        await opened.press("shift+f6")
        assert screen.focused is screen.chat.view


async def test_tab_leaves_the_message_box(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("tab")
        assert main(opened).focused is not main(opened).chat.box
        assert main(opened).chat.box.text == ""


async def test_the_drawer_opens_and_keeps_unsent_text(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app(80, 24) as opened:
        screen = main(opened)
        assert not screen.config.display
        await opened.press(*"draft", "ctrl+g")
        assert screen.config.size.width == DRAWER
        assert screen.config in screen.focused.ancestors  # type: ignore[union-attr]
        assert "Thirty days." in opened.text()
        await opened.press("ctrl+g")
        assert not screen.config.display
        assert screen.chat.box.text == "draft"
        assert screen.focused is screen.chat.box


async def test_below_70_columns_the_drawer_takes_the_whole_width(open_app: Open) -> None:
    async with open_app(60, 24) as opened:
        await opened.press("ctrl+g")
        assert main(opened).config.size.width == 60
        await opened.press("escape")
        assert main(opened).chat.size.width == 60


async def test_esc_in_a_fields_editor_closes_the_drawer(open_app: Open) -> None:
    async with open_app(80, 24) as opened:
        await opened.press("ctrl+g", "escape")
        assert not main(opened).config.display


async def test_the_divider_moves_by_keys_and_is_remembered(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("alt+left", "alt+left", "alt+right")
        width = main(opened).config.size.width
        assert width == 52
    async with open_app() as again:
        assert main(again).config.size.width == width


async def test_the_divider_moves_by_mouse_and_is_remembered(open_app: Open) -> None:
    async with open_app() as opened:
        divider = main(opened).divider
        column = divider.region.x
        await opened.pilot.mouse_down(divider, offset=(0, 5))
        await opened.pilot.hover(offset=(column - 10, 10))
        await opened.pilot.mouse_up(offset=(column - 10, 10))
        await opened.pilot.pause()
        assert divider.region.x == column - 10
    async with open_app() as again:
        assert main(again).divider.region.x == column - 10


async def test_the_focused_divider_moves_by_arrows(open_app: Open) -> None:
    async with open_app() as opened:
        divider = main(opened).divider
        column = divider.region.x
        divider.focus()
        await opened.press("left")
        assert divider.region.x == column - 2


async def test_a_wide_configuration_folds_away_and_that_is_remembered(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+g")
        assert not main(opened).config.display
        assert main(opened).chat.size.width == 120
    async with open_app() as again:
        assert not main(again).config.display


async def test_zoom_gives_the_instructions_the_whole_screen_and_back(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("f4")
        screen = main(opened)
        assert screen.config.size.width == 120
        assert screen.zoomed
        await opened.press("escape")
        assert screen.config.size.width == 48
        assert screen.chat.display


async def test_a_resized_terminal_is_arranged_anew(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.pilot.resize_terminal(80, 24)
        await opened.until(lambda: not main(opened).config.display)
        await opened.pilot.resize_terminal(120, 36)
        await opened.until(lambda: main(opened).config.display)


async def test_a_resized_terminal_is_filled(open_app: Open) -> None:
    async with open_app() as opened:
        screen = main(opened)
        footer = screen.query_one(Footer)
        for width, height in ((140, 40), (72, 22), (120, 36)):
            await opened.pilot.resize_terminal(width, height)
            await opened.until(lambda at=(width, height): footer.region.bottom_right == at)  # type: ignore[misc]


async def test_an_edit_in_the_form_reaches_the_draft(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        main(opened).config.focus_field("instructions")
        await opened.pilot.pause()
        await opened.press("end", *"!!")
        await opened.until(lambda: workspace.editor.draft.value.values["instructions"] == "Be kind.!!")


async def quitting(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+q")
        assert "flush_now" in workspace.calls.names()


async def test_quitting_flushes(open_app: Open, workspace: FakeWorkspace) -> None:
    await quitting(open_app, workspace)


async def asked_to_quit(opened: Opened, workspace: FakeWorkspace) -> None:
    await opened.press("ctrl+q")
    assert "A reply is being written." in opened.text()
    assert not isinstance(opened.app.screen, MainScreen)


async def test_quitting_with_a_run_asks_and_esc_stays(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=RunView("answering", "run_1", since=NOON))
    async with open_app() as opened:
        await asked_to_quit(opened, workspace)
        await opened.press("escape")
        assert isinstance(opened.app.screen, MainScreen)
        assert opened.app.is_running


async def test_quitting_with_a_run_can_leave_it(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=RunView("answering", "run_1", since=NOON))
    async with open_app() as opened:
        await asked_to_quit(opened, workspace)
        await opened.press("l")
        await opened.until(lambda: opened.app._exit)


async def test_quitting_with_a_run_can_wait_for_it(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, run=RunView("answering", "run_1", since=NOON))
    async with open_app() as opened:
        await asked_to_quit(opened, workspace)
        await opened.press("w")
        assert not opened.app._exit
        conversation.become(run=RunView())
        await opened.until(lambda: opened.app._exit)


async def test_quitting_with_a_run_can_stop_it(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, run=RunView("answering", "run_1", since=NOON))
    async with open_app() as opened:
        await asked_to_quit(opened, workspace)
        await opened.click_text("Stop it")
        await opened.until(lambda: workspace.calls.of("stop") == [()])
        conversation.become(run=RunView())
        await opened.until(lambda: opened.app._exit)


async def test_keys_that_follow_at_once_go_where_the_focus_goes(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        for key in ("f6", "home", "a", "b", "shift+f6", "x", "ctrl+o", "y", "z"):
            opened.app.simulate_key(key)
        await opened.until(lambda: "Search names" not in opened.text() and "No assistant matches “yz”" in opened.text())
        assert workspace.editor.draft.value.values["instructions"] == "abBe kind."
        assert workspace.conversation.value.state.value.unsent == "x"


@pytest.mark.parametrize("keys", [("f6",), pytest.param(("ctrl+g", "ctrl+g"), marks=pytest.mark.slow), ()])
@pytest.mark.parametrize("size", [(60, 20), pytest.param((120, 8), marks=pytest.mark.slow)])
async def test_what_is_typed_after_resizing_goes_into_a_field_that_is_seen(
    open_app: Open, workspace: FakeWorkspace, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    talk(workspace, ASKED, ANSWERED)
    async with open_app() as opened:
        screen = main(opened)
        await opened.press(*keys)
        for columns, rows in (size, (120, 36)):
            await opened.pilot.resize_terminal(columns, rows)
            await opened.pilot.pause()
            assert screen.focused is not None
            await opened.press("я")
        typed = screen.chat.box.text + str(workspace.editor.draft.value.values.get("instructions") or "")
        assert typed.count("я") == 2


async def test_what_is_typed_while_nothing_has_the_focus_goes_into_the_box(open_app: Open) -> None:
    async with open_app() as opened:
        main(opened).set_focus(None)
        await opened.press("я")
        assert main(opened).chat.box.text == "я"


@pytest.mark.slow
async def test_a_list_that_was_closed_is_not_held_by_requests_it_began(open_app: Open) -> None:
    async with open_app() as opened:
        screen, asked = main(opened), asyncio.Event()
        timers: list[asyncio.TimerHandle] = []

        async def request() -> None:
            timers.append(asyncio.get_running_loop().call_later(600, asked.set))
            timers[0].cancel()

        await opened.press("ctrl+r")
        closed = weakref.ref(opened.app.screen)
        opened.app.screen.call_later(screen.start, request(), "a request")
        await opened.until(lambda: timers)
        await opened.press("escape")
        await opened.until(lambda: opened.app.screen is screen)
        await opened.until(lambda: gc.collect() is not None and closed() is None)

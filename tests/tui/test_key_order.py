"""Keys that come without a pause: all are in the queue before the first of them was looked at."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.screen import Screen

from playground_tui.tui import key_order
from playground_tui.tui.screens.main import MainScreen
from playground_tui.workspace.values import AssistantListing, AssistantRow, ConversationState
from tests.support.fake_workspace import FakeConversation
from tests.tui.conftest import Open, Opened

NAMES = frozenset(("f4", "f6", "f9", "enter", "escape", "tab", "up", "backspace"))


def at_once(opened: Opened, *keys: str) -> None:
    """Words are typed, names of keys are pressed."""
    for key in keys:
        if key in NAMES or "+" in key:
            opened.app.post_message(events.Key(key, None))
            continue
        for letter in key:
            opened.app.post_message(events.Key("space" if letter == " " else letter, letter))


def main(opened: Opened) -> MainScreen:
    screen = opened.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    return screen


def instructions(opened: Opened) -> str:
    return str(opened.workspace.editor.draft.value.values.get("instructions") or "")


async def test_text_right_after_f6_goes_to_the_other_pane_and_back(open_app: Open) -> None:
    async with open_app() as opened:
        before = instructions(opened)
        at_once(opened, "one", "f6", "two", "shift+f6", "three", "f6", "f6", "f6", "four")
        await opened.until(lambda: main(opened).chat.box.text == "onethreefour")
        assert instructions(opened) == f"two{before}"


async def test_text_right_after_the_zoom_and_the_fold_goes_where_they_lead(open_app: Open) -> None:
    async with open_app() as opened:
        before = instructions(opened)
        at_once(opened, "one", "f4", "two", "f4", "three", "ctrl+g", "four", "ctrl+g", "five")
        await opened.until(lambda: main(opened).chat.box.text == "onefour")
        await opened.until(lambda: instructions(opened) == f"twothreefive{before}")


async def test_text_right_after_a_new_thread_waits_until_that_is_open(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as opened:
        opening, workspace = asyncio.Event(), opened.workspace

        async def show(thread_id: str | None) -> None:
            await opening.wait()
            workspace.conversation.set(FakeConversation(workspace.calls, ConversationState(None, "New")))  # type: ignore[arg-type]

        monkeypatch.setattr(workspace.threads, "open", show)
        first = workspace.conversation.value
        at_once(opened, "f6", "ctrl+t", "hello")
        await opened.until(lambda: opened.app.key_order.wait)
        opening.set()
        await opened.until(lambda: main(opened).chat.box.text == "hello")
        assert first.state.value.unsent == ""
        assert "hello" not in instructions(opened)


async def test_a_name_right_after_the_key_of_a_list_is_searched_there_and_enter_chooses_it(open_app: Open) -> None:
    async with open_app() as opened:
        rows = tuple(AssistantRow(f"asst_{name}", name, "demo/demo") for name in ("Coffee", "Tea", "Water"))
        opened.workspace.assistants.listing.set(AssistantListing(rows))
        at_once(opened, "one", "ctrl+o", "Tea", "enter", "two")
        await opened.until(lambda: main(opened).chat.box.text == "onetwo")
        assert opened.workspace.calls.of("open_assistant") == [("asst_Tea",)]


async def test_a_dialog_that_is_left_at_once_gives_the_keys_back(open_app: Open) -> None:
    async with open_app() as opened:
        at_once(opened, "ctrl+o", "nothing", "escape", "one", "ctrl+r", "none", "escape", "two")
        await opened.until(lambda: main(opened).chat.box.text == "onetwo")


async def test_text_right_after_the_key_of_a_search_goes_there_and_after_escape_to_the_box(open_app: Open) -> None:
    async with open_app() as opened:
        at_once(opened, "f9", "gone", "escape", "one")
        await opened.until(lambda: main(opened).chat.box.text == "one")


async def test_text_before_an_action_is_there_when_it_is_done(open_app: Open) -> None:
    async with open_app() as opened:
        at_once(opened, "one", "enter", "two", "ctrl+s", "three")
        await opened.until(lambda: main(opened).chat.box.text == "twothree")
        assert opened.workspace.calls.of("send") == [("one",)]


async def test_a_screen_that_never_comes_lets_the_keys_go_after_a_while(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_order, "PATIENCE", 0.0)
    monkeypatch.setattr(key_order, "LOOK", 0.01)
    async with open_app() as opened:
        opened.app.key_order.close()
        at_once(opened, "one")
        await opened.until(lambda: main(opened).chat.box.text == "one")


async def test_a_mark_that_got_lost_is_sent_again(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_app() as opened:
        monkeypatch.setattr(key_order, "PATIENCE", 1000.0)
        monkeypatch.setattr(Screen, "on_mark", lambda self, mark: lost.append(mark) or mark.stop(), raising=False)
        lost: list[key_order.Mark] = []
        at_once(opened, "f6", "two")
        await opened.until(lambda: lost)
        monkeypatch.undo()
        await opened.until(lambda: instructions(opened).startswith("two"))

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from playground_tui.tui.terminal_driver import driver_over, report_alt_enter
from playground_tui.tui.widgets.message_box import PASTE_GUARD, MessageBox


class Bench(App[None]):
    def __init__(self, keymap: dict[str, str] | None = None, unsent: str = "") -> None:
        super().__init__()
        self.unsent = unsent
        self.now = 100.0
        self.sent: list[str] = []
        self.keys = keymap or {}

    def compose(self) -> ComposeResult:
        yield MessageBox(self.unsent, clock=lambda: self.now)

    def on_mount(self) -> None:
        self.set_keymap(self.keys)

    def on_message_box_send_requested(self, event: MessageBox.SendRequested) -> None:
        self.sent.append(event.text)

    @property
    def box(self) -> MessageBox:
        return self.query_one(MessageBox)


@asynccontextmanager
async def box(keymap: dict[str, str] | None = None) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench(keymap)
    async with app.run_test(size=(60, 20)) as pilot:
        yield app, pilot


async def test_what_is_typed_right_after_enter_is_a_text_of_its_own() -> None:
    async with box() as (app, pilot):
        await pilot.press("h", "i", "enter", "m", "o", "r", "e")
        assert app.sent == ["hi"]
        assert app.box.text == "more"


async def test_a_text_that_cannot_be_sent_comes_back_before_what_was_typed_since() -> None:
    async with box() as (app, pilot):
        await pilot.press("h", "i", "enter")
        app.box.put_back("hi")
        assert app.box.text == "hi"
        await pilot.press("enter", "m", "o", "r", "e")
        app.box.put_back("hi")
        assert app.box.text == "hi\nmore"


async def test_an_empty_box_sends_nothing() -> None:
    async with box() as (app, pilot):
        await pilot.press("enter", "space", "enter")
        assert not any(text.strip() for text in app.sent)


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "alt+enter"])
async def test_new_line_keys_make_a_new_line(key: str) -> None:
    async with box() as (app, pilot):
        await pilot.press("a", key, "b")
        assert app.box.text == "a\nb"
        assert not any(text.strip() for text in app.sent)


async def test_enter_right_after_a_paste_never_sends() -> None:
    async with box() as (app, pilot):
        app.post_message(events.Paste("half a text"))
        await pilot.pause()
        app.now += PASTE_GUARD * 0.9
        await pilot.press("enter")
        assert not any(text.strip() for text in app.sent)
        assert app.box.text == "half a text\n"
        app.now += PASTE_GUARD
        await pilot.press("enter")
        assert app.sent == ["half a text\n"]


async def test_send_and_new_line_can_be_swapped() -> None:
    async with box({"message.send": "ctrl+j", "message.newline": "enter"}) as (app, pilot):
        await pilot.press("a", "enter", "b")
        assert app.box.text == "a\nb"
        await pilot.press("ctrl+j")
        assert app.sent == ["a\nb"]


async def test_the_box_grows_with_its_text_up_to_ten_rows() -> None:
    async with box() as (app, pilot):
        assert app.box.size.height == 1
        await pilot.press("a", "ctrl+j", "b")
        await pilot.pause()
        assert app.box.size.height == 2
        app.box.show_text("x\n" * 40)
        await pilot.pause()
        assert app.box.size.height == 10


async def test_showing_the_same_text_keeps_the_undo_history() -> None:
    async with box() as (app, pilot):
        await pilot.press("a", "b")
        app.box.show_text("ab")
        await pilot.press("ctrl+z")
        assert app.box.text != "ab"


async def test_markup_in_a_text_is_text() -> None:
    async with box() as (app, pilot):
        app.box.show_text("[bold]not[/bold] [link=x]")
        await pilot.press("enter")
        assert app.sent == ["[bold]not[/bold] [link=x]"]


async def test_a_text_kept_from_the_last_time_is_gone_on_with_at_its_end() -> None:
    app = Bench(unsent="kept\ntext")
    async with app.run_test() as pilot:
        app.box.focus()
        await pilot.press("!")
        assert app.box.text == "kept\ntext!"


def test_alt_enter_is_known_without_the_kitty_protocol() -> None:
    """As most terminals send it; enter alone stays what it is."""
    report_alt_enter()
    for sent, keys in (
        ("\x1b\r", ["alt+enter"]),
        ("\r", ["enter"]),
        ("a\x1b\rb", ["a", "alt+enter", "b"]),
    ):
        assert [event.key for event in XTermParser().feed(sent) if isinstance(event, events.Key)] == keys


def test_f3_with_modifiers_is_known_without_the_kitty_protocol() -> None:
    """As xterm, tmux and others send it: it reads like the answer to where the cursor is."""

    class Heard:
        def process_message(self, message: Any) -> None:
            keys.append(message.key)

    keys: list[str] = []
    read: list[None] = []
    driver: Any = object.__new__(driver_over(cast("Any", Heard), lambda _code: None, None, lambda: read.append(None)))
    for sent in ("\x1b[1;2R", "\x1b[1;5R", "\x1b[1;4R", "\x1b[1;2S", "\x1bOR"):
        for token in XTermParser().feed(sent):
            driver.process_message(token)
    assert keys == ["shift+f3", "ctrl+f3", "alt+shift+f3", "shift+f4", "f3"]
    assert len(read) == len(keys)

"""A line above the messages to search them. The search lasts as long as the line is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input

if TYPE_CHECKING:
    from playground_tui.tui.chat_view import ChatView


class FindBar(Horizontal):
    DEFAULT_CSS = """
    FindBar { height: 1; background: $panel; }
    FindBar > Input { width: 1fr; border: none; height: 1; padding: 0 1; background: $panel; }
    FindBar > Input:focus { border: none; }
    FindBar > Static { width: auto; height: 1; padding: 0 1; color: $text-muted; }
    FindBar > TextButton { background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "find(-1)", "upwards"),
        Binding("down", "find(1)", "downwards"),
        Binding("escape", "close", "close"),
    ]

    def __init__(self, view: ChatView, has_older: Callable[[], bool]) -> None:
        """`has_older`: whether there are messages that are not loaded, and so not searched."""
        super().__init__()
        self._view = view
        self._has_older = has_older
        self._asked = ""

    def compose(self) -> ComposeResult:
        yield Input(placeholder="Find in this thread: enter goes upwards")
        yield Static(markup=False)
        for label, name in (("↑", "older"), ("↓", "newer"), ("×", "end")):
            button = TextButton(label, id=name)
            button.can_focus = False
            yield button

    def on_mount(self) -> None:
        self.focus_input()

    def focus_input(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if not event.value.strip():
            self._ask("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_find(-1)

    def action_find(self, step: int) -> None:
        """The first time from what is in sight upwards; then further in that direction."""
        text = self.query_one(Input).value
        if text != self._asked or not self._view.searching:
            self._ask(text)
        elif text.strip() and not self._view.step_hit(step):
            self._say_end(step)

    def _ask(self, text: str) -> None:
        self._asked = text
        count = self._view.find(text)
        found = f"in {count} message{'' if count == 1 else 's'}" if count else "not found"
        self._say(f"{found}{self._not_loaded}" if text.strip() else "")

    @property
    def _not_loaded(self) -> str:
        return ", older ones not loaded" if self._has_older() else ""

    def _say_end(self, step: int) -> None:
        """Going on upwards loads what is older."""
        if step < 0 and self._has_older():
            self._view.action_scroll_home()
            self._say("loading older ones; enter goes on")
        else:
            self._say("no more above" if step < 0 else "no more below")

    def _say(self, words: str) -> None:
        self.query_one(Static).update(words)

    @on(TextButton.Pressed)
    async def _pressed(self, event: TextButton.Pressed) -> None:
        event.stop()
        if event.control.id == "end":
            await self.action_close()
        else:
            self.action_find(-1 if event.control.id == "older" else 1)

    async def action_close(self) -> None:
        self._view.find("")
        self._view.focus()
        await self.remove()

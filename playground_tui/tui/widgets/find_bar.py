"""A line above the messages to search them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

if TYPE_CHECKING:
    from playground_tui.tui.chat_view import ChatView


class FindBar(Horizontal):
    DEFAULT_CSS = """
    FindBar { height: 1; background: $panel; }
    FindBar > Input { border: none; height: 1; padding: 0 1; background: $panel; }
    FindBar > Input:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "close")]

    def __init__(self, view: ChatView) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        yield Input(placeholder="Find in this thread: enter finds the next one")

    def on_mount(self) -> None:
        self.focus_input()

    def focus_input(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _find(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value and not self._view.find(event.value):
            self.app.notify(f"Not found: {event.value}", markup=False)

    async def action_close(self) -> None:
        self._view.focus()
        await self.remove()

"""A text to read over the screen: what a tool was given and what it answered."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.key_words import with_keys
from playground_tui.tui.screens.ask import FRAME
from playground_tui.workspace.values import ToolCallView


class ShowText(ModalScreen[None]):
    DEFAULT_CSS = FRAME.format(name="ShowText") + "ShowText > #frame { width: 90; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "close"),
        Binding("c", "copy", "copy", id="text.copy"),
    ]
    AUTO_FOCUS = "#frame"

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame") as frame:
            frame.border_title = Content(self._title)
            frame.border_subtitle = Content(with_keys(self, "{text.copy:c} copies · esc closes"))
            yield Static(self._text, markup=False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._text.plain)

    def action_leave(self) -> None:
        self.dismiss()


def show_call(call: ToolCallView) -> ShowText:
    output = "nothing yet" if call.output is None else call.output or "an empty text"
    return ShowText(
        call.name or call.kind,
        Content.assemble(
            ("Arguments\n", "$text-muted"), call.arguments or "none", ("\n\nOutput\n", "$text-muted"), output
        ),
    )

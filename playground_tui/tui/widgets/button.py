"""A word one can press: by click, enter or space. Textual's own button draws a box and brings 300 lines of style."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class TextButton(Widget, can_focus=True):
    DEFAULT_CSS = """
    TextButton { width: auto; height: 1; padding: 0 1; background: $panel; color: $foreground; pointer: pointer; }
    TextButton:hover { text-style: underline; }
    TextButton:focus { background: $accent; color: $background; text-style: bold; }
    TextButton:disabled { color: $text-disabled; text-style: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "press", "press")]

    class Pressed(Message):
        def __init__(self, button: TextButton) -> None:
            super().__init__()
            self.button = button

        @property
        def control(self) -> TextButton:
            return self.button

    def __init__(self, label: str, *, id: str | None = None, disabled: bool = False) -> None:
        super().__init__(id=id, disabled=disabled)
        self.label = label

    def render(self) -> Content:
        return Content(self.label)

    def on_click(self) -> None:
        self.action_press()

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))

"""Small questions over the screen: a choice between buttons, a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input

FRAME = """
{name} {{ align: center middle; background: $background 60%; }}
{name} > #frame {{
    width: 64; max-width: 96%; height: auto; max-height: 90%; background: $surface;
    border: round $accent; border-title-color: $foreground; border-title-style: bold; padding: 1 2;
}}
{name} Static {{ height: auto; margin: 0 0 1 0; }}
{name} Horizontal {{ height: 1; }}
{name} TextButton {{ margin: 0 2 0 0; }}
{name} Input {{ border: none; height: 1; padding: 0 1; margin: 0 0 1 0; background: $panel; }}
{name} Input:focus {{ border: none; }}
"""


class Ask(ModalScreen[str | None]):
    """Answers the id of the pressed button, None when left by esc. The last button has the focus: the safe one."""

    DEFAULT_CSS = FRAME.format(name="Ask")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("left,up", "app.focus_previous", "previous", show=False),
        Binding("right,down", "app.focus_next", "next", show=False),
    ]

    def __init__(self, title: str, text: str, buttons: Sequence[tuple[str, str]]) -> None:
        """`buttons`: id and label."""
        super().__init__()
        self._title = title
        self._text = text
        self._buttons = buttons

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._title)
            yield Static(self._text, markup=False)
            with Horizontal():
                for button_id, label in self._buttons:
                    yield TextButton(label, id=button_id)

    def on_mount(self) -> None:
        self.query_one(f"#{self._buttons[-1][0]}").focus()

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        for button_id, label in self._buttons:
            if label[:1].lower() == key:
                self.dismiss(button_id)
                return

    @on(TextButton.Pressed)
    def _pressed(self, event: TextButton.Pressed) -> None:
        self.dismiss(event.button.id)

    def action_leave(self) -> None:
        self.dismiss(None)


class AskText(ModalScreen[str | None]):
    """Answers the text, None when left."""

    DEFAULT_CSS = FRAME.format(name="AskText")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close")]

    def __init__(self, title: str, text: str, *, take: str = "Take it") -> None:
        """`take`: what the button that takes it says."""
        super().__init__()
        self._title = title
        self._text = text
        self._take_label = take

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._title)
            yield Input(self._text)
            with Horizontal():
                yield TextButton(self._take_label, id="take")
                yield TextButton("Leave it", id="keep")

    @on(Input.Submitted)
    @on(TextButton.Pressed, "#take")
    def _take(self) -> None:
        self.dismiss(self.query_one(Input).value.strip())

    @on(TextButton.Pressed, "#keep")
    def action_leave(self) -> None:
        self.dismiss(None)


def confirm_delete(name: str, note: str) -> Ask:
    return Ask("Delete", f"Delete “{name}”? {note}", (("delete", "Delete"), ("keep", "Keep")))

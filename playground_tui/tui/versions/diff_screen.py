"""What differs between two states, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.row import MUTED, padded
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.versions.diff_view import DiffView
from playground_tui.tui.widgets.button import TextButton
from playground_tui.workspace.differences import FieldDiff

FRAME = """
{name} {{ align: center middle; background: $background 60%; }}
{name} > #frame {{
    width: 96%; height: 92%; background: $surface; padding: 0;
    border: round $accent; border-title-color: $foreground; border-title-style: bold;
    border-subtitle-color: $text-muted;
}}
{name} #said {{ height: auto; max-height: 4; padding: 0 1; color: $text-muted; }}
{name} #buttons {{ layout: horizontal; height: 1; padding: 0 1; margin: 1 0 0 0; }}
{name} #buttons TextButton {{ margin: 0 2 0 0; }}
"""


class Sides(Widget):
    """What stands left and what right."""

    DEFAULT_CSS = "Sides { height: 1; padding: 0 2 0 1; }"

    def __init__(self, left: str, right: str) -> None:
        super().__init__()
        self.names = (left, right)

    def show(self, left: str, right: str) -> None:
        self.names = (left, right)
        self.refresh()

    def render(self) -> Content:
        half = self.content_size.width // 2
        left, right = self.names
        return Content.assemble(padded(Content.styled(left, MUTED), half), padded(Content.styled(right, MUTED), half))


class DiffScreen(ModalScreen[str | None]):
    """Answers the id of the pressed button, None when left."""

    DEFAULT_CSS = FRAME.format(name="DiffScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("left", "app.focus_previous", "previous", show=False),
        Binding("right", "app.focus_next", "next", show=False),
        Binding("n", "change(1)", "next change", id="changes.next"),
        Binding("p", "change(-1)", "change before", show=False, id="changes.previous"),
        Binding("down", "line(1)", "line below", show=False),
        Binding("up", "line(-1)", "line above", show=False),
    ]

    def __init__(
        self,
        title: str,
        sides: tuple[str, str],
        diffs: Sequence[FieldDiff],
        buttons: Sequence[tuple[str, str]] = (),
        *,
        said: str = "",
        same: str = "Nothing differs.",
    ) -> None:
        """`buttons`: id and label; the last one is the safe one and has the focus."""
        super().__init__()
        self._title = title
        self._sides = sides
        self._diffs = diffs
        self._buttons = buttons
        self._said = said
        self.view = DiffView(same)

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._title)
            frame.border_subtitle = Content(with_keys(self, "↑ ↓ scroll · {changes.next:n} next change · esc closes"))
            if self._said:
                yield Static(self._said, id="said", markup=False)
            yield Sides(*self._sides)
            yield self.view
            if self._buttons:
                with Widget(id="buttons"):
                    for button_id, label in self._buttons:
                        yield TextButton(label, id=button_id)

    def on_mount(self) -> None:
        self.view.show(self._diffs)
        (self.query_one(f"#{self._buttons[-1][0]}") if self._buttons else self.view).focus()

    def action_change(self, by: int) -> None:
        self.view.action_change(by)

    def action_line(self, by: int) -> None:
        self.view.scroll_relative(y=by, animate=False)

    @on(TextButton.Pressed)
    def _pressed(self, event: TextButton.Pressed) -> None:
        self.dismiss(event.button.id)

    def action_leave(self) -> None:
        self.dismiss(None)

"""The functions' names, one line each; moving along them shows each one's text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.config.exact import visible
from playground_tui.tui.config.row import MUTED


@dataclass(frozen=True, slots=True)
class NameLine:
    name: str
    wrong: bool


class NameList(Widget, can_focus=True):
    DEFAULT_CSS = "NameList { height: auto; padding: 0 1; }"
    BINDINGS = [
        Binding("up", "move(-1)", "Function above", show=False),
        Binding("down", "move(1)", "Function below", show=False),
        Binding("shift+up", "shift(-1)", "Move the function up", show=False, id="functions.up"),
        Binding("shift+down", "shift(1)", "Move the function down", show=False, id="functions.down"),
    ]
    help_line = "shift+↑ and shift+↓ move the function"

    @dataclass
    class Moved(Message):
        names: NameList
        place: int

        @property
        def control(self) -> NameList:
            return self.names

    @dataclass
    class Shifted(Message):
        """The marked function wants to stand one place up (-1) or down (1)."""

        names: NameList
        step: int

        @property
        def control(self) -> NameList:
            return self.names

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[NameLine] = ()
        self.place = 0

    def show(self, lines: Sequence[NameLine], place: int) -> None:
        grown = len(lines) != len(self._lines)
        self._lines, self.place = tuple(lines), place
        self.refresh(layout=grown)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return max(1, len(self._lines))

    def render(self) -> Content:
        return Content("\n").join(self._line(n, line) for n, line in enumerate(self._lines))

    def _line(self, place: int, line: NameLine) -> Content:
        here = place == self.place
        style = "bold $accent" if here and self.has_focus else "bold" if here else MUTED
        sign = "! " if line.wrong else "› " if here else "  "
        text = Content.styled(sign + visible(line.name or "no name yet"), "$text-error" if line.wrong else style)
        return text.truncate(self.content_size.width, ellipsis=True)

    def action_move(self, step: int) -> None:
        place = min(len(self._lines) - 1, max(0, self.place + step))
        if place != self.place:
            self.post_message(self.Moved(self, place))

    def action_shift(self, step: int) -> None:
        self.post_message(self.Shifted(self, step))

    def on_click(self, event: events.Click) -> None:
        place = event.y - self.gutter.top
        if 0 <= place < len(self._lines):
            self.post_message(self.Moved(self, place))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

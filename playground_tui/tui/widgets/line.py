"""One line of spans, each of which may be clicked: header, pane titles, footer and status lines are drawn with it.

A line is one widget, however many spans it has: a mounted widget per word would be paid for at the first frame.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    """Plain text, never markup."""
    style: str = ""
    """A Textual style (`$text-muted`, `bold $accent`); empty: the line's own."""
    action: str = ""
    """What a click does, as in a binding: `screen.assistants`."""

    @property
    def width(self) -> int:
        return Content(self.text).cell_length

    def content(self, hovered: str = "") -> Content:
        content = Content.styled(self.text, self.style) if self.style else Content(self.text)
        if not self.action:
            return content
        if self.action == hovered:
            content = content.stylize("underline")
        return content.stylize(Style.from_meta({"@click": self.action}))


def width_of(spans: Iterable[Span]) -> int:
    """In cells."""
    return sum(span.width for span in spans)


class Line(Widget):
    """Left spans, then `fill`, then right spans; what is too long on the left is cut with an ellipsis."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    fill = " "
    fill_style = ""
    auto_links = False
    _hovered = ""

    def left(self) -> list[Span]:
        return []

    def right(self) -> list[Span]:
        return []

    def render(self) -> Content:
        width = self.content_size.width
        right = self.right()
        room = max(0, width - width_of(right))
        left = Content.assemble(*(span.content(self._hovered) for span in self.left()))
        left = left.truncate(room, ellipsis=True)
        gap = self.fill * max(0, room - left.cell_length)
        middle = Content.styled(gap, self.fill_style) if self.fill_style else Content(gap)
        return Content.assemble(left, middle, *(span.content(self._hovered) for span in right)).truncate(width)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(str(event.style.meta.get("@click", "")))

    def on_leave(self) -> None:
        self._hover("")

    def _hover(self, action: str) -> None:
        if action != self._hovered:
            self._hovered = action
            self.refresh()

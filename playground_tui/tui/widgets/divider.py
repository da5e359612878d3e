"""The line between chat and configuration; it moves by mouse drag and, while focused, by arrow keys."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget


class Divider(Widget, can_focus=True):
    DEFAULT_CSS = """
    Divider { width: 1; height: 1fr; color: $border-blurred; pointer: ew-resize; }
    Divider:hover, Divider:focus, Divider.-dragging { color: $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-2)", "wider configuration"),
        Binding("right", "move(2)", "narrower configuration"),
    ]

    class Moved(Message):
        """The divider shall stand `by` columns further right (negative: left)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Released(Message):
        """The drag ended: the place is worth remembering."""

    def __init__(self) -> None:
        super().__init__(id="divider")
        self.joints: frozenset[int] = frozenset()
        """Rows where a line of the chat column meets this one."""

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return 1

    def render_line(self, y: int) -> Strip:
        sign = "┬" if y == 0 else "┤" if y in self.joints else "│"
        return Strip([Segment(sign, self.rich_style)])

    def show_joints(self, rows: frozenset[int]) -> None:
        if rows != self.joints:
            self.joints = rows
            self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self.add_class("-dragging")
        event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.has_class("-dragging") and (by := event.screen_x - self.region.x):
            self.post_message(self.Moved(int(by)))

    def on_mouse_up(self) -> None:
        if self.has_class("-dragging"):
            self.remove_class("-dragging")
            self.release_mouse()
            self.post_message(self.Released())

    def action_move(self, by: int) -> None:
        self.post_message(self.Moved(by))
        self.post_message(self.Released())

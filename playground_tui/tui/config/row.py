"""One line of the form, drawn by one widget: the label left in the second voice, the value right of it."""

from __future__ import annotations

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from playground_tui.tui.config.control import LABEL_WIDTH, FieldControl
from playground_tui.tui.config.spec import FieldSpec

MUTED = "$foreground 60%"
"""The second voice inside a drawn line; `$text-muted` means plain contrast there, only style sheets fade it."""


def padded(content: Content, width: int) -> Content:
    """Cut or filled to exactly `width` cells."""
    content = content.truncate(max(0, width), ellipsis=True)
    return Content.assemble(content, " " * max(0, width - content.cell_length))


def spread(left: Content, right: Content, width: int) -> Content:
    """`left` and `right` at the two ends of `width` cells; the left one gives way."""
    gap = 1 if right else 0
    return Content.assemble(padded(left, width - right.cell_length - gap), " " * gap, right)


def muted(text: str) -> Content:
    return Content.styled(text, MUTED)


def label_content(label: str, *, focused: bool) -> Content:
    """The label column."""
    return padded(Content.styled(label, "bold $accent" if focused else MUTED), LABEL_WIDTH)


class RowLine(Widget, can_focus=True):
    """A focusable line. Up and down go to the lines around it."""

    DEFAULT_CSS = """
    RowLine { height: 1; padding: 0 1; }
    RowLine:focus { background: $accent 15%; }
    """
    BINDINGS = [
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
    ]

    label = ""
    help_line = ""

    def value_content(self, width: int) -> Content:
        """The right part, `width` cells wide at most."""
        raise NotImplementedError

    def render(self) -> Content:
        width = self.content_size.width
        label = label_content(self.label, focused=self.has_focus)
        return Content.assemble(label, self.value_content(max(0, width - LABEL_WIDTH)))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class Row(FieldControl, RowLine, can_focus=True):
    """A field that is one line."""

    DEFAULT_CSS = """
    Row { height: 1; padding: 0 1; }
    Row:focus { background: $accent 15%; }
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.label = spec.label

"""The parameters of a function, one line each, indented by what holds them; the last line adds one."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from playground_tui.tui.config.exact import visible
from playground_tui.tui.config.row import muted, padded
from playground_tui.workspace.functions.form import FunctionForm, Parameter
from playground_tui.workspace.functions.tree import ParameterLine, Place, lines, shown_choices

TYPE_WORDS = {
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "yes or no",
    "object": "group",
    "array": "list",
    "any": "by schema",
}
"""How the form calls the types of JSON Schema."""
_NAME, _TYPE, _REQUIRED = 20, 14, 10


class ParameterList(Widget, can_focus=True):
    DEFAULT_CSS = "ParameterList { height: auto; padding: 0 1; }"
    BINDINGS = [
        Binding("up", "move(-1)", "Parameter above", show=False),
        Binding("down", "move(1)", "Parameter below", show=False),
        Binding("shift+up", "shift('up')", "Move the parameter up", show=False, id="parameters.up"),
        Binding("shift+down", "shift('down')", "Move the parameter down", show=False, id="parameters.down"),
        Binding("enter", "edit", "Edit", show=False),
        Binding("delete,backspace", "remove", "Remove", show=False),
    ]
    help_line = "Enter edits · Delete removes · shift+↑↓ moves · ctrl+↓ adds inside"

    class Did(Message):
        """`what`: marked, edit, add, remove, up or down; at `place` (None: no parameter)."""

        def __init__(self, what: str, place: Place | None) -> None:
            super().__init__()
            self.what = what
            self.place = place

    def __init__(self) -> None:
        super().__init__(classes="form-parameters")
        self._lines: tuple[ParameterLine, ...] = ()
        self._at = 0

    @property
    def place(self) -> Place | None:
        """The marked parameter; None on the line that adds one."""
        return self._lines[self._at].place if self._at < len(self._lines) else None

    def show(self, form: FunctionForm, place: Place | None) -> None:
        found = lines(form)
        grown = len(found) != len(self._lines)
        self._lines = found
        places = [line.place for line in found]
        self._at = places.index(place) if place in places else min(self._at, len(found))
        self.refresh(layout=grown)
        self.call_after_refresh(self._reveal)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return len(self._lines) + 1

    def render(self) -> Content:
        drawn = [self._line(n, line) for n, line in enumerate(self._lines)]
        return Content("\n").join([*drawn, self._add_line()])

    def _line(self, index: int, line: ParameterLine) -> Content:
        width, here = self.content_size.width, index == self._at
        indent = "  " * line.depth
        shown = line.parameter
        name = "each of them" if line.is_item else visible(shown.name) or "no name yet"
        label = Content.styled(f"{'›' if here else ' '} {indent}{name}", self._style(here))
        kind, required = TYPE_WORDS[shown.type], "required" if shown.required else ""
        first = padded(label, max(12, min(_NAME, width // 3)) + 2)
        rest = (
            [padded(Content(f" {kind}"), _TYPE), padded(muted(required), _REQUIRED)] if width > 44 else [f" {kind}  "]
        )
        note = muted(visible(" ".join(note_of(shown).split())))
        return Content.assemble(first, *rest, note).truncate(width, ellipsis=True)

    def _add_line(self) -> Content:
        here = self._at >= len(self._lines)
        words = "add a parameter" if self._lines else "add the first parameter"
        return Content.styled(f"{'›' if here else ' '} + {words}", self._style(here, "$foreground 60%"))

    def _style(self, here: bool, other: str = "$foreground") -> str:
        return "bold $accent" if here and self.has_focus else "bold" if here else other

    def _mark(self, index: int) -> None:
        self._at = max(0, min(index, len(self._lines)))
        self.refresh()
        self._reveal()
        self.post_message(self.Did("marked", self.place))

    def _reveal(self) -> None:
        if isinstance(self.parent, Widget):
            self.parent.scroll_to_region(Region(0, self.virtual_region.y + self._at, 1, 1), animate=False)

    def action_move(self, step: int) -> None:
        target = self._at + step
        if not 0 <= target <= len(self._lines):
            self.screen.focus_next() if step > 0 else self.screen.focus_previous()
            return
        self._mark(target)

    def action_edit(self) -> None:
        self.post_message(self.Did("edit" if self.place is not None else "add", self.place))

    def action_remove(self) -> None:
        if self.place is not None:
            self.post_message(self.Did("remove", self.place))

    def action_shift(self, way: str) -> None:
        if self.place is not None:
            self.post_message(self.Did(way, self.place))

    def on_click(self, event: events.Click) -> None:
        index = event.y - self.gutter.top
        if 0 <= index <= len(self._lines):
            self._mark(index)
            self.action_edit()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


def note_of(parameter: Parameter) -> str:
    """What the line says behind name and type."""
    words = shown_choices(parameter).replace(", ", " | ")
    null = "or null" if parameter.nullable else ""
    return " · ".join(part for part in (null, words, parameter.description or "") if part)

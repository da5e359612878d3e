"""Search in an editor: every hit counted, the present one selected."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.widgets.text_area import Selection

from playground_tui.tui.config.editor import Editor
from playground_tui.tui.config.text_row import LineInput
from playground_tui.tui.widgets.input import Input

MAX_HITS = 10_000


def find_all(text: str, wanted: str) -> list[tuple[int, int]]:
    """Where `wanted` stands in `text`, whatever its case; at most `MAX_HITS` places."""
    if not wanted:
        return []
    hits = re.finditer(re.escape(wanted), text, re.IGNORECASE)
    return [hit.span() for hit, _ in zip(hits, range(MAX_HITS), strict=False)]


class FindBar(Widget):
    """Enter and Down go to the next hit, Up to the one before, Escape back to the text."""

    DEFAULT_CSS = """
    FindBar { layout: horizontal; height: 1; padding: 0 1; background: $panel; }
    FindBar > .label { width: 6; color: $text-muted; }
    FindBar > .count { width: auto; padding-left: 1; color: $text-muted; }
    """
    BINDINGS = [
        Binding("escape", "close", "Close search"),
        Binding("enter,down", "go(1)", "Next hit"),
        Binding("up", "go(-1)", "Hit before"),
    ]
    help_line = "Enter and ↓ next, ↑ before, Esc back to the text."

    @dataclass
    class Closed(Message):
        bar: FindBar

        @property
        def control(self) -> FindBar:
            return self.bar

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.input = _FindInput(placeholder="in the instructions")
        self._count = Static(classes="count", markup=False)

    def compose(self) -> ComposeResult:
        yield Static("Find", classes="label", markup=False)
        yield self.input
        yield self._count

    def open(self) -> None:
        selected = self._editor.selected_text
        if selected and "\n" not in selected:
            self.input.value = selected
        self.input.focus()

    @on(Input.Changed)
    def _wanted_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._go(0)

    def action_go(self, direction: int) -> None:
        self._go(direction)

    def action_close(self) -> None:
        self.post_message(self.Closed(self))

    def _go(self, direction: int) -> None:
        text = self._editor.text
        hits = find_all(text, self.input.value)
        if not hits:
            self._count.update("none" if self.input.value else "")
            return
        newline = self._editor.document.newline
        starts = line_starts(text, newline)
        here = starts[self._editor.selection.start[0]] + self._editor.selection.start[1]
        place = self._next(hits, here, direction)
        begin, end = hits[place]
        self._editor.selection = Selection(location(starts, begin), location(starts, end))
        self._editor.scroll_cursor_visible(center=True)
        self._count.update(f"{place + 1} of {len(hits)}{'+' if len(hits) == MAX_HITS else ''}")

    @staticmethod
    def _next(hits: list[tuple[int, int]], here: int, direction: int) -> int:
        """The hit at or after the selection (0), after it (1), or before it (-1); around the ends."""
        if direction < 0:
            return next((n for n in range(len(hits) - 1, -1, -1) if hits[n][0] < here), len(hits) - 1)
        return next((n for n, (begin, _) in enumerate(hits) if begin >= here + direction), 0)


class _FindInput(LineInput):
    """Up and down belong to the bar."""

    BINDINGS = [
        Binding("up", "go(-1)", "Hit before", show=False),
        Binding("down,enter", "go(1)", "Next hit", show=False),
    ]

    def action_go(self, direction: int) -> None:
        if isinstance(self.parent, FindBar):
            self.parent.action_go(direction)


def line_starts(text: str, newline: str) -> list[int]:
    starts, place = [0], text.find(newline)
    while place >= 0:
        starts.append(place + len(newline))
        place = text.find(newline, starts[-1])
    return starts


def location(starts: list[int], place: int) -> tuple[int, int]:
    row = bisect_right(starts, place) - 1
    return row, place - starts[row]

"""A number on a track: temperature, top_p. "Not set" is a state of its own, and values between the steps stay."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content

from playground_tui.tui.config.control import LABEL_WIDTH
from playground_tui.tui.config.numbers import nudge, number_words, parse_number, snap
from playground_tui.tui.config.row import muted
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.tui.config.typed_row import TypedRow
from playground_tui.workspace.values import Json

_NUMBER_WIDTH = 9
"""`not set` and two blank columns."""


class SliderRow(TypedRow):
    """Options: `low`, `high`, `step`, `start` (what the first step from "not set" gives)."""

    BINDINGS = [
        Binding("left,minus", "step(-1)", "Less", show=False),
        Binding("right,plus", "step(1)", "More", show=False),
        Binding("home", "edge('low')", "Least", show=False),
        Binding("end", "edge('high')", "Most", show=False),
    ]

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        options: dict[str, Any] = dict(spec.options)
        self.low, self.high, self.step = float(options["low"]), float(options["high"]), float(options["step"])
        self.start = float(options.get("start", self.low))
        self._dragging = False

    def parse(self, text: str) -> Json:
        return parse_number(text)

    def words(self, value: Json) -> str:
        return number_words(value)

    # -- drawing -------------------------------------------------------------------------------------------------------

    def value_content(self, width: int) -> Content:
        track = max(0, width - _NUMBER_WIDTH)
        number = self.number_content()
        gap = " " * (width - track - number.cell_length)
        return Content.assemble(self._track(track), gap, number)

    def _track(self, width: int) -> Content:
        value = self.value
        if not isinstance(value, (int, float)) or self.echo.shown.raw is not None or width < 3:
            return muted("┈" * width)
        knob = round((min(self.high, max(self.low, value)) - self.low) / (self.high - self.low) * (width - 1))
        accent = "bold $accent" if self.has_focus else "bold"
        return Content.assemble(muted("─" * knob), Content.styled("●", accent), muted("─" * (width - 1 - knob)))

    # -- keys and mouse ------------------------------------------------------------------------------------------------

    def action_step(self, direction: int) -> None:
        value = self.value
        moved = self.start if value is None else nudge(value, self.step, direction, self.low, self.high)
        self.choose(moved)

    def action_edge(self, which: str) -> None:
        self.choose(self.low if which == "low" else self.high)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self._on_track(event.x):
            self._dragging = True
            self.capture_mouse()
            self._drag_to(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            self._drag_to(event.x)

    def on_mouse_up(self) -> None:
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _track_width(self) -> int:
        return self.content_size.width - LABEL_WIDTH - _NUMBER_WIDTH

    def _on_track(self, x: int) -> bool:
        place = x - self.gutter.left - LABEL_WIDTH
        return 0 <= place < self._track_width()

    def _drag_to(self, x: int) -> None:
        place = x - self.gutter.left - LABEL_WIDTH
        self.choose(snap(place / max(1, self._track_width() - 1), self.step, self.low, self.high))

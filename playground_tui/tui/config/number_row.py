"""A whole number or a count of seconds, typed; keys step by `step`."""

from __future__ import annotations

from textual.binding import Binding
from textual.content import Content

from playground_tui.tui.config.numbers import number_words, parse_number
from playground_tui.tui.config.typed_row import TypedRow
from playground_tui.workspace.values import Json


class NumberRow(TypedRow):
    """Options: `step`, `start`, `integer`, `unit` (a word behind the number), `unset` (words for "not set")."""

    BINDINGS = [
        Binding("left,minus", "step(-1)", "Less", show=False),
        Binding("right,plus", "step(1)", "More", show=False),
    ]

    def parse(self, text: str) -> Json:
        return parse_number(text, integer=self.spec.options.get("integer", True))

    def words(self, value: Json) -> str:
        return number_words(value)

    def value_content(self, width: int) -> Content:
        unit = self.spec.options.get("unit", "")
        return Content.assemble(self.number_content(), f" {unit}" if unit and self.shown_text() else "")

    def action_step(self, direction: int) -> None:
        start, step = self.spec.options["start"], self.spec.options["step"]
        self.choose(start if self.value is None else max(step, self.value + direction * step))

"""Reasoning effort, or any field that is one of a few strings, as a list in a fold-out."""

from __future__ import annotations

from textual import on

from playground_tui.tui.config.choices import ChoiceList, Option
from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.workspace.values import Json


class ListField(FieldControl):
    """Options: `words`, the values."""

    DEFAULT_CSS = "ListField { height: auto; }"

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.choices = ChoiceList([Option("not set", None), *(Option(word, word) for word in spec.options["words"])])

    def compose(self) -> list[ChoiceList]:
        return [self.choices]

    def fill(self, value: Json) -> None:
        self.choices.show_choice(value)

    def focus_field(self) -> None:
        self.choices.focus()

    @on(ChoiceList.Chosen)
    def _choose(self, event: ChoiceList.Chosen) -> None:
        event.stop()
        self.tell(event.value)

"""A model name that runs on another model."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.screens.ask import FRAME
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input


class AliasScreen(ModalScreen[tuple[str, str] | None]):
    """Answers name and model, None when left."""

    DEFAULT_CSS = FRAME.format(name="AliasScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close")]

    def __init__(self, name: str, model: str, taken: Collection[str]) -> None:
        super().__init__()
        self._alias = name
        self._model = model
        self._taken = taken

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Alias"
            yield Static("An assistant that names the first model runs on the second.", id="says", markup=False)
            yield Input(self._alias, placeholder="the name, such as gpt-4", id="name", select_on_focus=False)
            yield Input(
                self._model, placeholder="runs on, such as openai/gpt-6-astra", id="model", select_on_focus=False
            )
            with Horizontal():
                yield TextButton("Save", id="save")
                yield TextButton("Cancel", id="cancel")

    @on(Input.Submitted, "#name")
    def _on_to_the_model(self) -> None:
        self.query_one("#model").focus()

    @on(Input.Submitted, "#model")
    @on(TextButton.Pressed, "#save")
    def _save(self) -> None:
        name, model = (self.query_one(f"#{field}", Input).value.strip() for field in ("name", "model"))
        if not name or not model:
            self._say("Both names are needed.")
        elif name == model:
            self._say("A model that runs on itself needs no alias.")
        elif name in self._taken:
            self._say(f"There is an alias {name} already.")
        else:
            self.dismiss((name, model))

    def _say(self, sentence: str) -> None:
        self.query_one("#says", Static).update(f"! {sentence}")

    @on(TextButton.Pressed, "#cancel")
    def action_leave(self) -> None:
        self.dismiss(None)

"""What strict mode asks of a function, what is in the way, and the function as it would be arranged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.functions.dialog import FRAME
from playground_tui.tui.config.row import MUTED
from playground_tui.tui.widgets.button import TextButton
from playground_tui.workspace.functions.strict import make_strict, strict_problems

EXPLAINED = (
    "In strict mode the arguments always fit the schema. For that the API wants every property to be required and "
    "no others to be allowed. What may be left out is written as a value that may be null."
)


class StrictScreen(ModalScreen[dict[str, Any] | None]):
    """Answers the function to take, None for none."""

    DEFAULT_CSS = FRAME.format(name="StrictScreen") + "StrictScreen #list { margin: 1 0 0 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("left", "app.focus_previous", "previous", show=False),
        Binding("right", "app.focus_next", "next", show=False),
    ]

    def __init__(self, function: Mapping[str, Any]) -> None:
        super().__init__()
        self._function = dict(function)
        self._schema = function.get("parameters") or {"type": "object", "properties": {}}
        self._problems = strict_problems(self._schema)
        self._on = bool(function.get("strict"))

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame", can_focus=False) as frame:
            frame.border_title = "Strict mode"
            frame.border_subtitle = "esc changes nothing"
            yield Static(EXPLAINED, markup=False)
            yield Static(self._state(), id="list", markup=False)
            with Widget(id="buttons"):
                if self._problems:
                    yield TextButton("Arrange and turn on", id="arrange")
                elif not self._on:
                    yield TextButton("Turn on", id="arrange")
                if self._on:
                    yield TextButton("Turn off", id="off")
                yield TextButton("Leave it", id="leave")

    def on_mount(self) -> None:
        self.query(TextButton).first().focus()

    def _state(self) -> Content:
        if not self._problems:
            return Content("✓ This function is as strict mode wants it.")
        lines = "\n".join(f"! {problem}" for problem in self._problems)
        return Content.assemble((f"{'On' if self._on else 'Off'}; in the way:\n", MUTED), lines)

    @on(TextButton.Pressed, "#arrange")
    def _arrange(self) -> None:
        self.dismiss({**self._function, "parameters": make_strict(self._schema), "strict": True})

    @on(TextButton.Pressed, "#off")
    def _off(self) -> None:
        self.dismiss({**self._function, "strict": False})

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(None)

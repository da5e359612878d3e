"""The form for `{{variables}}`: a line for each, the first without a value has the focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.screens.ask import FRAME
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.writing.variable_values import Level, VariableField

WHERE = {"instructions": "in the instructions", "message": "in the message"}


@dataclass(frozen=True, slots=True)
class Filled:
    values: Mapping[str, str]
    level: Level
    send: bool


class VariablesScreen(ModalScreen[Filled | None]):
    DEFAULT_CSS = (
        FRAME.format(name="VariablesScreen")
        + """
    VariablesScreen > #frame { width: 76; scrollbar-size-vertical: 1; }
    VariablesScreen .label { margin: 0; }
    VariablesScreen #level { margin: 0 0 1 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("down", "app.focus_next", "next", show=False),
        Binding("up", "app.focus_previous", "previous", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(self, fields: Sequence[VariableField], *, sends: bool) -> None:
        """`sends`: a message is held back until all have a value."""
        super().__init__()
        self._fields = tuple(fields)
        self._sends = sends
        self._level: Level = "thread" if any(field.level == "thread" for field in fields) else "assistant"

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame", can_focus=False) as frame:
            frame.border_title = "Variables"
            yield Static("", id="said", markup=False)
            for index, field in enumerate(self._fields):
                where = " and ".join(WHERE[place] for place in field.where)
                label = Content.assemble((field.name, "bold"), ("  " + where, "$text-muted"))
                yield Static(label, classes="label", markup=False)
                yield Input(field.value, id=f"value-{index}")
            yield TextButton("", id="level")
            with Horizontal():
                yield TextButton("Fill in and send" if self._sends else "Keep", id="keep")
                yield TextButton("Leave", id="leave")

    def on_mount(self) -> None:
        self._say()
        inputs = list(self.query(Input))
        if inputs:
            (next((i for i in inputs if not i.value), None) or inputs[0]).focus()

    @property
    def _values(self) -> dict[str, str]:
        return {field.name: box.value for field, box in zip(self._fields, self.query(Input), strict=True)}

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name, value in self._values.items() if not value)

    @on(Input.Changed)
    def _say(self) -> None:
        words = ", ".join(self.missing)
        self.query_one("#said", Static).update(f"○ Without a value: {words}" if words else "● All have a value.")
        level = self.query_one("#level", TextButton)
        level.label = "Values are for: this assistant" if self._level == "assistant" else "Values are for: this thread"
        level.refresh(layout=True)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """To the next line without a value; from the last one it is done."""
        event.stop()
        empty = next((box for box in self.query(Input) if not box.value), None)
        if empty is not None:
            empty.focus()
        else:
            self._keep()

    @on(TextButton.Pressed, "#keep")
    def _keep(self) -> None:
        """What is filled in is kept; a message goes only when nothing is missing."""
        self.dismiss(Filled(self._values, self._level, self._sends and not self.missing))

    @on(TextButton.Pressed, "#level")
    def _other_level(self) -> None:
        self._level = "thread" if self._level == "assistant" else "assistant"
        self._say()

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(None)

"""A one-line text: name, description."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, Static

from playground_tui.tui.config.control import LABEL_WIDTH, FieldControl
from playground_tui.tui.config.exact import ControlSigns
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.workspace.values import Json


class LineInput(Input):
    """An input without a box. A paste of several lines comes in whole, as one line."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus { border: none; height: 1; padding: 0; width: 1fr; background: transparent; }
    LineInput:focus { background: $accent 15%; }
    """
    BINDINGS = [
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
    ]

    def __init__(self, value: str = "", placeholder: str = "") -> None:
        super().__init__(value, placeholder, highlighter=ControlSigns(), select_on_focus=False)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.splitlines()), *self.selection)


class TextRow(FieldControl):
    """Empty text is "not set": it goes out as None (the API's `null`)."""

    DEFAULT_CSS = f"""
    TextRow {{ layout: horizontal; height: 1; padding: 0 1; }}
    TextRow > .label {{ width: {LABEL_WIDTH}; color: $text-muted; }}
    TextRow:focus-within > .label {{ color: $accent; text-style: bold; }}
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.input = LineInput(placeholder=spec.options.get("placeholder", "not set"))

    def compose(self) -> ComposeResult:
        yield Static(self.spec.label, classes="label", markup=False)
        yield self.input

    def fill(self, value: Json) -> None:
        self.fill_raw(value or "")

    def fill_raw(self, text: str) -> None:
        if self.input.value != text:
            with self.input.prevent(Input.Changed):
                self.input.value = text

    def focus_field(self) -> None:
        self.input.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.settle()

    def settle(self) -> None:
        shown = self.echo.shown
        if self.input.value != (shown.raw if shown.raw is not None else shown.value or ""):
            self.tell(self.input.value or None)

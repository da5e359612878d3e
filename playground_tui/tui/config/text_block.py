"""A text of a few lines: its label above, a small editor below."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static, TextArea

from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.echo import FieldState
from playground_tui.tui.config.editor import Editor
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.workspace.values import Json


class TextBlock(FieldControl):
    """Empty text is "not set"."""

    DEFAULT_CSS = """
    TextBlock { layout: vertical; height: 4; }
    TextBlock > .label { padding: 0 1; color: $text-muted; }
    TextBlock:focus-within > .label { color: $accent; text-style: bold; }
    TextBlock > Editor { height: 3; margin: 0 1; }
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.editor = Editor(placeholder="not set")

    def compose(self) -> ComposeResult:
        yield Static(self.spec.label, classes="label", markup=False)
        yield self.editor

    def show(self, state: FieldState, *, fresh: bool) -> None:
        if fresh:
            self.editor.open_text((state.raw if state.raw is not None else state.value) or "")
        super().show(state, fresh=fresh)

    def fill(self, value: Json) -> None:
        self.editor.take_text(value or "")

    def fill_raw(self, text: str) -> None:
        self.editor.take_text(text)

    def focus_field(self) -> None:
        self.editor.focus()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.settle()

    def settle(self) -> None:
        text, shown = self.editor.content, self.echo.shown
        if text != (shown.raw if shown.raw is not None else shown.value or ""):
            self.tell(text or None)

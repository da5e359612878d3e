"""A text of a few lines: its label above, a small editor below."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import TextArea

from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.echo import FieldState
from playground_tui.tui.config.editor import Editor
from playground_tui.tui.config.row import label_content
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.workspace.values import Json


class TextBlock(FieldControl):
    """Empty text is "not set"."""

    DEFAULT_CSS = """
    TextBlock { height: 4; padding: 0 1; }
    TextBlock > Editor { height: 3; margin-top: 1; }
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.editor = Editor(placeholder="not set")

    def compose(self) -> ComposeResult:
        yield self.editor

    def render(self) -> Content:
        return label_content(self.spec.label, focused=self.has_focus_within)

    def on_descendant_focus(self) -> None:
        self.refresh()

    def on_descendant_blur(self) -> None:
        self.refresh()

    def open(self, state: FieldState) -> None:
        """Undo does not reach back into another assistant's text."""
        self.editor.open_text((state.raw if state.raw is not None else state.value) or "")

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

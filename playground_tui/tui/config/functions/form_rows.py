"""The lines that the function form is made of: a text, a check, one of a few words. Each tells what a person does with
it; filling one tells nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events, on
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.config.control import LABEL_WIDTH
from playground_tui.tui.config.editor import Editor
from playground_tui.tui.config.row import RowLine, label_content, muted, spread
from playground_tui.tui.config.text_row import LineInput
from playground_tui.tui.widgets.input import Input


class FormEdited(Message):
    """A line of the form has another value."""

    def __init__(self, line: Widget, name: str, value: Any) -> None:
        super().__init__()
        self.line = line
        self.name = name
        self.value = value


class TextLine(Widget):
    """A label and a text of one line."""

    DEFAULT_CSS = f"""
    TextLine {{ height: 1; padding: 0 1; }}
    TextLine > LineInput {{ margin-left: {LABEL_WIDTH}; }}
    """

    def __init__(self, name: str, label: str, placeholder: str, help_line: str) -> None:
        super().__init__(classes=f"form-{name}")
        self.field, self.label, self.help_line = name, label, help_line
        self.input = LineInput("", placeholder)

    def compose(self) -> Sequence[Widget]:
        return [self.input]

    def show(self, text: str) -> None:
        if self.input.value != text:
            with self.input.prevent(Input.Changed):
                self.input.value = text

    def render(self) -> Content:
        return label_content(self.label, focused=self.has_focus_within)

    def on_descendant_focus(self) -> None:
        self.refresh()

    def on_descendant_blur(self) -> None:
        self.refresh()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FormEdited(self, self.field, event.value))

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        """Enter goes on to the next line, as in any form."""
        event.stop()
        self.screen.focus_next()


class TextLines(Widget):
    """A label and a small editor beside it."""

    DEFAULT_CSS = f"""
    TextLines {{ height: 3; padding: 0 1; }}
    TextLines > Editor {{ margin-left: {LABEL_WIDTH}; height: 3; padding: 0; }}
    """

    def __init__(self, name: str, label: str, placeholder: str, help_line: str) -> None:
        super().__init__(classes=f"form-{name}")
        self.field, self.label, self.help_line = name, label, help_line
        self.editor = Editor(placeholder=placeholder)
        self._known = ""

    def compose(self) -> Sequence[Widget]:
        return [self.editor]

    def show(self, text: str) -> None:
        self._known = text
        if self.editor.content != text:
            self.editor.open_text(text)

    def render(self) -> Content:
        return label_content(self.label, focused=self.has_focus_within)

    def on_descendant_focus(self) -> None:
        self.refresh()

    def on_descendant_blur(self) -> None:
        self.refresh()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.editor.content != self._known:
            self._known = self.editor.content
            self.post_message(FormEdited(self, self.field, self._known))


class CheckLine(RowLine):
    """On or off."""

    BINDINGS = [Binding("enter,space", "switch", "On or off", show=False)]

    def __init__(self, name: str, label: str, words: str, help_line: str) -> None:
        super().__init__(classes=f"form-{name}")
        self.field, self.label, self.words, self.help_line = name, label, words, help_line
        self.on = False
        self.remark = ""

    def show(self, value: bool, remark: str = "") -> None:
        if (value, remark) != (self.on, self.remark):
            self.on, self.remark = value, remark
            self.refresh()

    def value_content(self, width: int) -> Content:
        mark = Content.styled("[x]", "bold") if self.on else muted("[ ]")
        return spread(Content.assemble(mark, " ", self.words), muted(self.remark), width)

    def action_switch(self) -> None:
        self.show(not self.on, self.remark)
        self.post_message(FormEdited(self, self.field, self.on))

    def on_click(self) -> None:
        self.focus()
        self.action_switch()


@dataclass(frozen=True, slots=True)
class Word:
    value: Any
    words: str


class TurnLine(RowLine):
    """One of a few words; left and right turn them."""

    BINDINGS = [
        Binding("left", "turn(-1)", "Choice before", show=False),
        Binding("right,enter,space", "turn(1)", "Next choice", show=False),
    ]

    def __init__(self, name: str, label: str, choices: Sequence[Word], help_line: str) -> None:
        super().__init__(classes=f"form-{name}")
        self.field, self.label, self.help_line = name, label, help_line
        self.choices = tuple(choices)
        self.value: Any = choices[0].value

    def show(self, value: Any) -> None:
        if value != self.value:
            self.value = value
            self.refresh()

    def value_content(self, width: int) -> Content:
        words = next((choice.words for choice in self.choices if choice.value == self.value), str(self.value))
        return spread(Content(words), muted(" ◂ ▸"), width)

    def action_turn(self, step: int) -> None:
        values = [choice.value for choice in self.choices]
        place = values.index(self.value) if self.value in values else 0
        self.show(values[(place + step) % len(values)])
        self.post_message(FormEdited(self, self.field, self.value))

    def on_click(self, event: events.Click) -> None:
        self.focus()
        width = self.content_size.width
        self.action_turn(-1 if event.x < width - 2 and event.x >= width - 5 else 1)

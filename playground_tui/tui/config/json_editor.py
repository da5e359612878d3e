"""An editor for one JSON value, with what is wrong with it told below, at line and column, as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Selection

from playground_tui.tui.config.editor import Editor
from playground_tui.tui.config.json_text import JsonFault, read_json, write_json

Check = Callable[[Any, str], JsonFault | None]
"""Gets the value and its text; gives what is wrong with the value, where it stands in the text."""


class JsonText(Editor):
    """Enter keeps the indentation, and deepens it after an opening bracket."""

    def __init__(self) -> None:
        super().__init__(highlight="json")
        self.indent_width = 2

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter" and not self.read_only:
            event.stop()
            event.prevent_default()
            row, column = self.cursor_location
            before = self.document.get_line(row)[:column]
            indent = before[: len(before) - len(before.lstrip(" "))]
            deeper = "  " if before.rstrip().endswith(("{", "[")) else ""
            self.replace(f"\n{indent}{deeper}", *self.selection, maintain_selection_offset=False)


class JsonEditor(Widget):
    DEFAULT_CSS = """
    JsonEditor { layout: vertical; height: 1fr; }
    JsonEditor > JsonText { height: 1fr; }
    JsonEditor > .verdict { height: auto; min-height: 1; padding: 0 1; color: $text-muted; }
    JsonEditor > .verdict.-wrong { color: $text-error; }
    """

    @dataclass
    class Typed(Message):
        """The text changed. `value` counts only while `fault` is None."""

        editor: JsonEditor
        text: str
        value: Any
        fault: JsonFault | None

        @property
        def control(self) -> JsonEditor:
            return self.editor

    def __init__(self, check: Check, fine: str | Callable[[Any], str] = "Valid.") -> None:
        """`fine`: what is said of a value with no fault."""
        super().__init__()
        self._check = check
        self._fine = fine
        self.text_area = JsonText()
        self._verdict = Static(classes="verdict", markup=False)
        self._known = ""

    def compose(self) -> ComposeResult:
        yield self.text_area
        yield self._verdict

    @property
    def text(self) -> str:
        return self.text_area.content

    def open_text(self, text: str) -> None:
        """Show another text; announces nothing."""
        self._known = text
        self.text_area.open_text(text)
        self._tell_verdict(*self.judge())

    def judge(self) -> tuple[Any, JsonFault | None]:
        return judge(self.text, self._check)

    def format(self) -> bool:
        """Rewrite the text in the fixed form (undo brings the former back). False while it is no JSON."""
        value, fault = read_json(self.text)
        if fault is None:
            self.text_area.take_text(write_json(value))
            self._announce()
        return fault is None

    def go_to_fault(self) -> None:
        fault = self.judge()[1]
        if fault is not None:
            self.text_area.move_cursor((fault.line - 1, fault.column - 1), center=True)

    def mark(self, words: str) -> None:
        """Select the first string that is exactly these words."""
        for row, line in enumerate(self.text_area.document.lines):
            if (column := line.find(f'"{words}"')) >= 0:
                self.text_area.selection = Selection((row, column + 1), (row, column + 1 + len(words)))
                return

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._announce()

    def _announce(self) -> None:
        if self.text == self._known:
            return
        self._known = self.text
        value, fault = self.judge()
        self._tell_verdict(value, fault)
        self.post_message(self.Typed(self, self._known, value, fault))

    def _tell_verdict(self, value: Any, fault: JsonFault | None) -> None:
        self._verdict.set_class(fault is not None, "-wrong")
        fine = self._fine if isinstance(self._fine, str) else "" if fault else self._fine(value)
        self._verdict.update(Content(f"! {fault.sentence()}" if fault else fine))


def judge(text: str, check: Check) -> tuple[Any, JsonFault | None]:
    """The value of a JSON text and the first thing wrong with it."""
    value, fault = read_json(text)
    return value, fault or check(value, text)

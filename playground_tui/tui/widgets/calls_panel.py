"""Function calls that wait for a person: what is asked, an editor for each answer, one submit for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.words import time_left
from playground_tui.workspace.values import ToolCallView


class CallEditor(Vertical):
    """One call: its name and arguments above the text that answers it."""

    DEFAULT_CSS = """
    CallEditor { height: auto; margin: 0 0 1 0; }
    CallEditor > Static { height: auto; max-height: 8; padding: 0 1; }
    CallEditor > TextArea { height: auto; min-height: 2; max-height: 8; border: none; padding: 0 1; }
    CallEditor > TextArea:focus { border: none; }
    CallEditor > Horizontal { height: 1; }
    CallEditor .note { width: 1fr; color: $text-muted; padding: 0 1; }
    """

    def __init__(self, call: ToolCallView) -> None:
        super().__init__()
        self.call = call
        self._as_error = False

    def compose(self) -> ComposeResult:
        yield Static(
            Content.assemble((self.call.name, "bold"), "  ", (pretty(self.call.arguments), "$text-muted")), markup=False
        )
        yield TextArea(placeholder="The answer: JSON or text", compact=True, highlight_cursor_line=False)
        with Horizontal():
            yield Static("", classes="note", markup=False)
            yield TextButton("Answer with error", id="error")

    @property
    def output(self) -> str:
        """What goes to the server: the text as written, or an error object around it."""
        text = self.query_one(TextArea).text
        return json.dumps({"error": text or "The call failed."}, ensure_ascii=False) if self._as_error else text

    @on(TextButton.Pressed, "#error")
    def _toggle_error(self, event: TextButton.Pressed) -> None:
        event.stop()
        self._as_error = not self._as_error
        event.button.label = "Answer with a result" if self._as_error else "Answer with error"
        event.button.refresh(layout=True)
        self._note()

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._note()

    def _note(self) -> None:
        self.query_one(".note", Static).update(note_on(self.query_one(TextArea).text, as_error=self._as_error))


class CallsPanel(Vertical):
    DEFAULT_CSS = """
    CallsPanel { height: 50%; border-top: solid $border-blurred; }
    CallsPanel:focus-within { border-top: solid $accent; }
    CallsPanel > #head { height: 1; padding: 0 1; }
    CallsPanel > VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    CallsPanel > Horizontal { height: 1; padding: 0 1; }
    CallsPanel > Horizontal > TextButton { margin: 0 2 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10", "submit", "submit answers", id="calls.submit")]

    @dataclass
    class Answered(Message):
        outputs: dict[str, str]
        """Call id → output; all of them, since the API takes them in one submit."""

    def __init__(self, calls: Sequence[ToolCallView], expires_at: datetime | None, now: Callable[[], datetime]) -> None:
        super().__init__(id="calls")
        self.calls = tuple(calls)
        self._expires_at = expires_at
        self._now = now

    def compose(self) -> ComposeResult:
        yield Static("", id="head", markup=False)
        with VerticalScroll(can_focus=False):
            for call in self.calls:
                yield CallEditor(call)
        with Horizontal():
            yield TextButton("Submit all" if len(self.calls) > 1 else "Submit", id="submit")
            yield Static("f10 submits · esc stops the run", markup=False)

    def on_mount(self) -> None:
        self._show_head()
        if self._expires_at is not None:
            self.set_interval(1, self._show_head)

    def _show_head(self) -> None:
        count = len(self.calls)
        words = "1 function call waits for its answer" if count == 1 else f"{count} function calls wait for answers"
        left = time_left(self._expires_at, self._now()) if self._expires_at else ""
        self.query_one("#head", Static).update(Content.assemble((words, "bold"), (f"  {left}", "$text-muted")))

    def focus_first(self) -> None:
        self.query(TextArea).first().focus()

    @on(TextButton.Pressed, "#submit")
    def action_submit(self) -> None:
        self.post_message(self.Answered({editor.call.id: editor.output for editor in self.query(CallEditor)}))


def pretty(arguments: str) -> str:
    """JSON with indents; what is no JSON, as it came."""
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments or "no arguments"


def note_on(text: str, *, as_error: bool) -> str:
    if as_error:
        return "Goes out as {“error”: …}."
    if not text.strip():
        return "Empty: the model gets an empty text."
    try:
        json.loads(text)
    except ValueError as fault:
        if text.lstrip()[0] in "{[":
            line = getattr(fault, "lineno", 1)
            return f"Not JSON at line {line}; goes out as text."
        return "Goes out as text."
    return "JSON."

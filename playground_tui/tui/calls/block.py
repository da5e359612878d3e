"""One call: its name, arguments and state, and what can be done about it now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from playground_tui.tui.calls.messages import CallAnswered, CallApproved, CallTyped, CallWished, MockKept
from playground_tui.tui.calls.words import brief, note_on, state_words
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.text_box import TextBox
from playground_tui.workspace.handlers.calls import CallAnswer

OFFERS: dict[str, tuple[tuple[str, str], ...]] = {
    "hand": (("answer", "Answer"), ("error", "As error"), ("mock", "Mocks…"), ("keep", "Keep as mock…")),
    "needs_approval": (
        ("once", "Run once"),
        ("session", "For this session"),
        ("always", "Always"),
        ("hand", "No, by hand"),
    ),
    "running": (("end", "Stop handler"),),
    "done": (("show", "Show"), ("back", "Take back")),
}
"""What can be done: button and label."""


class CallBlock(Vertical):
    DEFAULT_CSS = """
    CallBlock { height: auto; margin: 0 0 1 0; }
    CallBlock > Static { height: auto; padding: 0 1; }
    CallBlock > .arguments { max-height: 6; color: $text-muted; }
    CallBlock > .said { max-height: 4; color: $text-muted; }
    CallBlock > TextArea { height: auto; min-height: 2; max-height: 8; border: none; padding: 0 1; }
    CallBlock > TextArea:focus { border: none; }
    CallBlock > Horizontal { height: 1; padding: 0 1; }
    CallBlock > Horizontal > TextButton { margin: 0 1 0 0; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", "previous", show=False),
        Binding("right", "app.focus_next", "next", show=False),
    ]

    def __init__(self, answer: CallAnswer, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.answer = answer
        self._now = now
        self._refused = bool(answer.typed)
        """The person answers by hand, although a handler is bound."""

    def compose(self) -> ComposeResult:
        yield Static("", classes="name", markup=False)
        yield Static(brief(self.answer.call.arguments), classes="arguments", markup=False)
        yield TextBox(
            self.answer.typed, placeholder="The answer: JSON or text", compact=True, highlight_cursor_line=False
        )
        yield Static("", classes="said", markup=False)
        with Horizontal():
            for offers in OFFERS.values():
                for button_id, label in offers:
                    yield TextButton(label, id=button_id)

    def on_mount(self) -> None:
        self._picture()
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    # -- pictures ------------------------------------------------------------------------------------------------------

    @property
    def stage(self) -> str:
        """What it offers: a key of `OFFERS`."""
        if self.answer.done:
            return "done"
        if self.answer.phase == "waiting" or (self.answer.phase == "needs_approval" and self._refused):
            return "hand"
        return self.answer.phase

    def show(self, answer: CallAnswer) -> None:
        before, self.answer = self.answer, answer
        if replace(answer, typed=before.typed) != before:
            self._picture()

    def _picture(self) -> None:
        stage = self.stage
        self.tick()
        self.query_one(TextArea).display = stage == "hand"
        shown = {button_id for button_id, _ in OFFERS[stage]}
        for button in self.query(TextButton):
            button.display = button.id in shown
        self._say(stage)

    def tick(self) -> None:
        """Another second has passed."""
        words, style = state_words(self.answer, self._now())
        content = Content.assemble((self.answer.call.name, "bold"), "  ", (words, style))
        self.query_one(".name", Static).update(content)

    def _say(self, stage: str) -> None:
        answer = self.answer
        parts = [answer.note]
        if stage == "done":
            parts += [f"→ {answer.output or 'an empty text'}"]
        elif stage == "needs_approval":
            parts += [f"{answer.handler.shown()} would be run with these arguments."]
        elif stage == "hand":
            parts += [note_on(self.query_one(TextArea).text, as_error=False)]
        said = self.query_one(".said", Static)
        text = "\n".join(part for part in parts if part)
        said.update(Content(text))
        said.display = bool(text)

    # -- what is done --------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return self.query_one(TextArea).text

    @property
    def open(self) -> bool:
        """Something has to be done about it here."""
        return self.stage in ("hand", "needs_approval")

    def focus_first(self) -> None:
        """To the answer, or to what runs nothing. The panel brings it into sight."""
        if self.stage == "hand":
            self.query_one(TextArea).focus(scroll_visible=False)
        elif self.stage == "needs_approval":
            self.query_one("#hand").focus(scroll_visible=False)

    def answer_now(self, *, error: bool = False) -> None:
        self.post_message(CallAnswered(self.answer.call.id, self.text, error))

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.stage == "hand":
            self._say("hand")
            self.post_message(CallTyped(self.answer.call.id, self.text))

    @on(TextButton.Pressed)
    def _pressed(self, event: TextButton.Pressed) -> None:
        event.stop()
        match event.button.id:
            case "answer":
                self.answer_now()
            case "error":
                self.answer_now(error=True)
            case "keep":
                self.post_message(MockKept(self.answer, self.text))
            case "once" | "session" | "always" as scope:
                self.post_message(CallApproved(self.answer.call.id, scope))
            case "hand":
                self._refused = True
                self._picture()
                self.focus_first()
            case "mock":
                self.post_message(CallWished("choose_mock", self.answer))
            case "end":
                self.post_message(CallWished("end", self.answer))
            case "back":
                self.post_message(CallWished("take_back", self.answer))
            case "show":
                self.post_message(CallWished("show", self.answer))

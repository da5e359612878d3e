"""The rows of the provider and server form: label, control, and below it what is wrong or what it means here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static, TextArea

from playground_tui.tui.widgets.input import Input
from playground_tui.tui.widgets.line import Line, Span
from playground_tui.tui.widgets.text_box import TextBox

HINTS = {
    "id": "a short name: models are written name/model",
    "title": "how it is called on the screen",
    "base_url": "https://host/v1",
    "key": "none",
    "default_model": "the endpoint's own name for it",
    "headers": "Name: value, one a line",
    "query": "name: value, one a line",
    "extra_body": 'JSON that goes into each request: {"top_k": 40}',
    "proxy": "http://proxy:8080",
    "ca_bundle": "a PEM file, where the system does not trust the certificate",
    "api_version": "Azure's api-version, such as 2024-05-01-preview",
    "organization": "OpenAI-Organization header",
    "project": "OpenAI-Project header",
}
LABELS = {
    "id": "Name",
    "title": "Title",
    "kind": "Kind",
    "base_url": "Base URL",
    "key": "Key",
    "default_model": "Default model",
    "headers": "Headers",
    "query": "Query",
    "extra_body": "Extra body",
    "proxy": "Proxy",
    "ca_bundle": "CA bundle",
    "api_version": "API version",
    "organization": "Organization",
    "project": "Project",
}
SEVERAL_LINES = ("headers", "query", "extra_body")
KINDS = ("chat", "responses", "demo")
KIND_WORDS = {"chat": "Chat Completions", "responses": "Responses", "demo": "built-in demo"}


class KindChoice(Widget, can_focus=True):
    """One of the kinds, stepped through."""

    DEFAULT_CSS = "KindChoice { height: 1; width: 1fr; } KindChoice:focus { background: $accent 15%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "before", show=False),
        Binding("right,enter,space", "turn(1)", "next"),
    ]
    value: reactive[str] = reactive("chat")

    def render(self) -> Content:
        return Content.assemble(KIND_WORDS.get(self.value, self.value), Content.styled("  ◂ ▸", "$foreground 60%"))

    def action_turn(self, by: int) -> None:
        place = KINDS.index(self.value) if self.value in KINDS else 0
        self.value = KINDS[(place + by) % len(KINDS)]

    def on_click(self) -> None:
        self.action_turn(1)


class KeyHelp(Line):
    """The ways to name a key, each to be clicked."""

    DEFAULT_CSS = "KeyHelp { color: $text-muted; }"

    @dataclass
    class Wanted(Message):
        prefix: str

    def left(self) -> list[Span]:
        spans: list[Span] = []
        for prefix, word in (("env:", "NAME"), ("keyring:", "NAME"), ("command:", "PROGRAM …"), ("session", "")):
            spans += [Span(prefix, "underline", f"prefix('{prefix}')"), Span(f"{word}  ")]
        return [*spans, Span("none", "underline", "prefix('')")]

    def action_prefix(self, prefix: str) -> None:
        self.post_message(self.Wanted(prefix))


class FormRow(Vertical):
    DEFAULT_CSS = """
    FormRow { height: auto; padding: 0 1; }
    FormRow > Horizontal { height: auto; }
    FormRow .label { width: 15; color: $text-muted; }
    FormRow Input, FormRow Input:focus { border: none; height: 1; padding: 0; width: 1fr; background: $panel; }
    FormRow TextArea, FormRow TextArea:focus {
        border: none; height: auto; min-height: 1; max-height: 6; padding: 0; width: 1fr; background: $panel;
    }
    FormRow Input:focus, FormRow TextArea:focus { background: $accent 15%; }
    FormRow .note { padding: 0 0 0 15; height: auto; color: $text-muted; display: none; }
    FormRow.-wrong .note { color: $text-error; }
    FormRow KeyHelp { margin: 0 0 0 15; }
    """

    @dataclass
    class Changed(Message):
        row: FormRow

    def __init__(self, field: str, text: str, *, fixed: bool = False) -> None:
        super().__init__(id=f"row-{field}")
        self.field = field
        self._text = text
        self._fixed = fixed

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(LABELS[self.field], classes="label", markup=False)
            yield self._control()
        if self.field == "key":
            yield KeyHelp()
        yield Static("", classes="note", markup=False)

    def _control(self) -> Widget:
        if self.field == "kind":
            choice = KindChoice()
            choice.set_reactive(KindChoice.value, self._text)
            return choice
        if self.field in SEVERAL_LINES:
            area = TextBox(self._text, compact=True, highlight_cursor_line=False, placeholder=HINTS[self.field])
            area.tab_behavior = "focus"
            return area
        return Input(self._text, placeholder=HINTS.get(self.field, ""), disabled=self._fixed, select_on_focus=False)

    @property
    def control(self) -> Widget:
        return self.query("Input, TextArea, KindChoice").first()

    @property
    def text(self) -> str:
        control = self.control
        if isinstance(control, TextArea):
            return control.text
        return control.value if isinstance(control, Input | KindChoice) else ""

    def put(self, text: str) -> None:
        control = self.control
        if isinstance(control, Input):
            control.value = text
            control.cursor_position = len(text)
            control.focus()

    def show_note(self, sentence: str, *, wrong: bool = False) -> None:
        note = self.query_one(".note", Static)
        note.display = bool(sentence)
        note.update(f"! {sentence}" if wrong else sentence)
        self.set_class(wrong, "-wrong")

    def hide_text(self, hidden: bool) -> None:
        """A key pasted where its name belongs must not stay readable on the screen."""
        if isinstance(control := self.control, Input):
            control.password = hidden

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _typed(self, event: events.Event) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    @on(KeyHelp.Wanted)
    def _prefix(self, event: KeyHelp.Wanted) -> None:
        event.stop()
        _, _, rest = self.text.partition(":")
        self.put(f"{event.prefix}{rest}" if event.prefix.endswith(":") else event.prefix)


def rows_for(fields: Sequence[str], texts: dict[str, str], *, new: bool) -> list[FormRow]:
    return [FormRow(field, texts[field], fixed=field == "id" and not new) for field in fields]

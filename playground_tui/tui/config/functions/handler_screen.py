"""What answers a function's calls on this machine."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.choices import ChoiceList, Option
from playground_tui.tui.config.functions.dialog import FRAME
from playground_tui.tui.config.functions.form_rows import FormEdited, TextLine, TextLines
from playground_tui.tui.widgets.button import TextButton
from playground_tui.workspace.handlers.model import Handler, HandlerKind

KINDS = (
    Option("You, by hand", "hand", "each call is shown and waits for an answer"),
    Option("A fixed text", "mock", "a stored answer, for trying things out"),
    Option("A Python function", "python", "runs in a process of its own"),
    Option("A command", "command", "arguments as JSON on its standard input; never through a shell"),
)
TARGETS = {"python": "path/to/tools.py:get_weather", "command": "./weather --now"}
APPROVED = "It runs only after you have allowed it: once, for this session, or always."


class HandlerScreen(ModalScreen[Handler | None]):
    """Answers the handler to bind, None to leave it as it is."""

    DEFAULT_CSS = (
        FRAME.format(name="HandlerScreen")
        + """
    HandlerScreen #fields { height: auto; layout: vertical; margin-top: 1; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("ctrl+s", "take", "take it", id="handler.take"),
    ]
    AUTO_FOCUS = "ChoiceList"

    def __init__(self, name: str, present: Handler) -> None:
        super().__init__()
        self._function_name = name
        self._kind: HandlerKind = present.kind
        self._present = present
        self.kinds = ChoiceList(KINDS)
        self.target = TextLine("target", "Target", "", "")
        self.text = TextLines("text", "Answer", '{"degrees": 21}', "")
        self.timeout = TextLine("timeout", "Time-out, s", "30", "")
        self._note = Static("", classes="said", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"What answers {self._function_name}")
            frame.border_subtitle = "ctrl+s takes it · esc leaves it"
            yield self.kinds
            with Widget(id="fields"):
                yield from (self.target, self.text, self.timeout)
            yield self._note
            with Widget(id="buttons"):
                yield TextButton("Take it", id="take")
                yield TextButton("Leave it", id="leave")

    def on_mount(self) -> None:
        self.kinds.show_choice(self._kind)
        (self.text if self._kind == "mock" else self.target).show(self._present.target)
        self.timeout.show(f"{self._present.timeout:g}")
        self._show_kind()

    def _show_kind(self) -> None:
        runs = self._kind in ("python", "command")
        self.target.display = self.timeout.display = runs
        self.text.display = self._kind == "mock"
        self.target.input.placeholder = TARGETS.get(self._kind, "")
        self._show_note()

    def _show_note(self) -> None:
        problem = self._handler().problem() if self._written() else None
        self._note.set_class(problem is not None, "wrong")
        runs = self._kind in ("python", "command")
        self._note.update(f"! {problem}" if problem else APPROVED if runs else "")

    def _written(self) -> bool:
        return self._kind in ("hand", "mock") or bool(self.target.input.value.strip())

    def _handler(self) -> Handler:
        if self._kind == "hand":
            return Handler()
        if self._kind == "mock":
            return Handler("mock", self.text.editor.content)
        return Handler(self._kind, self.target.input.value.strip(), _seconds(self.timeout.input.value))

    @on(ChoiceList.Chosen)
    def _chosen(self, event: ChoiceList.Chosen) -> None:
        event.stop()
        self._kind = event.value
        self._show_kind()
        if self._kind == "mock":
            self.text.editor.focus()
        elif self._kind != "hand":
            self.target.input.focus()

    @on(FormEdited)
    def _typed(self, event: FormEdited) -> None:
        event.stop()
        self._show_note()

    @on(TextButton.Pressed, "#take")
    def action_take(self) -> None:
        handler = self._handler()
        if handler.problem() is None:
            self.dismiss(handler)
        else:
            self._note.update(f"! {handler.problem()}")
            self._note.set_class(True, "wrong")
            self.target.input.focus()

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(None)


def _seconds(text: str) -> float:
    """What is no number counts as one that the handler's own check refuses."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0.0

"""What an empty thread shows: who answers, with which model, and three messages to start from."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from playground_tui.tui.key_words import with_keys

FOR_MODELS = tuple(
    (text, text)
    for text in (
        "What can you help me with?",
        "Explain recursion with a short Python example.",
        "Compare tea and coffee in a table.",
    )
)
"""What is shown, what is sent."""
FOR_DEMO = (
    ("See what the demo can show", "/help"),
    ("A reply with code, a table, a list and links", "/markdown"),
    ("A long reply, to scroll in and to stop", "/long"),
)


INDENT = 4
"""Cells of a starter's digit and what is around it."""


class Starters(Widget, can_focus=True):
    """Shown in place of the messages while there are none. Up from the empty box reaches it, digits pick."""

    DEFAULT_CSS = "Starters { height: 1fr; padding: 1 2; overflow-y: auto; content-align: left bottom; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("enter", "pick", "send this"),
        Binding("1", "pick(0)", "first", show=False),
        Binding("2", "pick(1)", "second", show=False),
        Binding("3", "pick(2)", "third", show=False),
    ]
    auto_links = False

    chosen: reactive[int] = reactive(2)
    assistant: reactive[str] = reactive("")
    model: reactive[str] = reactive("")
    notice: reactive[str] = reactive("")
    """The connection's own sentence: that no model is connected, which key was refused, and the like."""
    refused: reactive[bool] = reactive(False)
    """Whether the notice is about a key that does not work."""

    class Chosen(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class LeaveRequested(Message):
        """Down was pressed on the last starter."""

    def __init__(self) -> None:
        super().__init__(id="starters")
        self._rebound: object = None
        """The person's keymap, as the lines that name keys were drawn with."""

    def on_mount(self) -> None:
        self._rebound = getattr(self.app, "rebound", None)
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self._follow_keys())

    def _follow_keys(self) -> None:
        rebound = getattr(self.app, "rebound", None)
        if rebound is not self._rebound:
            self._rebound = rebound
            self.refresh()

    @property
    def offers(self) -> tuple[tuple[str, str], ...]:
        return FOR_DEMO if self.model.startswith("demo/") else FOR_MODELS

    def render(self) -> Content:
        lines = [
            Content.assemble("Talk to ", (self.assistant or "this assistant", "bold"), "."),
            self._model_line(),
            *([self._notice_line()] if self.notice else []),
            Content(""),
            Content.styled("Write below, or start with one of these (↑ and enter, or a click):", "$text-muted"),
            *(self._starter(index, text) for index, (text, _) in enumerate(self.offers)),
        ]
        return Content("\n").join(lines)

    def _model_line(self) -> Content:
        if not self.model:
            none = with_keys(self, "No model is chosen yet: {model.choose:f2} chooses one.")
            return Content.styled(none, "$text-muted")
        changes = with_keys(self, " · {model.choose:f2} changes it")
        return Content.assemble(("Model ", "$text-muted"), self.model, (changes, "$text-muted")).stylize(
            Style.from_meta({"@click": "screen.choose_model"})
        )

    def _notice_line(self) -> Content:
        sign = ("! ", "bold $text-error") if self.refused else ""
        leads = with_keys(self, " {connection.show:f3} leads to the connections.")
        return Content.assemble(sign, self.notice, (leads, "$text-muted")).stylize(
            Style.from_meta({"@click": "screen.connection"})
        )

    def _starter(self, index: int, text: str) -> Content:
        marked = self.has_focus and index == self.chosen
        words = Content.styled(text, "bold $accent" if marked else "")
        width = self.content_size.width - INDENT
        shown = Content("\n" + " " * INDENT).join(words.wrap(width) if width > 0 else [words])
        line = Content.assemble((f" {index + 1}  ", "$text-muted"), shown)
        return line.stylize(Style.from_meta({"@click": f"pick({index})"}))

    def action_move(self, by: int) -> None:
        if self.chosen + by >= len(self.offers):
            self.post_message(self.LeaveRequested())
        else:
            self.chosen = max(0, self.chosen + by)

    def action_pick(self, index: int | None = None) -> None:
        self.post_message(self.Chosen(self.offers[self.chosen if index is None else index][1]))

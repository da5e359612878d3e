"""A one-line field whose value is typed in place: digits start, Backspace mends, Delete makes it "not set"."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content

from playground_tui.tui.config.row import Row, muted
from playground_tui.workspace.values import Json

_TYPED = frozenset("0123456789.,")


class TypedRow(Row):
    BINDINGS = [
        Binding("delete", "unset", "Not set", show=False),
        Binding("backspace", "rub_out", "Take back a digit", show=False),
    ]

    _typing: str | None = None

    def parse(self, text: str) -> Json:
        """The value that `text` means, or None."""
        raise NotImplementedError

    def words(self, value: Json) -> str:
        """A set value as typed and shown; `parse` takes it back."""
        raise NotImplementedError

    @property
    def value(self) -> Any:
        """The last valid value; None while it is not set."""
        return self.echo.shown.value

    def shown_text(self) -> str:
        """What stands in the row: typed, wrong, or the value; empty while it is not set."""
        if self._typing is not None:
            return self._typing
        if self.echo.shown.raw is not None:
            return self.echo.shown.raw
        return "" if self.value is None else self.words(self.value)

    def number_content(self) -> Content:
        text = self.shown_text()
        if not text and self._typing is None:
            return muted(self.spec.options.get("unset", "not set"))
        style = "$text-error bold" if self.echo.shown.raw is not None else "bold" if self.has_focus else ""
        shown = Content.styled(text, style) if style else Content(text)
        return Content.assemble(shown, Content.styled(" ", "reverse")) if self._typing is not None else shown

    def fill(self, value: Json) -> None:
        self._typing = None
        self.refresh()

    def fill_raw(self, text: str) -> None:
        self._typing = None
        self.refresh()

    def choose(self, value: Json) -> None:
        """Set a value by another way than typing."""
        self._typing = None
        self.tell(value)
        self.refresh()

    def action_unset(self) -> None:
        self.choose(None)

    def action_rub_out(self) -> None:
        self._type(self.shown_text()[:-1])

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in _TYPED:
            event.stop()
            event.prevent_default()
            self._type((self._typing or "") + event.character)
        elif self._typing is not None and event.key in ("escape", "enter"):
            event.stop()
            event.prevent_default()
            self._end_typing()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._type(event.text.strip()[:40])

    def on_blur(self) -> None:
        self._end_typing()

    def _end_typing(self) -> None:
        self._typing = None
        self.refresh()

    def _type(self, text: str) -> None:
        self._typing = text
        value = self.parse(text)
        if value is not None or not text:
            self.tell(value)
        else:
            self.tell_wrong(text, self._range_advice())
        self.refresh()

    def _range_advice(self) -> str:
        """What the limits say to a number below all of them: the sentence that names the range."""
        problem = self.spec.check(-1)
        return problem.advice if problem else "A number."

    def raw_text(self, value: Json) -> str:
        return self._typing if self._typing is not None else super().raw_text(value)

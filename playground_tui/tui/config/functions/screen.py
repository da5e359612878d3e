"""The functions of an assistant on a screen of their own: names left, the JSON of one right. Every edit is told at
once, so there is nothing to confirm on the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import ScrollableContainer
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.limits import MAX_TOOLS
from playground_tui.tui.config.functions.name_list import NameLine, NameList
from playground_tui.tui.config.functions.texts import (
    SAMPLE,
    FunctionText,
    Slot,
    check_function,
    entries_of,
    free_name,
    renamed,
    slots_of,
)
from playground_tui.tui.config.json_editor import JsonEditor, judge
from playground_tui.tui.config.json_text import JsonFault, write_json
from playground_tui.tui.config.row import MUTED
from playground_tui.tui.widgets.line import Line, Span

NARROW = 80
"""Columns below which the names stand above the text."""


class TitleLine(Line):
    fill = "─"
    fill_style = "$border-blurred"
    count = 0

    def left(self) -> list[Span]:
        return [Span("─ ", self.fill_style), Span("Functions", "bold"), Span(f" {self.count} ", MUTED)]

    def right(self) -> list[Span]:
        return [Span(" esc done ", MUTED, "screen.done"), Span("─", self.fill_style)]


class KeyLine(Line):
    """The keys of this screen; each word may be clicked."""

    DEFAULT_CSS = "KeyLine { padding: 0 1; background: $panel; }"
    WORDS = (
        ("f2", "add", "screen.add"),
        ("f5", "duplicate", "screen.duplicate"),
        ("f8", "delete", "screen.delete"),
        ("f9", "format", "screen.format"),
        ("tab", "list", "app.focus_next"),
    )

    def left(self) -> list[Span]:
        spans = []
        for key, word, action in self.WORDS:
            spans += [Span(key, "bold", action), Span(f" {word}", MUTED, action), Span("   ")]
        return spans


class Names(ScrollableContainer, can_focus=False):
    pass


class FunctionsScreen(ModalScreen[None]):
    CSS = """
    FunctionsScreen { background: $background; layout: vertical; }
    FunctionsScreen #functions { layout: horizontal; height: 1fr; }
    FunctionsScreen Names { width: 26; height: 1fr; border-right: solid $border-blurred; }
    FunctionsScreen.-narrow #functions { layout: vertical; }
    FunctionsScreen.-narrow Names {
        width: 1fr; height: auto; max-height: 5; border-right: none; border-bottom: solid $border-blurred;
    }
    FunctionsScreen .empty { padding: 1 2; color: $text-muted; height: 1fr; }
    """
    BINDINGS = [
        Binding("escape", "done", "Done"),
        Binding("f2", "add", "Add", id="functions.add"),
        Binding("f5", "duplicate", "Duplicate", id="functions.duplicate"),
        Binding("f8", "delete", "Delete", id="functions.delete"),
        Binding("f9", "format", "Format", id="functions.format"),
    ]
    AUTO_FOCUS = ""

    def __init__(self, entries: list[Any], changed: Callable[[list[Any], str], None]) -> None:
        """`entries`: the assistant's tools; texts among them are functions that are not valid. `changed` gets them
        after every edit, with a sentence about what is wrong or an empty one."""
        super().__init__()
        self._slots: list[Slot] = slots_of(entries)
        self._changed = changed
        self._place = 0
        self._delete_asked = False
        self._title = TitleLine()
        self._names = NameList()
        self._editor = JsonEditor(self._check, "A valid function.")
        self._empty = Static(
            "No functions yet. A function is something this machine does when the model asks for it.\n\n"
            "f2 adds one from a sample.",
            classes="empty",
            markup=False,
        )

    def compose(self) -> ComposeResult:
        yield self._title
        with Widget(id="functions"):
            with Names():
                yield self._names
            yield self._editor
            yield self._empty
        yield KeyLine()

    def on_mount(self) -> None:
        wrong = [n for n, line in enumerate(self._name_lines()) if line.wrong]
        self._open(wrong[0] if wrong else 0)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW, "-narrow")

    # -- the functions among the tools ---------------------------------------------------------------------------------

    def _places(self) -> list[int]:
        return [n for n, slot in enumerate(self._slots) if isinstance(slot, FunctionText)]

    def _texts(self) -> list[FunctionText]:
        return [slot for slot in self._slots if isinstance(slot, FunctionText)]

    def _others(self, place: int) -> frozenset[str]:
        """Names of the functions before this one: of two with one name the later one is wrong."""
        return frozenset(text.name for text in self._texts()[:place])

    def _check(self, value: Any, text: str) -> JsonFault | None:
        return check_function(value, text, self._others(self._place))

    def _name_lines(self) -> list[NameLine]:
        return [NameLine(text.name, self._fault(n, text) is not None) for n, text in enumerate(self._texts())]

    def _fault(self, place: int, text: FunctionText) -> JsonFault | None:
        return judge(text.text, lambda value, raw: check_function(value, raw, self._others(place)))[1]

    # -- showing -------------------------------------------------------------------------------------------------------

    def _open(self, place: int) -> None:
        texts = self._texts()
        self._place = min(max(0, place), max(0, len(texts) - 1))
        self._editor.display = bool(texts)
        self._empty.display = not texts
        self._show_names()
        if texts:
            self._editor.open_text(texts[self._place].text)
            self._editor.text_area.focus()

    def _show_names(self) -> None:
        self._names.show(self._name_lines(), self._place)
        self._title.count = len(self._texts())
        self._title.refresh()

    def _tell(self) -> None:
        self._delete_asked = False
        self._show_names()
        self._changed(*entries_of(self._slots))

    @on(JsonEditor.Typed)
    def _typed(self, event: JsonEditor.Typed) -> None:
        event.stop()
        self._slots[self._places()[self._place]] = FunctionText(event.text)
        self._tell()

    @on(NameList.Moved)
    def _move(self, event: NameList.Moved) -> None:
        event.stop()
        self._delete_asked = False
        self._open(event.place)
        self._names.focus()

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        self._insert(FunctionText(write_json({**SAMPLE, "name": free_name(str(SAMPLE["name"]), self._slots)})))

    def action_duplicate(self) -> None:
        if texts := self._texts():
            text = texts[self._place]
            self._insert(FunctionText(renamed(text.text, free_name(text.name or "copy", self._slots))))

    def _insert(self, text: FunctionText) -> None:
        if len(self._slots) >= MAX_TOOLS:
            self.notify(f"An assistant has at most {MAX_TOOLS} tools.", severity="warning")
            return
        places = self._places()
        self._slots.insert(places[self._place] + 1 if places else len(self._slots), text)
        self._open(self._place + 1 if places else 0)
        self._tell()

    def action_delete(self) -> None:
        """Asks by waiting for the same key again; any edit in between means no."""
        if not (texts := self._texts()):
            return
        if not self._delete_asked:
            self._delete_asked = True
            self.notify(f"f8 again deletes {texts[self._place].name or 'this function'}.", markup=False)
            return
        del self._slots[self._places()[self._place]]
        self._tell()
        self._open(self._place)

    def action_format(self) -> None:
        if self._texts() and not self._editor.format():
            self._editor.go_to_fault()

    def action_done(self) -> None:
        self.dismiss()

"""The functions of an assistant on a screen of their own: names left; right the marked one, as form fields or as JSON,
each the other's picture. Every edit is told at once, so there is nothing to confirm on the way out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.limits import MAX_TOOLS
from playground_tui.tui.config.functions.form_view import FormView
from playground_tui.tui.config.functions.handlers import HandlerBook, NoHandlers, handler_words
from playground_tui.tui.config.functions.name_list import NameLine, NameList
from playground_tui.tui.config.functions.screen_lines import HandlerLine, HelpText, KeyLine, TitleLine
from playground_tui.tui.config.functions.texts import (
    FunctionText,
    Slot,
    check_function,
    entries_of,
    free_name,
    function_of,
    renamed,
    slots_of,
)
from playground_tui.tui.config.json_editor import JsonEditor, judge
from playground_tui.tui.config.json_text import JsonFault, read_json, write_json
from playground_tui.tui.key_words import with_keys
from playground_tui.workspace.handlers.model import Handler

NARROW = 80
"""Columns below which the names stand above the text."""
EMPTY = (
    "No functions yet. A function is something this machine does when the model asks for it.\n\n"
    "{functions.add:f2} adds one: empty, from an example, or from a Python function."
)


class Names(ScrollableContainer, can_focus=False):
    pass


class FunctionsScreen(ModalScreen[None]):
    CSS = """
    FunctionsScreen { background: $background; layout: vertical; }
    FunctionsScreen #functions { layout: horizontal; height: 1fr; }
    FunctionsScreen #one { layout: vertical; width: 1fr; height: 1fr; }
    FunctionsScreen #one > HelpText { height: 1; padding: 0 1; color: $text-muted; }
    FunctionsScreen Names { width: 26; height: 1fr; border-right: solid $border-blurred; }
    FunctionsScreen.-narrow #functions { layout: vertical; }
    FunctionsScreen.-narrow Names {
        width: 1fr; height: auto; max-height: 5; border-right: none; border-bottom: solid $border-blurred;
    }
    FunctionsScreen .empty { padding: 1 2; color: $text-muted; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "done", "Done"),
        Binding("f2", "add", "Add", id="functions.add"),
        Binding("f3", "turn_view", "Form or JSON", id="functions.view"),
        Binding("f4", "try_it", "Try it", id="functions.try"),
        Binding("f5", "duplicate", "Duplicate", id="functions.duplicate"),
        Binding("f6", "strict", "Arrange for strict mode", id="functions.strict", priority=True),
        Binding("f7", "handler", "Handler", id="functions.handler", priority=True),
        Binding("f8", "delete", "Delete", id="functions.delete"),
        Binding("f9", "format", "Format", id="functions.format"),
        Binding("ctrl+down", "add_inside", "Parameter inside the marked one", show=False, id="functions.inside"),
    ]
    AUTO_FOCUS = ""

    def __init__(
        self,
        entries: list[Any],
        changed: Callable[[list[Any], str], None],
        handlers: HandlerBook | None = None,
    ) -> None:
        """`entries`: the assistant's tools; texts among them are functions that are not valid. `changed` gets them
        after every edit, with a sentence about what is wrong or an empty one."""
        super().__init__()
        self._slots: list[Slot] = slots_of(entries)
        self._changed = changed
        self._handlers: HandlerBook = handlers or NoHandlers()
        self._place = 0
        self._kept_name = ""
        """What the marked function's handler is kept under while its name is being edited."""
        self._delete_asked = False
        self.as_json = False
        self._title = TitleLine()
        self._key_line = KeyLine()
        self._names = NameList()
        self._form = FormView()
        self._editor = JsonEditor(self._check, "A valid function.")
        self._verdict = Static("", classes="empty", markup=False)
        self._handler = HandlerLine()
        self._empty = Static("", classes="empty", markup=False)
        self._help = HelpText("", markup=False)

    def compose(self) -> ComposeResult:
        yield self._title
        with Widget(id="functions"):
            with Names():
                yield self._names
            with Widget(id="one"):
                yield from (self._form, self._verdict, self._editor, self._handler, self._help)
            yield self._empty
        yield self._key_line

    def on_mount(self) -> None:
        self._empty.update(with_keys(self, EMPTY))
        wrong = [n for n, line in enumerate(self._name_lines()) if line.wrong]
        self._open(wrong[0] if wrong else 0)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW, "-narrow")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget not in (self._form.name_line.input, self._editor.text_area):
            self._settle_name()
        lines = (getattr(widget, "help_line", "") for widget in event.widget.ancestors_with_self)
        self._help.update(next((line for line in lines if line), ""))

    # -- the functions among the tools ---------------------------------------------------------------------------------

    def _places(self) -> list[int]:
        return [n for n, slot in enumerate(self._slots) if isinstance(slot, FunctionText)]

    def _texts(self) -> list[FunctionText]:
        return [slot for slot in self._slots if isinstance(slot, FunctionText)]

    @property
    def _text(self) -> FunctionText | None:
        """The marked function."""
        texts = self._texts()
        return texts[self._place] if texts else None

    def _others(self, place: int) -> frozenset[str]:
        """Names of the functions before this one: of two with one name the later one is wrong."""
        return frozenset(text.name for text in self._texts()[:place])

    def _other_names(self) -> frozenset[str]:
        return frozenset(text.name for n, text in enumerate(self._texts()) if n != self._place)

    def _check(self, value: Any, text: str) -> JsonFault | None:
        return check_function(value, text, self._others(self._place))

    def _name_lines(self) -> list[NameLine]:
        return [NameLine(text.name, self._fault(n, text) is not None) for n, text in enumerate(self._texts())]

    def _fault(self, place: int, text: FunctionText) -> JsonFault | None:
        return judge(text.text, lambda value, raw: check_function(value, raw, self._others(place)))[1]

    # -- showing -------------------------------------------------------------------------------------------------------

    def _open(self, place: int, *, focus: bool = True) -> None:
        self._settle_name()
        texts = self._texts()
        self._place = min(max(0, place), max(0, len(texts) - 1))
        self._kept_name = texts[self._place].name if texts else ""
        self.query_one("#one").display = bool(texts)
        self._empty.display = not texts
        self._key_line.has_one = bool(texts)
        self._key_line.refresh()
        self._show_names()
        if texts:
            self._show_one(focus=focus)

    def _show_one(self, *, focus: bool = True) -> None:
        """The marked function in the chosen view. A text that is no JSON has no form."""
        assert self._text is not None
        value, fault = read_json(self._text.text)
        function = function_of(value)[0]
        form = not self.as_json and fault is None and isinstance(function, dict)
        self._form.display = form
        self._editor.display = not form
        self._title.as_json = not form
        self._title.refresh()
        if form:
            self._form.open(function)
        else:
            self._editor.open_text(self._text.text)
        self._show_handler()
        self._show_verdict()
        if focus:
            self._form.focus_first() if form else self._editor.text_area.focus()

    def _show_names(self) -> None:
        self._names.show(self._name_lines(), self._place)
        self._title.count = len(self._texts())
        self._title.refresh()

    def _show_verdict(self) -> None:
        """What the limits say to the form; the JSON view says it itself, at line and column."""
        fault = self._fault(self._place, self._text) if self._text and self._form.display else None
        self._verdict.display = fault is not None
        self._verdict.update(f"! {fault.message}." if fault else "")

    def _show_handler(self) -> None:
        name = self._kept_name or (self._text.name if self._text else "")
        self._handler.words = handler_words(self._handlers.handler(name)) if name else ""
        self._handler.refresh()

    def _tell(self) -> None:
        self._delete_asked = False
        self._show_names()
        self._show_verdict()
        self._changed(*entries_of(self._slots))

    @on(JsonEditor.Typed)
    def _typed(self, event: JsonEditor.Typed) -> None:
        event.stop()
        self._put(event.text)

    @on(FormView.Edited)
    def _form_edited(self, event: FormView.Edited) -> None:
        event.stop()
        if self._form.display:
            self._put(write_json(event.function))

    def _put(self, text: str) -> None:
        self._slots[self._places()[self._place]] = FunctionText(text)
        self._tell()

    def _settle_name(self) -> None:
        """The name is not edited any more: what is kept under the old one follows, once. A name that another function
        has, or none, is not the end of an edit."""
        name, before = self._text.name if self._text else "", self._kept_name
        others = self._other_names()
        if not name or name == before or name in others:
            return
        self._kept_name = name
        if before and before not in others:
            self._handlers.rename(before, name)
        self._show_handler()

    @on(NameList.Moved)
    def _move(self, event: NameList.Moved) -> None:
        event.stop()
        self._delete_asked = False
        self._open(event.place, focus=False)
        self._names.focus()

    # -- views ---------------------------------------------------------------------------------------------------------

    def action_turn_view(self) -> None:
        self._show_view(not self._title.as_json)

    def action_show_form(self) -> None:
        self._show_view(False)

    def action_show_json(self) -> None:
        self._show_view(True)

    def _show_view(self, as_json: bool) -> None:
        self.as_json = as_json
        if self._text is not None:
            self._show_one()
            if not as_json and self._title.as_json:
                self.notify("The text is no JSON yet; mend it here, then it has a form.", severity="warning")
                self._editor.go_to_fault()

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        from playground_tui.tui.config.functions.new_function import NewFunctionScreen

        self.app.push_screen(NewFunctionScreen(), self._add)

    def _add(self, made: tuple[dict[str, Any], str] | None) -> None:
        """`made`: the function, and the Python target that answers it if it was read from one."""
        if made is None:
            return
        function, target = made
        name = free_name(str(function.get("name") or "function"), self._slots)
        self._insert(FunctionText(write_json({**function, "name": name})))
        if target:
            self._handlers.bind(name, Handler("python", target))
            self._show_handler()

    def action_duplicate(self) -> None:
        if text := self._text:
            self._insert(FunctionText(renamed(text.text, free_name(text.name or "copy", self._slots))))

    def _insert(self, text: FunctionText) -> None:
        if len(self._slots) >= MAX_TOOLS:
            self.notify(f"An assistant has at most {MAX_TOOLS} tools.", severity="warning")
            return
        places = self._places()
        self._slots.insert(places[self._place] + 1 if places else len(self._slots), text)
        self._open(self._place + 1 if places else 0)
        self._mark_name()
        self._tell()

    def _mark_name(self) -> None:
        """Of a function that was just added: what is typed takes its place."""
        if self._form.display:
            self._form.mark_name()
        elif self._text:
            self._editor.mark(self._text.name)

    @on(NameList.Shifted)
    def _shift(self, event: NameList.Shifted) -> None:
        """The marked function changes places with its neighbour; tools between them stay."""
        event.stop()
        places = self._places()
        target = self._place + event.step
        if not 0 <= target < len(places):
            return
        here, there = places[self._place], places[target]
        self._slots[here], self._slots[there] = self._slots[there], self._slots[here]
        self._place = target
        self._tell()

    def action_add_inside(self) -> None:
        if self._text is not None and self._form.display:
            self._form.add_parameter(inside=True)

    def action_strict(self) -> None:
        """Explain what strict mode wants of this function, and arrange it on demand."""
        from playground_tui.tui.config.functions.strict_screen import StrictScreen

        function = self._function()
        if function is not None:
            self.app.push_screen(StrictScreen(function), self._take_strict)

    def _take_strict(self, function: dict[str, Any] | None) -> None:
        if function is not None:
            self._put(write_json(function))
            self._show_one()

    def _function(self) -> dict[str, Any] | None:
        """The marked function, if its text is one."""
        value = read_json(self._text.text)[0] if self._text else None
        function = function_of(value)[0]
        return function if isinstance(function, dict) else None

    def action_handler(self) -> None:
        from playground_tui.tui.config.functions.handler_screen import HandlerScreen

        self._settle_name()
        if (text := self._text) and text.name:
            present = self._handlers.handler(text.name)
            self.app.push_screen(HandlerScreen(text.name, present), partial(self._take_handler, text.name))

    def _take_handler(self, name: str, handler: Handler | None) -> None:
        if handler is not None:
            self._handlers.bind(name, handler)
            self._show_handler()

    def action_try_it(self) -> None:
        from playground_tui.tui.config.functions.try_screen import TryScreen

        self._settle_name()
        function = self._function()
        if function is not None and self._text is not None:
            name = self._text.name
            self.app.push_screen(TryScreen(function, self._handlers.handler(name), self._handlers.interpreter))
        elif self._text is not None:
            self.notify("The text is no function yet.", severity="warning")

    def action_delete(self) -> None:
        """Asks by waiting for the same key again; any edit in between means no."""
        if not (text := self._text):
            return
        if not self._delete_asked:
            self._delete_asked = True
            again = with_keys(self, "{functions.delete:f8} again")
            self.notify(f"{again} deletes {text.name or 'this function'}.", markup=False)
            return
        del self._slots[self._places()[self._place]]
        self._kept_name = ""
        self._tell()
        self._open(self._place)

    def action_format(self) -> None:
        if not self._text or self._form.display:
            return
        if not self._editor.format():
            self._editor.go_to_fault()

    def action_done(self) -> None:
        self.dismiss()

    def on_unmount(self) -> None:
        self._settle_name()

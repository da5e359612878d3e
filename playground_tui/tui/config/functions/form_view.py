"""One function as form fields: what it is called, what it does, what it takes. Contract: `open` shows a function and
tells nothing; each edit goes out as `FunctionForm`, from which the JSON is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.functions.form_rows import CheckLine, FormEdited, TextLine, TextLines, TurnLine, Word
from playground_tui.tui.config.functions.parameter_list import TYPE_WORDS, ParameterList
from playground_tui.tui.key_words import with_keys
from playground_tui.workspace.functions import tree
from playground_tui.workspace.functions.form import FunctionForm, Parameter, from_function, to_function
from playground_tui.workspace.functions.strict import strict_problems
from playground_tui.workspace.sameness import same

STRICT_HELP = "The model must follow the schema exactly."
_SHOWN_PROBLEMS = 3


class ParameterFields(Widget):
    """The marked parameter's own fields."""

    DEFAULT_CSS = """
    ParameterFields { height: auto; layout: vertical; border-top: solid $border-blurred; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.name_line = TextLine("parameter-name", "Name", "what the model fills in", "Letters, digits and _.")
        self.kind = TurnLine(
            "parameter-type",
            "Type",
            [Word(value, words) for value, words in TYPE_WORDS.items() if value != "any"],
            "← → change it · a group has parameters of its own",
        )
        self.required = CheckLine(
            "parameter-required", "Required", "the model must give it", "Off: it may be left out."
        )
        self.nullable = CheckLine(
            "parameter-nullable", "Null", "null may stand in its place", "Strict mode writes so what may be left out."
        )
        self.about = TextLine("parameter-description", "Description", "what it means", "The model reads this.")
        self.choices = TextLine("parameter-choices", "Choices", "any", "Separated by commas: red, green, blue")

    def compose(self) -> ComposeResult:
        yield from (self.name_line, self.kind, self.required, self.about, self.choices, self.nullable)

    def show(self, parameter: Parameter, *, is_item: bool) -> None:
        self.name_line.show(parameter.name)
        self.name_line.display = not is_item
        self.required.display = not is_item
        self.kind.show(parameter.type)
        self.required.show(parameter.required)
        self.about.show(parameter.description or "")
        self.nullable.show(parameter.nullable)
        self.nullable.display = parameter.type != "any"
        self.choices.show(tree.shown_choices(parameter))
        self.choices.display = parameter.type in ("string", "number", "integer")


class FormView(ScrollableContainer, can_focus=False):
    DEFAULT_CSS = """
    FormView { scrollbar-size-vertical: 1; overflow-x: hidden; height: 1fr; }
    FormView > .heading { height: 1; margin-top: 1; padding: 0 1; color: $text-muted; }
    FormView > .problems { height: auto; padding: 0 1 0 15; color: $text-muted; }
    FormView > .problems.-wrong { color: $text-error; }
    """

    class Edited(Message):
        """The person changed the function."""

        def __init__(self, function: dict[str, Any]) -> None:
            super().__init__()
            self.function = function

    def __init__(self) -> None:
        super().__init__()
        self.form = FunctionForm()
        self._place: tree.Place | None = None
        self.name_line = TextLine("name", "Name", "get_weather", "What the model calls; letters, digits, _ and -.")
        self.about = TextLines(
            "description", "Description", "what it does and when to call it", "The model reads this."
        )
        self.strict = CheckLine("strict", "Strict", "arguments follow the schema exactly", STRICT_HELP)
        self._strict_note = Static("", classes="problems", markup=False)
        self.parameters = ParameterList()
        self.fields = ParameterFields()
        self._name_note = Static("", classes="problems -wrong", markup=False)

    def compose(self) -> ComposeResult:
        yield from (self.name_line, self.about, self.strict, self._strict_note)
        yield Static("Parameters", classes="heading", markup=False)
        yield from (self.parameters, self.fields, self._name_note)

    def open(self, function: dict[str, Any]) -> None:
        """Show a function."""
        if not same(to_function(tree.settled(self.form)), function):
            self.form = from_function(function)
            self._place = None
        self.name_line.show(self.form.name)
        self.about.show(self.form.description or "")
        self._show_tree()

    def focus_first(self) -> None:
        self.name_line.input.focus()

    def mark_name(self) -> None:
        self.name_line.input.select_all()

    # -- showing -------------------------------------------------------------------------------------------------------

    def _show_tree(self) -> None:
        self.parameters.show(self.form, self._place)
        self._show_fields()
        self._show_strict()

    def _show_fields(self) -> None:
        place = self.parameters.place
        self._place = place
        self.fields.display = place is not None
        if place is not None:
            self.fields.show(tree.at(self.form, place), is_item=place[-1] == tree.ITEM)
        self._show_name_note()

    def _show_name_note(self) -> None:
        sentence = tree.name_problem(self.form, self._place) if self._place is not None else ""
        self._name_note.display = bool(sentence)
        self._name_note.update(f"! {sentence}")

    def _show_strict(self) -> None:
        problems = self.strict_problems()
        in_the_way = with_keys(self, f"{len(problems)} in the way · {{functions.strict:f6}} arranges")
        remark = in_the_way if problems else "as it should be" if self.form.strict else ""
        self.strict.show(bool(self.form.strict), remark if self.form.strict else "")
        self._strict_note.display = bool(problems)
        self._strict_note.update(Content("\n".join(problem_lines(problems))))

    def strict_problems(self) -> Sequence[str]:
        """What is in the way of strict mode, while it is on."""
        if not self.form.strict:
            return ()
        return strict_problems(to_function(tree.settled(self.form)).get("parameters") or {})

    # -- editing -------------------------------------------------------------------------------------------------------

    def _take(self, form: FunctionForm, place: tree.Place | None, *, typed: bool = False) -> None:
        """`typed`: in a line of text, which is not touched while it is typed in."""
        self.form, self._place = form, place
        self.parameters.show(form, place)
        if typed:
            self._show_name_note()
        else:
            self._show_fields()
        self._show_strict()
        self.post_message(self.Edited(to_function(tree.settled(form))))

    def add_parameter(self, *, inside: bool = False) -> None:
        fresh = Parameter("", "string", required=True)
        place = self._place
        if inside and place is not None:
            form, made = tree.add_inside(self.form, place, fresh)
        else:
            form, made = tree.add(self.form, place, fresh)
        self._take(form, made)
        self.fields.name_line.input.focus()

    @on(FormEdited)
    def _edited(self, event: FormEdited) -> None:
        event.stop()
        if event.name.startswith("parameter-"):
            if self._place is not None:
                shown = tree.at(self.form, self._place)
                made = edited_parameter(shown, event.name.removeprefix("parameter-"), event.value)
                typed = event.name not in ("parameter-type", "parameter-required", "parameter-nullable")
                self._take(tree.put(self.form, self._place, made), self._place, typed=typed)
            return
        value = event.value
        if event.name == "description":
            value = value or None
        self._take(replace(self.form, **{event.name: value}), self._place, typed=True)

    @on(ParameterList.Did)
    def _did(self, event: ParameterList.Did) -> None:
        event.stop()
        place = event.place
        if event.what == "marked":
            self._show_fields()
        elif event.what == "add" or place is None:
            self.add_parameter()
        elif event.what in ("up", "down"):
            form, made = tree.move(self.form, place, -1 if event.what == "up" else 1)
            if made != place:
                self._take(form, made)
        elif event.what == "edit":
            (self.fields.kind if place[-1] == tree.ITEM else self.fields.name_line.input).focus()
        else:
            self._remove(place)

    def _remove(self, place: tree.Place) -> None:
        self._take(tree.remove(self.form, place), place)
        self.parameters.focus()


def edited_parameter(parameter: Parameter, field: str, value: Any) -> Parameter:
    if field == "type":
        return tree.with_type(parameter, value)
    if field == "choices":
        return tree.with_choices(parameter, tree.parse_choices(value, parameter.type))
    if field == "nullable":
        return tree.with_null(parameter, value)
    if field == "description":
        return replace(parameter, description=value or None)
    return replace(parameter, **{field: value})


def problem_lines(problems: Sequence[str]) -> list[str]:
    shown = [problem.removeprefix("parameters: ").removeprefix("parameters.") for problem in problems[:_SHOWN_PROBLEMS]]
    more = len(problems) - len(shown)
    return [*shown, *([f"and {more} more"] if more > 0 else [])]

"""Where a new function comes from: nothing, an example, or a function in a Python file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.config.choices import ChoiceList, Option
from playground_tui.tui.config.functions.dialog import FRAME
from playground_tui.tui.config.functions.form_rows import FormEdited, TextLine
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.functions.sample import EXAMPLES
from playground_tui.workspace.functions.signature import SignatureError, function_from_file, function_names

NEW: dict[str, Any] = {"name": "new_function", "parameters": {"type": "object", "properties": {}}}
PYTHON = "python"
_NOTES = ("plain parameters", "a list, a date, a number", "nested and strict")
Made = tuple[dict[str, Any], str]
"""The function, and the Python target that answers it; empty where there is none."""


class NewFunctionScreen(ModalScreen[Made | None]):
    DEFAULT_CSS = FRAME.format(name="NewFunctionScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close")]
    AUTO_FOCUS = "ChoiceList"

    def compose(self) -> ComposeResult:
        examples = [Option(f"Example {name}", name, note) for (name, _), note in zip(EXAMPLES, _NOTES, strict=True)]
        with Vertical(id="frame") as frame:
            frame.border_title = "New function"
            frame.border_subtitle = "enter takes it · esc closes"
            yield ChoiceList(
                [
                    Option("Empty", "", "fill in the fields"),
                    *examples,
                    Option("From Python…", PYTHON, "reads a function's signature and docstring"),
                ]
            )

    @on(ChoiceList.Chosen)
    def _chosen(self, event: ChoiceList.Chosen) -> None:
        event.stop()
        if event.value == PYTHON:
            self.app.push_screen(FromPythonScreen(), self._from_python)
        else:
            self.dismiss((dict(EXAMPLES).get(event.value, NEW), ""))

    def _from_python(self, made: Made | None) -> None:
        if made is not None:
            self.dismiss(made)

    def action_leave(self) -> None:
        self.dismiss(None)


class FromPythonScreen(ModalScreen[Made | None]):
    """The file is read, never run."""

    DEFAULT_CSS = FRAME.format(name="FromPythonScreen") + "FromPythonScreen ChoiceList { margin-top: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("down", "functions", "functions", show=False),
    ]
    AUTO_FOCUS = "Input"

    def __init__(self) -> None:
        super().__init__()
        self._path = TextLine("path", "Python file", "path/to/tools.py", "It is read, not run.")
        self._said = Static(
            "The file is read, not run. Its public functions are listed here.", classes="said", markup=False
        )
        self._names: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "From a Python function"
            frame.border_subtitle = "enter lists, then takes · esc closes"
            yield self._path
            yield self._said

    @property
    def path(self) -> Path:
        return Path(self._path.input.value.strip()).expanduser()

    @on(FormEdited)
    async def _typed(self, event: FormEdited) -> None:
        event.stop()
        if self.path.suffix == ".py" and self.path.is_file():
            await self._list()
        else:
            self._say("No such Python file yet." if self._path.input.value else "")
            await self._show(())

    async def _list(self) -> None:
        try:
            names = tuple(function_names(self.path.read_text("utf-8")))
        except SignatureError as error:
            self._say(str(error), wrong=True)
            names = ()
        except (OSError, UnicodeDecodeError) as error:
            self._say(f"It could not be read ({type(error).__name__}).", wrong=True)
            names = ()
        else:
            self._say("" if names else "It has no public function.")
        await self._show(names)

    async def _show(self, names: tuple[str, ...]) -> None:
        if names == self._names:
            return
        self._names = names
        await self.query(ChoiceList).remove()
        if names:
            await self.query_one("#frame").mount(ChoiceList([Option(name, name) for name in names]))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self._said.set_class(wrong, "wrong")
        self._said.update(f"! {text}" if wrong else text)

    @on(Input.Submitted)
    def action_functions(self) -> None:
        for choices in self.query(ChoiceList):
            choices.focus()

    @on(ChoiceList.Chosen)
    def _chosen(self, event: ChoiceList.Chosen) -> None:
        event.stop()
        try:
            function = function_from_file(self.path, event.value)
        except SignatureError as error:
            self._say(str(error), wrong=True)
        else:
            self.dismiss((function, f"{self.path.resolve()}:{event.value}"))

    def action_leave(self) -> None:
        self.dismiss(None)

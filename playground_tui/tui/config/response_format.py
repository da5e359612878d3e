"""The response format: a list of the kinds, and for `json_schema` an editor that checks JSON and schema."""

from __future__ import annotations

from typing import Any

from textual import on

from playground_tui.limits import check_field
from playground_tui.limits.json_schema import check_schema
from playground_tui.tui.config.choices import ChoiceList, Option
from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.json_editor import JsonEditor
from playground_tui.tui.config.json_text import JsonFault, fault_in, write_json
from playground_tui.tui.config.param_path import param_path
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.workspace.functions.strict import strict_problems
from playground_tui.workspace.values import Json

KINDS = (
    Option("not set", None),
    Option("auto", "auto"),
    Option("text", "text"),
    Option("json_object", "json_object", "say JSON in the instructions"),
    Option("json_schema", "json_schema", "replies that fit a schema"),
)
SAMPLE: dict[str, Any] = {
    "name": "reply",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
}


def kind_of(value: Json) -> str | None:
    return value.get("type") if isinstance(value, dict) else value


def check_format(value: Any, text: str) -> JsonFault | None:
    """`value` is what stands under `json_schema`."""
    problem = check_field("response_format", {"type": "json_schema", "json_schema": value})
    if problem:
        path = param_path(problem.param.removeprefix("response_format").removeprefix(".json_schema"))
        return fault_in(text, path, problem.advice.rstrip("."))
    wrong = check_schema(value.get("schema", {}))
    return fault_in(text, ("schema", *wrong.path), wrong.advice) if wrong else None


def fine_format(value: Any) -> str:
    """A schema may be right, and strict mode still refuse it."""
    problems = strict_problems(value.get("schema") or {}, "schema") if value.get("strict") else ()
    if not problems:
        return "Valid JSON and a valid schema."
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"Valid, but strict mode will refuse it: {problems[0]}{more}"


class FormatField(FieldControl):
    """Raw text: what stands in the editor, which is the object under `json_schema`."""

    DEFAULT_CSS = """
    FormatField { layout: vertical; height: auto; }
    FormatField > JsonEditor { height: 12; margin: 0 1 0 3; }
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.kinds = ChoiceList(KINDS)
        self.editor: JsonEditor | None = None
        self._text = write_json(SAMPLE)

    def compose(self) -> list[ChoiceList]:
        return [self.kinds]

    def fill(self, value: Json) -> None:
        self.kinds.show_choice(kind_of(value))
        if kind_of(value) == "json_schema":
            self._open_editor(write_json(value.get("json_schema", {})))
        elif self.editor:
            self.editor.display = False

    def fill_raw(self, text: str) -> None:
        self.kinds.show_choice("json_schema")
        self._open_editor(text)

    def focus_field(self) -> None:
        editor = self.editor
        (editor.text_area if editor and editor.display else self.kinds).focus()

    def _open_editor(self, text: str) -> None:
        self._text = text
        if self.editor is None:
            self.editor = JsonEditor(check_format, fine_format)
            self.mount(self.editor)
        self.editor.display = True
        if self.editor.text != text:
            self.editor.open_text(text)

    @on(ChoiceList.Chosen)
    def _choose(self, event: ChoiceList.Chosen) -> None:
        event.stop()
        kind = event.value
        if kind == "json_schema":
            self._open_editor(self._text)
            assert self.editor is not None
            self._tell_schema(self._text, *self.editor.judge())
            return
        if self.editor:
            self.editor.display = False
        self.tell(kind if kind in (None, "auto") else {"type": kind})

    @on(JsonEditor.Typed)
    def _typed(self, event: JsonEditor.Typed) -> None:
        event.stop()
        self._tell_schema(event.text, event.value, event.fault)

    def _tell_schema(self, text: str, value: Any, fault: JsonFault | None) -> None:
        self._text = text
        if fault:
            self.tell_wrong(text, fault.sentence())
        else:
            self.tell({"type": "json_schema", "json_schema": value})

    def show_sentence(self) -> None:
        """The editor tells it at line and column."""
        self.set_class(self.echo.shown.raw is not None, "-wrong")

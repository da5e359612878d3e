"""The run settings, as data. They are no part of the assistant: they are kept for it here and go with each run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.binding import Binding
from textual.content import Content

from playground_tui.tui.config.choices import ChoiceRow, Option
from playground_tui.tui.config.model_row import ModelRow
from playground_tui.tui.config.number_row import NumberRow
from playground_tui.tui.config.numbers import parse_number
from playground_tui.tui.config.row import muted, spread
from playground_tui.tui.config.spec import FieldSpec, Surroundings
from playground_tui.tui.config.text_block import TextBlock
from playground_tui.tui.config.typed_row import TypedRow
from playground_tui.workspace.values import Json

TOOL_CHOICES = (
    Option("not set", None),
    Option("auto", "auto"),
    Option("none", "none"),
    Option("required", "required"),
    Option("file_search", {"type": "file_search"}),
    Option("code_interpreter", {"type": "code_interpreter"}),
)


class ToolChoiceRow(ChoiceRow):
    """The assistant's own functions are among the choices."""

    _functions: tuple[str, ...] = ()

    def take_surroundings(self, around: Surroundings) -> None:
        if around.functions != self._functions:
            self._functions = around.functions
            self.refresh()

    def choices(self) -> Sequence[Option]:
        return (*TOOL_CHOICES, *(Option(name, _function(name)) for name in self._functions))


def _function(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


class TruncationRow(TypedRow):
    """Not set, auto, or the last messages, whose number is typed."""

    BINDINGS = [
        Binding("left", "turn(-1)", "Choice before", show=False),
        Binding("right,enter,space", "turn(1)", "Next choice"),
    ]
    START = 10

    def parse(self, text: str) -> Json:
        number = parse_number(text, integer=True)
        return None if number is None else {"type": "last_messages", "last_messages": number}

    def words(self, value: Json) -> str:
        return str(value["last_messages"]) if value["type"] == "last_messages" else str(value["type"])

    def action_rub_out(self) -> None:
        if isinstance(self.value, dict) and self.value["type"] == "auto":
            self.choose(None)
        else:
            super().action_rub_out()

    def action_turn(self, step: int) -> None:
        order: list[Json] = [None, {"type": "auto"}, {"type": "last_messages", "last_messages": self.START}]
        kinds = [None, "auto", "last_messages"]
        place = kinds.index(self.value["type"] if self.value else None)
        self.choose(order[(place + step) % 3])

    def on_click(self) -> None:
        self.action_turn(1)

    def value_content(self, width: int) -> Content:
        numbered = self._typing is not None or (self.value or {}).get("type") == "last_messages"
        words = Content.assemble("last messages: " if numbered else "", self.number_content())
        return spread(words, muted(" ◂ ▸"), width)

    def _range_advice(self) -> str:
        return "The number of last messages to keep, 1 or more."


def _run(name: str, label: str, control: Any, help_line: str, **options: Any) -> FieldSpec:
    return FieldSpec(name, label, control, help_line, group="run", options=options)


RUN: tuple[FieldSpec, ...] = (
    _run("model", "Model", ModelRow, "Runs use it instead · Delete unsets"),
    _run("additional_instructions", "Added text", TextBlock, "Goes after the instructions, per run."),
    _run(
        "max_prompt_tokens",
        "Prompt tokens",
        NumberRow,
        "At most per run; older messages give way.",
        start=8192,
        step=256,
        unset="no limit",
    ),
    _run(
        "max_completion_tokens",
        "Reply tokens",
        NumberRow,
        "At most per run; then the reply ends.",
        start=1024,
        step=256,
        unset="no limit",
    ),
    _run("truncation_strategy", "Truncation", TruncationRow, "→ changes, digits keep the last messages"),
    _run("tool_choice", "Tool choice", ToolChoiceRow, "Whether or which tool is called · → changes"),
    _run(
        "parallel_tool_calls",
        "Parallel",
        ChoiceRow,
        "Several tool calls at once · → changes",
        choices=(Option("not set", None), Option("yes", True), Option("no", False)),
    ),
    _run(
        "timeout",
        "Timeout",
        NumberRow,
        "Seconds of silence before giving up.",
        start=60,
        step=10,
        integer=False,
        unit="s",
        unset="60 s",
    ),
)

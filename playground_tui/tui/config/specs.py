"""The form, as data: every field of an assistant and every run setting, in the order a person reads them."""

from __future__ import annotations

from typing import Any

from playground_tui.limits import REASONING_EFFORTS, TEMPERATURE, TOP_P
from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.instructions import InstructionsField
from playground_tui.tui.config.model_row import ModelRow
from playground_tui.tui.config.slider import SliderRow
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.tui.config.text_row import TextRow
from playground_tui.tui.config.tools import ToolsField
from playground_tui.workspace.documents import TITLES
from playground_tui.workspace.values import Json

# The controls of the fold-outs are imported when one opens: nobody waits for them at the first frame.


def _format_field(spec: FieldSpec) -> FieldControl:
    from playground_tui.tui.config.response_format import FormatField

    return FormatField(spec)


def _effort_field(spec: FieldSpec) -> FieldControl:
    from playground_tui.tui.config.list_field import ListField

    return ListField(spec)


def _pairs_field(spec: FieldSpec) -> FieldControl:
    from playground_tui.tui.config.pairs import PairsField

    return PairsField(spec)


def make_run_controls() -> list[FieldControl]:
    from playground_tui.tui.config.run_specs import RUN

    return [spec.control(spec) for spec in RUN]


def _pairs_words(value: Json) -> str:
    return "none" if not value else f"{len(value)} {'pair' if len(value) == 1 else 'pairs'}"


def _format_words(value: Json) -> str:
    if not isinstance(value, dict):
        return value or "not set"
    name = value.get("json_schema", {}).get("name")
    return f"json_schema · {name}" if name else str(value.get("type"))


def _spec(name: str, control: Any, help_line: str, **more: Any) -> FieldSpec:
    return FieldSpec(name, TITLES[name], control, help_line, **more)


PLAIN: tuple[FieldSpec, ...] = (
    _spec("name", TextRow, "Its name in lists. Empty: Untitled N.", options={"placeholder": "Untitled"}),
    _spec("description", TextRow, "For people; the model does not see it."),
    _spec("instructions", InstructionsField, "ctrl+f find · ctrl+z undo · tab leaves"),
    _spec("model", ModelRow, "Enter lists them; any name may be typed."),
    _spec("tools", ToolsField, "What the model may use."),
    _spec(
        "temperature",
        SliderRow,
        "0 = focused, 2 = creative · Delete unsets",
        options={"low": TEMPERATURE[0], "high": TEMPERATURE[1], "step": 0.1, "start": 1.0},
    ),
    _spec(
        "top_p",
        SliderRow,
        "Change this or temperature, not both.",
        options={"low": TOP_P[0], "high": TOP_P[1], "step": 0.05, "start": 1.0},
    ),
)
"""Always shown."""

FOLDED: tuple[FieldSpec, ...] = (
    _spec("response_format", _format_field, "The form that replies have.", fold=_format_words),
    _spec(
        "reasoning_effort",
        _effort_field,
        "For reasoning models; others refuse it.",
        fold=lambda value: str(value or "not set"),
        options={"words": REASONING_EFFORTS},
    ),
    _spec("metadata", _pairs_field, "Up to 16 pairs · shift+delete removes one", fold=_pairs_words),
)
"""Behind one line each."""

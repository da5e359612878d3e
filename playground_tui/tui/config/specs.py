"""The form, as data: every field of an assistant and every run setting, in the order a person reads them."""

from __future__ import annotations

from typing import Any

from playground_tui.limits import REASONING_EFFORTS, TEMPERATURE, TOP_P
from playground_tui.tui.config.choices import Option, words_for
from playground_tui.tui.config.instructions import InstructionsField
from playground_tui.tui.config.list_field import ListField
from playground_tui.tui.config.model_row import ModelRow
from playground_tui.tui.config.pairs import PairsField
from playground_tui.tui.config.response_format import FormatField, kind_of
from playground_tui.tui.config.slider import SliderRow
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.tui.config.text_row import TextRow
from playground_tui.tui.config.tools import ToolsField
from playground_tui.tui.words import FIELD_NAMES
from playground_tui.workspace.values import Json

EFFORTS = (Option("not set", None), *(Option(word, word) for word in REASONING_EFFORTS))


def _pairs_words(value: Json) -> str:
    return "none" if not value else f"{len(value)} {'pair' if len(value) == 1 else 'pairs'}"


def _format_words(value: Json) -> str:
    name = value.get("json_schema", {}).get("name") if isinstance(value, dict) else None
    return f"json_schema · {name}" if name else kind_of(value) or "not set"


def _spec(name: str, control: Any, help_line: str, **more: Any) -> FieldSpec:
    return FieldSpec(name, FIELD_NAMES[name], control, help_line, **more)


PLAIN: tuple[FieldSpec, ...] = (
    _spec("name", TextRow, "What it is called in lists.", options={"placeholder": "Untitled"}),
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
    _spec("response_format", FormatField, "The form that replies have.", fold=_format_words),
    _spec(
        "reasoning_effort",
        ListField,
        "For reasoning models; others refuse it.",
        fold=lambda value: words_for(EFFORTS, value),
        options={"choices": EFFORTS},
    ),
    _spec("metadata", PairsField, "Up to 16 pairs · shift+delete removes one", fold=_pairs_words),
)
"""Behind one line each."""

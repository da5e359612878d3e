"""The assistant's fields and their limits (wire.md §3, from the official description).

`ASSISTANT_FIELDS` is the one table: the form, the command line and the service read it.
"""

from __future__ import annotations

import re
from typing import Any, Final

from playground_tui.limits.rules import (
    Choice,
    Flag,
    Items,
    JsonObject,
    Maybe,
    Number,
    Pairs,
    Problem,
    Record,
    Rule,
    Tagged,
    Text,
)

_ALONE: Final = re.compile("[\ud800-\udfff]")
MAX_NAME: Final = 256
MAX_DESCRIPTION: Final = 512
MAX_INSTRUCTIONS: Final = 256_000
MAX_TOOLS: Final = 128
MAX_RUN_TOOLS: Final = 20
MAX_CODE_FILES: Final = 20
MAX_VECTOR_STORES: Final = 1
TEMPERATURE: Final = (0.0, 2.0)
TOP_P: Final = (0.0, 1.0)
REASONING_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
FUNCTION_NAME_PATTERN: Final = "[a-zA-Z0-9_-]+"

METADATA: Final = Pairs()
FUNCTION: Final = Record(
    {
        "name": Text(
            max=64,
            min=1,
            pattern=FUNCTION_NAME_PATTERN,
            pattern_advice="A function's name has only letters, digits, _ and -.",
        ),
        "description": Maybe(Text()),
        "parameters": Maybe(JsonObject()),
        "strict": Maybe(Flag()),
    },
    required=("name",),
)
RANKING: Final = Record(
    {"ranker": Choice(("auto", "default_2024_08_21")), "score_threshold": Number(0, 1)},
    required=("score_threshold",),
)
TOOL: Final = Tagged(
    {
        "code_interpreter": Record({"type": Text()}),
        "file_search": Record(
            {
                "type": Text(),
                "file_search": Maybe(
                    Record({"max_num_results": Number(1, 50, integer=True), "ranking_options": Maybe(RANKING)})
                ),
            }
        ),
        "function": Record({"type": Text(), "function": FUNCTION}, required=("function",)),
    }
)
TOOLS: Final = Items(TOOL, max=MAX_TOOLS, noun="tool")

SCHEMA_FORMAT: Final = Record(
    {
        "name": Text(
            max=64,
            min=1,
            pattern=FUNCTION_NAME_PATTERN,
            pattern_advice="A schema's name has only letters, digits, _ and -.",
        ),
        "description": Maybe(Text()),
        "schema": JsonObject(),
        "strict": Maybe(Flag()),
    },
    required=("name",),
)
RESPONSE_FORMAT: Final = Tagged(
    {
        "text": Record({"type": Text()}),
        "json_object": Record({"type": Text()}),
        "json_schema": Record({"type": Text(), "json_schema": SCHEMA_FORMAT}, required=("json_schema",)),
    },
    words=("auto",),
)
MODEL: Final = Text(min=1)

TOOL_RESOURCES: Final = Record(
    {
        "code_interpreter": Maybe(Record({"file_ids": Items(Text(), max=MAX_CODE_FILES, noun="file")})),
        "file_search": Maybe(Record({"vector_store_ids": Items(Text(), max=MAX_VECTOR_STORES, noun="vector store")})),
    }
)

ASSISTANT_FIELDS: Final[dict[str, Rule]] = {
    "name": Maybe(Text(max=MAX_NAME)),
    "description": Maybe(Text(max=MAX_DESCRIPTION)),
    "instructions": Maybe(Text(max=MAX_INSTRUCTIONS)),
    "model": MODEL,
    "tools": TOOLS,
    "tool_resources": Maybe(TOOL_RESOURCES),
    "temperature": Maybe(Number(*TEMPERATURE)),
    "top_p": Maybe(Number(*TOP_P)),
    "response_format": Maybe(RESPONSE_FORMAT),
    "reasoning_effort": Maybe(Choice(REASONING_EFFORTS)),
    "metadata": Maybe(METADATA),
}
"""Field → rule, in the order a person reads them."""

RUN_SETTINGS: Final[dict[str, Rule]] = {
    "model": Maybe(Text(min=1)),
    "additional_instructions": Maybe(Text(max=MAX_INSTRUCTIONS)),
    "max_prompt_tokens": Maybe(Number(256, integer=True)),
    "max_completion_tokens": Maybe(Number(256, integer=True)),
    "truncation_strategy": Maybe(
        Tagged(
            {
                "auto": Record({"type": Text(), "last_messages": Maybe(Number(1, integer=True))}),
                "last_messages": Record(
                    {"type": Text(), "last_messages": Number(1, integer=True)}, required=("last_messages",)
                ),
            }
        )
    ),
    "tool_choice": Maybe(
        Tagged(
            {
                "function": Record(
                    {"type": Text(), "function": Record({"name": Text(min=1)}, required=("name",))},
                    required=("function",),
                ),
                "file_search": Record({"type": Text(), "function": Maybe(JsonObject())}),
                "code_interpreter": Record({"type": Text(), "function": Maybe(JsonObject())}),
            },
            words=("none", "auto", "required"),
        )
    ),
    "parallel_tool_calls": Maybe(Flag()),
}
"""What a person sets per run, beside the assistant."""

LOCAL_RUN_SETTINGS: Final[dict[str, Rule]] = {"timeout": Maybe(Number(1, 86_400))}
"""Kept beside the run settings and never sent: seconds without a sign of life before this program gives up."""


def check_field(name: str, value: Any) -> Problem | None:
    """The first thing wrong with one field of an assistant, or None. Raises KeyError for a name that is no field."""
    return ASSISTANT_FIELDS[name].check(value, name) or _half_character(value, name)


def _half_character(value: Any, name: str) -> Problem | None:
    """Half of a surrogate pair, as JSON's `\\ud800` makes one: no request can carry it."""
    if isinstance(value, str):
        words = "It holds half a character (\\ud800 to \\udfff), which no text can carry."
        return Problem(name, f"Invalid '{name}': a lone surrogate.", words) if _ALONE.search(value) else None
    parts = (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((problem for part in parts if (problem := _half_character(part, name))), None)


def check_run_setting(name: str, value: Any) -> Problem | None:
    """The first thing wrong with one run setting, or None. Raises KeyError for a name that is none."""
    return (RUN_SETTINGS.get(name) or LOCAL_RUN_SETTINGS[name]).check(value, name)

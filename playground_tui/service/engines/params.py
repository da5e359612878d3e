"""Names of request parameters: what a model endpoint calls them → what the Assistants API calls them."""

from __future__ import annotations

import re

_NAMES = {
    "temperature": "temperature",
    "top_p": "top_p",
    "response_format": "response_format",
    "text": "response_format",
    "reasoning_effort": "reasoning_effort",
    "reasoning": "reasoning_effort",
    "max_completion_tokens": "max_completion_tokens",
    "max_tokens": "max_completion_tokens",
    "max_output_tokens": "max_completion_tokens",
    "parallel_tool_calls": "parallel_tool_calls",
    "tool_choice": "tool_choice",
    "tools": "tools",
    "functions": "tools",
    "model": "model",
    "instructions": "instructions",
}
"""First part of an endpoint's parameter → the assistant's or run's field. Others are no field of a person's."""

_PLAIN_WORDS = {"tools", "text", "model", "reasoning", "functions", "instructions"}
"""Ordinary English too: in a sentence they name a parameter only when they stand in quotes."""
_QUOTED = re.compile(r"""['"`]([a-z_]{3,40}(?:[.\[][\w.\[\]]*)?)['"`]""")
_WORD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\btemperature\b")


def assistants_name(param: object) -> str | None:
    """`text.format.schema` → `response_format`; None for what is no field (`messages[0].content`)."""
    if not isinstance(param, str):
        return None
    return _NAMES.get(re.split(r"[.\[]", param.removeprefix("body."), maxsplit=1)[0])


def named_in(message: str) -> str | None:
    """The first parameter that a sentence names, as the endpoint wrote it: a quoted one before a bare one."""
    for name in _QUOTED.findall(message):
        if assistants_name(name):
            return str(name)
    for name in _WORD.findall(message):
        if name in _NAMES and name not in _PLAIN_WORDS:
            return str(name)
    return None

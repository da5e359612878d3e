"""Replies that were asked for as JSON: indented, with a line below that says whether they fit the schema."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playground_tui.workspace.values import ChatMessage

SHOWN = 3
"""Problems named in the line."""


def with_check(message: ChatMessage, response_format: Any) -> ChatMessage:
    """The message itself where nothing is to be checked."""
    if message.role != "assistant" or message.status != "complete" or not message.text or message.refusal:
        return message
    if not isinstance(response_format, dict):
        return message
    from playground_tui.workspace.json_reply import check_reply

    checked = check_reply(message.text, response_format)
    if checked is None:
        return message
    named = [f"{problem.path}: {problem.what}" if problem.path else problem.what for problem in checked.problems]
    more = f" And {len(named) - SHOWN} more." if len(named) > SHOWN else ""
    fits = "● JSON that fits the schema" if checked.checked else "● JSON"
    note = fits if checked.ok else f"! {' '.join(named[:SHOWN])}{more}"
    text = f"```json\n{checked.pretty}\n```" if checked.is_json else message.text
    return replace(message, text=text, note=message.note or note)

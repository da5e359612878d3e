"""Replies that were asked for as JSON: indented, with a line below that says whether they fit the schema."""

from __future__ import annotations

from dataclasses import replace

from playground_tui.workspace.values import ChatMessage

SHOWN = 3
"""Problems named in the line."""


def wants_check(message: ChatMessage) -> bool:
    """Its run asked for JSON, and it is a whole answer."""
    asked = message.facts is not None and message.facts.response_format is not None
    return asked and message.status == "complete" and bool(message.text) and not message.refusal


def with_check(message: ChatMessage) -> ChatMessage:
    """Checked against the format that its own run had; the message itself where nothing is to be checked."""
    if not wants_check(message) or message.facts is None:
        return message
    from playground_tui.workspace.json_reply import check_reply

    checked = check_reply(message.text, message.facts.response_format)
    if checked is None:
        return message
    named = [f"{problem.path}: {problem.what}" if problem.path else problem.what for problem in checked.problems]
    more = f" And {len(named) - SHOWN} more." if len(named) > SHOWN else ""
    fits = "● JSON that fits the schema" if checked.checked else "● JSON"
    note = fits if checked.ok else f"! {' '.join(named[:SHOWN])}{more}"
    text = f"```json\n{checked.pretty}\n```" if checked.is_json else message.text
    return replace(message, text=text, note=message.note or note)

"""What can be done with one message."""

from __future__ import annotations

from playground_tui.tui.screens.action_menu import ActionMenu, Choice
from playground_tui.tui.words import without_marks
from playground_tui.workspace.message_record import ENDED_EARLY
from playground_tui.workspace.values import ChatMessage

HEADING = 44
"""Characters of a message that its menu is headed by."""


def menu_of(message: ChatMessage, *, is_last: bool, codes: int = 0) -> ActionMenu:
    """`codes`: how many code blocks it has."""
    first = without_marks(" ".join(message.text[: 4 * HEADING].split()))
    heading = f"{message.author or 'You'}: {first[:HEADING]}{'…' if len(first) > HEADING else ''}"
    return ActionMenu(heading, choices_of(message, is_last=is_last, codes=codes))


def choices_of(message: ChatMessage, *, is_last: bool, codes: int = 0) -> list[Choice]:
    own = _of_question(is_last) if message.role == "user" else _of_reply(message, is_last)
    return [*own, *_of_any(message, codes)]


def _of_question(is_last: bool) -> list[Choice]:
    goes = "" if is_last else "what comes after it goes"
    return [
        Choice("e", "edit", "Edit and resend", goes),
        Choice("r", "regenerate", "Send again as it is", goes),
    ]


def _of_reply(message: ChatMessage, is_last: bool) -> list[Choice]:
    found = [Choice("r", "regenerate", "Regenerate", "" if is_last else "what comes after it goes")]
    if is_last and message.status in ENDED_EARLY:
        found.insert(0, Choice("o", "continue", "Continue", "let it go on where it was cut short"))
    if message.run_id:
        found.append(Choice("d", "changes", "What changed since", "the assistant then and now"))
        found.append(Choice("i", "inspect", "Inspector", "what happened in its run"))
    return found


def _of_any(message: ChatMessage, codes: int) -> list[Choice]:
    found = [
        Choice("b", "branch", "Branch", "a new thread up to here"),
        Choice("n", "note", "Change note" if message.remark else "Note", "kept here, shown in exports"),
        Choice("c", "copy", "Copy as Markdown"),
        Choice("p", "plain", "Copy as plain text"),
    ]
    if codes:
        found.append(Choice("k", "code", "Copy code block", f"one of {codes}" if codes > 1 else ""))
    return [*found, Choice("t", "template", "Save as template", "a slash command inserts it")]


def code_menu(codes: list[str]) -> ActionMenu:
    """Which of a message's code blocks; answers its number from 0. Nine have a digit."""
    choices = [
        Choice(str(number + 1) if number < 9 else "", str(number), _first_line(code), _lines(code))
        for number, code in enumerate(codes)
    ]
    return ActionMenu("Copy code block", choices)


def _first_line(code: str) -> str:
    return next((line.strip() for line in code.split("\n") if line.strip()), "(empty)")[:HEADING]


def _lines(code: str) -> str:
    count = code.count("\n") + 1
    return f"{count} line{'s' if count > 1 else ''}"

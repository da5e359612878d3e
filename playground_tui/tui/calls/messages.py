"""What a person asks of the calls that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.message import Message

from playground_tui.quick_dataclass import dataclass

if TYPE_CHECKING:
    from playground_tui.workspace.handlers.calls import CallAnswer, Scope

Wish = Literal["end", "take_back", "choose_mock", "show", "submit"]


@dataclass
class CallTyped(Message):
    """The text in the call's box is another one; nothing is answered yet."""

    call_id: str
    text: str


@dataclass
class CallAnswered(Message):
    """By hand."""

    call_id: str
    text: str
    error: bool = False
    """The text goes out inside an error object."""


@dataclass
class CallApproved(Message):
    call_id: str
    scope: Scope


@dataclass
class MockKept(Message):
    """The text is to be kept under a name, for the next call of the function."""

    answer: CallAnswer
    text: str


@dataclass
class CallWished(Message):
    wish: Wish
    answer: CallAnswer | None = None
    """None with `submit`."""

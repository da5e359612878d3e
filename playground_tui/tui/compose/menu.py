"""What can be done with one message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import Row
from playground_tui.workspace.message_record import ENDED_EARLY
from playground_tui.workspace.values import ChatMessage

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


class MessageMenu(PickScreen):
    DEFAULT_CSS = "MessageMenu > #frame { width: 64; height: 18; max-height: 90%; }"
    search_hint = "Search"
    offers = (("enter", "do it", "screen.choose"), ("esc", "close", "screen.leave"))

    def __init__(self, workspace: Workspace, heading: str, rows: Sequence[Row]) -> None:
        super().__init__(workspace)
        self.heading = heading
        self._rows = rows

    def found(self, text: str) -> Sequence[Row]:
        return [row for row in self._rows if text.casefold() in row.text.casefold()]


def menu_of(workspace: Workspace, message: ChatMessage, *, is_last: bool) -> MessageMenu:
    first = " ".join(message.text.split())
    heading = f"{message.author or 'You'}: {first[:40]}{'…' if len(first) > 40 else ''}"
    return MessageMenu(workspace, heading, rows_of(message, is_last=is_last))


def rows_of(message: ChatMessage, *, is_last: bool) -> list[Row]:
    rows = [
        Row("copy", "Copy as Markdown"),
        Row("plain", "Copy as plain text"),
        Row("branch", "Branch", "a new thread up to here"),
        Row("note", "Note", "kept here, shown in exports"),
        Row("template", "Save as template"),
    ]
    if message.role == "user":
        return [Row("edit", "Edit and resend", "what comes after it goes"), *rows]
    steering = [Row("regenerate", "Regenerate", "ask for the last reply again")] if is_last else []
    if is_last and message.status in ENDED_EARLY:
        steering.insert(0, Row("continue", "Continue", "let it go on where it was cut short"))
    return [*steering, *([Row("inspect", "Inspector", "what happened in its run")] if message.run_id else []), *rows]

"""Kept answers to choose from, and an answer to be read whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from playground_tui.tui.calls.words import pretty, state_words
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.screens.show_text import ShowText
from playground_tui.tui.widgets.row_list import Row
from playground_tui.workspace.handlers.calls import CallAnswer

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


class MockScreen(PickScreen):
    search_hint = "Search mocks"
    offers = (("enter", "answer with it", "screen.choose"), ("esc", "close", "screen.leave"))

    def __init__(self, workspace: Workspace, function: str, mocks: Mapping[str, str]) -> None:
        super().__init__(workspace)
        self.heading = f"Mocks of {function}"
        self._mocks = mocks

    def found(self, text: str) -> Sequence[Row]:
        words = text.casefold()
        return [
            Row(name, name, " ".join(output.split())[:200])
            for name, output in self._mocks.items()
            if words in f"{name} {output}".casefold()
        ]

    def status(self, text: str, rows: Sequence[Row]) -> str:
        return "" if rows else f"No mock matches “{text}”."


def show_answer(answer: CallAnswer, now: datetime) -> ShowText:
    """Arguments, output, and what the handler wrote to its log."""
    words, _ = state_words(answer, now)
    parts: list[str | tuple[str, str]] = [
        (f"{words}\n", "$text-muted"),
        (f"{answer.note}\n" if answer.note else "", "$text-warning"),
        ("\nArguments\n", "$text-muted"),
        pretty(answer.call.arguments),
        ("\n\nOutput\n", "$text-muted"),
        pretty(answer.output) if answer.output else "an empty text",
    ]
    if answer.log:
        parts += [("\n\nLog (end of standard error)\n", "$text-muted"), answer.log]
    return ShowText(answer.call.name, Content.assemble(*parts))

"""The top line: assistant, server, model, fields in error, save state. It always tells, at any width."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer

from playground_tui.tui.widgets.line import Line, Span, width_of
from playground_tui.tui.words import name_of, save_words, wrong_fields
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.values import ConnectionState, Draft, SaveState

DISK = "! nothing is saved, the disk refuses"
LEAST_NAME = 12
"""Cells of the assistant's name that stay."""


class Header(Line):
    DEFAULT_CSS = "Header { padding: 0 1; background: $panel; }"

    draft: reactive[Draft | None] = reactive(None)
    save_state: reactive[SaveState | None] = reactive(None)
    connection: reactive[ConnectionState | None] = reactive(None)
    disk: reactive[Failure | None] = reactive(None)
    """Why nothing can be written, which is told instead of the save state."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="header")
        self._now = now
        self._countdown: Timer | None = None

    def watch_save_state(self, state: SaveState | None) -> None:
        """Only a countdown changes without an event; an idle terminal is written nothing."""
        counting = state is not None and state.retry_at is not None and self.is_mounted
        if counting and self._countdown is None:
            self._countdown = self.set_interval(1, self.refresh)
        elif not counting and self._countdown is not None:
            self._countdown.stop()
            self._countdown = None

    def left(self) -> list[Span]:
        spans = [Span("Playground", "$text-muted"), Span("   ")] if self.content_size.width >= 100 else []
        name, where = name_of(self.draft) if self.draft else "", self._where()
        room = self.content_size.width - width_of((*spans, *where, *self.right())) - len(" ▾   ")
        spans += [Span(f"{_cut(name, room)} ▾", "bold", "screen.assistants"), Span("   "), *where]
        return spans

    def _where(self) -> list[Span]:
        server = self.connection.title if self.connection else ""
        sign = "! " if self.connection and self.connection.phase in ("offline", "refused") else ""
        model = str(self.draft.values.get("model") or "") if self.draft else ""
        return [
            Span(f"{sign}{server}", "$text-warning" if sign else "$text-muted", "screen.connection"),
            Span(" · ", "$text-muted", "screen.connection"),
            Span(f"{model or 'no model'} ▾", "", "screen.choose_model"),
        ]

    def right(self) -> list[Span]:
        spans = [Span(" ")]
        if self.draft:
            spans += [
                Span(f" {words} ", "$text-error", "screen.show_problem") for words in wrong_fields(self.draft)[:3]
            ]
        if self.disk:
            spans.append(Span(f" {self._fitting(DISK, spans)}", "$text-error", "screen.show_save_failure"))
        elif self.save_state:
            words, style = save_words(self.save_state, self._now())
            action = _save_action(self.save_state)
            spans.append(Span(f" {self._fitting(words, spans)}", style, action))
        return spans

    def _fitting(self, words: str, others: list[Span]) -> str:
        """At narrow widths the words give way, never the sign."""
        room = self.content_size.width - 30 - width_of(others)
        return words if len(words) <= room else words.split(",")[0]


def _cut(name: str, room: int) -> str:
    """A long name gives way to server and model, but never wholly."""
    return Content(name).truncate(max(room, LEAST_NAME), ellipsis=True).plain


def _save_action(state: SaveState) -> str:
    """What a click on the save state does."""
    if state.failure:
        return "screen.show_save_failure"
    return "screen.show_outside" if state.phase == "changed_elsewhere" else "screen.save"

"""Answers to function calls as far as they are written, kept on disk like every other text that a person types."""

from __future__ import annotations

from playground_tui.workspace.clock import Clock, Handle
from playground_tui.workspace.outbox import WRITE_DELAY
from playground_tui.workspace.store import Connection, Database
from playground_tui.workspace.store import functions as table

Place = tuple[str, str, str, str]
"""Server, thread, run, call."""


class TypedAnswers:
    def __init__(self, store: Database, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._texts: dict[Place, str] = {}
        self._timer: Handle | None = None

    def put(self, place: Place, text: str) -> None:
        """On disk at most 250 ms later."""
        self._texts[place] = text
        if self._timer is None:
            self._timer = self._clock.call_later(WRITE_DELAY, self.flush)

    def flush(self) -> None:
        """Hand what is not on disk yet to the store's writer; does not wait for it."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        texts, self._texts = self._texts, {}

        def write(conn: Connection) -> None:
            for place, text in texts.items():
                table.put_typed_answer(conn, *place, text)

        self._store.keep(write)

    def forget(self) -> None:
        """The run needs none of them any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._texts = {}

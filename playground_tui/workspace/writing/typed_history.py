"""Texts that were sent before, for the up key: those of the thread first, then those of other threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from playground_tui.workspace.store import Database
from playground_tui.workspace.store import writing as table

MOST: Final = 200
"""Texts that the up key reaches."""


class TypedHistory:
    def __init__(self, store: Database, server: str) -> None:
        self._store, self._server = store, server

    def add(self, key: str, text: str) -> None:
        """`key`: as the unsent text has it."""
        if text.strip():
            self._store.keep(lambda conn: table.add_typed(conn, self._server, key, text))

    def walk(self, key: str, text: str) -> HistoryWalk:
        """Start from what stands in the box. Raises StoreError."""
        return HistoryWalk(self._store.read_now(lambda conn: table.typed(conn, self._server, key, MOST)), text)


class HistoryWalk:
    """One walk through earlier texts; where it began is at its end. Typing on ends a walk: begin another."""

    def __init__(self, texts: Sequence[str], unsent: str) -> None:
        """`texts`: newest first."""
        self._texts = [unsent, *(text for text in texts if text != unsent)]
        self._at = 0

    @property
    def text(self) -> str:
        return self._texts[self._at]

    def older(self) -> str | None:
        """The text before; None: there is none."""
        if self._at + 1 >= len(self._texts):
            return None
        self._at += 1
        return self.text

    def newer(self) -> str | None:
        """The text after, at last what stood in the box; None: it stands there."""
        if self._at == 0:
            return None
        self._at -= 1
        return self.text

"""A conversation's notes on its messages."""

from __future__ import annotations

from collections.abc import Mapping

from playground_tui.workspace.board import Board
from playground_tui.workspace.store import notes as table
from playground_tui.workspace.subject import Subject


class MessageNotes:
    """`texts`: message id → note."""

    def __init__(self, board: Board) -> None:
        self._board = board
        server, thread_id = board.context.server, board.thread_id or ""
        found = board.context.store.read_now(lambda conn: table.notes(conn, server, thread_id)) if thread_id else {}
        self.texts: Subject[Mapping[str, str]] = Subject(found)

    async def put(self, message_id: str, text: str) -> None:
        """An empty text takes the note away. Raises StoreError."""
        text, thread_id, server = text.strip(), self._board.thread_id, self._board.context.server
        if thread_id is None:
            return
        await self._board.context.store.write(lambda conn: table.put_note(conn, server, thread_id, message_id, text))
        others = {key: note for key, note in self.texts.value.items() if key != message_id}
        self.texts.set({**others, message_id: text} if text else others)

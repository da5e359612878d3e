"""`{{variables}}` of one conversation: what they stand for, what is missing, and the run's own instructions with them
filled in. The stored assistant is never changed by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playground_tui.workspace.api_objects import as_text
from playground_tui.workspace.board import Board
from playground_tui.workspace.variables import fill
from playground_tui.workspace.writing.variable_values import Level, VariableField, VariableValues, check_filled


class Filling:
    def __init__(self, board: Board, shown: Callable[[], bool]) -> None:
        """`shown`: whether the editor holds this conversation's assistant."""
        self._board = board
        self._shown = shown
        self._values = VariableValues(board.context.store, board.context.server)

    # -- the form ------------------------------------------------------------------------------------------------------

    def fields(self, text: str) -> tuple[VariableField, ...]:
        """What the form asks for before `text` can be sent. Raises StoreError."""
        text = self._board.context.expand(text)
        return self._values.fields(self._assistant, self._key, self._instructions(), text)

    async def put(self, values: Mapping[str, str], level: Level = "assistant") -> None:
        """Keep what was filled in: for all threads with this assistant, or for this thread alone. Raises StoreError."""
        await self._values.put(self._assistant, self._key, values, level)

    # -- sending -------------------------------------------------------------------------------------------------------

    def check(self, text: str) -> None:
        """Raises FailureError naming what has no value in the message or the form's instructions; StoreError."""
        check_filled(self._now(), self._instructions(), text)

    def message(self, text: str) -> str:
        """Raises StoreError."""
        return fill(text, self._now())

    async def overrides(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """What a run gets, with the variables of its instructions filled. Raises FailureError when one has no value,
        StoreError, and what the client raises."""
        found = dict(overrides)
        instructions = found.get("instructions")
        if not isinstance(instructions, str):
            instructions = await self._stored_instructions()
        texts = {"instructions": instructions, "additional_instructions": found.get("additional_instructions")}
        for name, text in texts.items():
            if isinstance(text, str) and "{{" in text:
                values = self._now()
                check_filled(values, text)
                if (filled := fill(text, values)) != text:
                    found[name] = filled
        return found

    # -- inside --------------------------------------------------------------------------------------------------------

    @property
    def _key(self) -> str:
        return self._board.outbox.key

    @property
    def _assistant(self) -> str | None:
        draft = self._board.context.editor.draft.value
        return draft.id if self._shown() else self._board.assistant_id

    def _now(self) -> dict[str, str]:
        return self._values.of(self._assistant, self._key)

    def _instructions(self) -> str:
        """Of the form; empty where it shows another assistant."""
        return as_text(self._board.context.editor.draft.value.values.get("instructions")) if self._shown() else ""

    async def _stored_instructions(self) -> str:
        if self._shown():
            return self._instructions()
        context = self._board.context
        if context.instructions is None or self._board.assistant_id is None:
            return ""
        return await context.instructions(self._board.assistant_id)

"""Tells news from echoes. An edit travels to the workspace and comes back as a draft while the next key is already
typed; showing that older draft would take the key back. So a field is refilled only when the draft says something
that this form did not say itself.
"""

from __future__ import annotations

from collections import deque
from dataclasses import field

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.sameness import same
from playground_tui.workspace.values import Json


@dataclass(frozen=True)
class FieldState:
    """What a field shows: its value, or, when it is in error, the text as typed."""

    value: Json = None
    """The last valid value; None: not set."""
    raw: str | None = None
    advice: str = field(default="", compare=False)
    """With `raw`: the sentence that says what is allowed."""

    def same(self, other: FieldState) -> bool:
        """Whether both show the same. The value behind a wrong text is not shown."""
        if self.raw is not None or other.raw is not None:
            return self.raw == other.raw
        return same(self.value, other.value)


class Echo:
    """What one field has told and what it heard back."""

    def __init__(self) -> None:
        self._shown = FieldState()
        self._told: deque[FieldState] = deque()

    @property
    def shown(self) -> FieldState:
        """The last state told or taken."""
        return self._shown

    def reset(self, state: FieldState) -> None:
        self._told.clear()
        self._shown = state

    def tell(self, state: FieldState) -> bool:
        """Note what the person made of the field. False when that is what it was before."""
        if state.same(self._shown):
            return False
        self._told.append(state)
        self._shown = state
        return True

    def hear(self, state: FieldState) -> bool:
        """Take what the draft says now. True when it is news and has to be shown."""
        for place, told in enumerate(self._told):
            if told.same(state):
                for _ in range(place + 1):
                    self._told.popleft()
                return False
        if state.same(self._shown):
            return False
        self.reset(state)
        return True

"""Thoughts in plain content. Many local servers hand on all that the model wrote: `<think>…</think>`, then the reply.

Only what a reply begins with counts; a reply that speaks of the mark later stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from playground_tui.service.engines.base import ReasoningDelta, TextDelta

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class Thoughts:
    """Of one reply. Give it every piece of text until it is `over`."""

    def __init__(self) -> None:
        self.over = False
        """All that follows is the reply."""
        self._place: Literal["before", "inside", "after"] = "before"
        self._held = ""
        """The end of what came, which may be the beginning of a mark."""
        self._thought: list[str] = []

    def feed(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        text, self._held = self._held + text, ""
        if self._place == "before":
            if _OPEN.startswith(opening := text.lstrip()[: len(_OPEN)]) and opening != _OPEN:
                self._held = text
                return
            if opening != _OPEN:
                self.over = True
                yield TextDelta(text)
                return
            self._place, text = "inside", text.lstrip()[len(_OPEN) :]
        if self._place == "inside":
            yield from self._think(text)
        elif text := text.lstrip():
            self.over = True
            yield TextDelta(text)

    def _think(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        thought, closed, rest = text.partition(_CLOSE)
        if not closed:
            most = min(len(text), len(_CLOSE) - 1)
            held = next((n for n in range(most, 0, -1) if _CLOSE.startswith(text[-n:])), 0)
            thought, self._held = text[: len(text) - held], text[len(text) - held :]
        if thought:
            self._thought.append(thought)
            yield ReasoningDelta(thought)
        if closed:
            self._place = "after"
            yield from self.feed(rest)

    def interrupted(self) -> Iterator[TextDelta | ReasoningDelta]:
        """Something other than text comes."""
        self.over = True
        if self._held.strip():
            yield TextDelta(self._held) if self._place == "before" else ReasoningDelta(self._held)

    def end(self, *, cut: bool) -> Iterator[TextDelta | ReasoningDelta]:
        """A mark that is never closed was none, unless the reply was `cut` off."""
        if self._place == "inside" and not cut:
            yield TextDelta(_OPEN + "".join(self._thought) + self._held)
        else:
            yield from self.interrupted()

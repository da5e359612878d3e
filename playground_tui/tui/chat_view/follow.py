"""Whether the view follows the end of the thread: while it is there, until the person scrolls up."""

from __future__ import annotations


class Follow:
    def __init__(self) -> None:
        self.on = True

    def scrolled(self, old: float, new: float, end: float) -> None:
        """The person moved the view.

        Only a movement of theirs counts: a view or a text that shrinks until its end is in sight does not.
        """
        if new < old:
            self.on = False
        elif new >= end:
            self.on = True

    def set(self, on: bool) -> bool:
        """Whether that changed anything."""
        was, self.on = self.on, on
        return was != on

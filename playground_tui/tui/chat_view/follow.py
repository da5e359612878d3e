"""Whether the view follows the end of the thread: while it is there, until the person scrolls up."""

from __future__ import annotations


class Follow:
    def __init__(self) -> None:
        self.on = True

    def scrolled(self, old: float, new: float, end: float) -> bool:
        """The person moved the view. True when following changed.

        Only a movement of theirs counts: a view or a text that shrinks until its end is in sight does not.
        """
        was = self.on
        if new < old:
            self.on = False
        elif new >= end:
            self.on = True
        return was != self.on

    def set(self, on: bool) -> bool:
        was, self.on = self.on, on
        return was != on

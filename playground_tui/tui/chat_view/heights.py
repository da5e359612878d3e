"""Heights of many things in a row, with the place of each: known at the ends, summed up only as far as asked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


def guess_rows(text: str, width: int) -> int:
    """Of a text that was not drawn yet."""
    return text.count("\n") + len(text) // max(8, width - 6) + 1


class Heights:
    """Rows of each thing. Some are estimates until they have been laid out."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._exact = bytearray(len(self._heights))
        self._tops: list[int] = [0]
        """`_tops[i]` is where thing i begins; valid as far as it reaches."""

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    @property
    def total(self) -> int:
        return self.top(len(self._heights))

    def top(self, index: int) -> int:
        """Rows above thing `index`; of all things with their number."""
        known = len(self._tops)
        if index >= known:
            more = accumulate(self._heights[known - 1 :], initial=self._tops[-1])
            next(more)
            self._tops.extend(more)
        return self._tops[index]

    def at(self, y: int) -> int:
        """The thing that row `y` belongs to; the nearest one outside."""
        if y >= self.total:
            return max(0, len(self._heights) - 1)
        return max(0, bisect_right(self._tops, y) - 1)

    def is_exact(self, index: int) -> bool:
        return bool(self._exact[index])

    @property
    def all_exact(self) -> bool:
        return 0 not in self._exact

    def set(self, index: int, height: int, *, exact: bool = True) -> int:
        """By how much it grew."""
        grown = height - self._heights[index]
        self._exact[index] = exact
        if grown:
            self._heights[index] = height
            del self._tops[max(1, index + 1) :]
        return grown

    def append(self, height: int, *, exact: bool = False) -> None:
        self._heights.append(height)
        self._exact.append(exact)

    def insert_front(self, heights: list[int]) -> None:
        self._heights[:0] = heights
        self._exact[:0] = bytes(len(heights))
        self._tops = [0]

    def truncate(self, length: int) -> None:
        del self._heights[length:]
        del self._exact[length:]
        del self._tops[length + 1 :]

    def delete(self, index: int) -> None:
        del self._heights[index]
        del self._exact[index]
        del self._tops[index + 1 :]

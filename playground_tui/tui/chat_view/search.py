"""Finding words in the thread: in the text as it is shown, over line breaks that the view made."""

from __future__ import annotations

from collections.abc import Iterator

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.chat_view.layout import ThreadLayout
from playground_tui.tui.chat_view.lines import Line
from playground_tui.tui.chat_view.spans import Part

KEPT_HITS = 200
"""Units whose hits are kept."""


@dataclass(frozen=True, slots=True)
class Hit:
    message_id: str
    unit: int
    ordinal: int
    row: int


def fold(text: str) -> str:
    """Lower case, one character for one: `str.casefold` would shift the places."""
    return (
        "".join(low if len(low := char.lower()) == 1 else char for char in text) if not text.isascii() else text.lower()
    )


def hits_in(lines: list[Line], query: str) -> list[list[Part]]:
    """Each occurrence of the folded `query`, in parts by row."""
    pieces: list[str] = []
    places: list[tuple[int, int, int]] = []  # start in the joined text, row, start in the row's text
    size = 0
    for row, line in enumerate(lines):
        body = line.text[line.lead :]
        places.append((size, row, line.lead))
        pieces += [body, line.join]
        size += len(body) + len(line.join)
    text = fold("".join(pieces))
    hits: list[list[Part]] = []
    at = text.find(query)
    while at >= 0:
        hits.append(_parts(places, lines, at, at + len(query)))
        at = text.find(query, at + len(query))
    return hits


def _parts(places: list[tuple[int, int, int]], lines: list[Line], start: int, end: int) -> list[Part]:
    parts: list[Part] = []
    for begin, row, lead in places:
        size = len(lines[row].text) - lead
        first, last = max(start, begin), min(end, begin + size)
        if first < last:
            parts.append((row, first - begin + lead, last - begin + lead))
    return parts


class Search:
    def __init__(self, layout: ThreadLayout, query: str) -> None:
        self._layout = layout
        self.query = fold(" ".join(query.split()))
        self._words = self.query.split()
        self._kept: dict[tuple[str, int], tuple[list[Line], list[list[Part]]]] = {}

    def count(self) -> int:
        """Messages whose source has all words of the query."""
        return sum(self._may_hold(index) for index in range(len(self._layout.messages)))

    def _may_hold(self, index: int) -> bool:
        message = self._layout.messages[index]
        opened = self._layout.opened(message.id)
        text = fold(opened.text if opened else message.text)
        return all(word in text for word in self._words)

    def hits(self, index: int, unit: int) -> list[list[Part]]:
        """In one unit of the message at `index`; kept for as long as its lines are the same."""
        key, lines = (self._layout.messages[index].id, unit), self._layout.draw(index, unit)
        kept = self._kept.get(key)
        if kept is None or kept[0] is not lines:
            if len(self._kept) > KEPT_HITS:
                self._kept.clear()
            kept = self._kept[key] = (lines, hits_in(lines, self.query))
        return kept[1]

    def from_(self, message: int, unit: int, step: int, after: Hit | None = None) -> Hit | None:
        """The first hit in or beyond that unit in that direction; beyond `after`, when that is given."""
        for index, number in self._units(message, unit, step):
            hits = self.hits(index, number)
            order = list(range(len(hits)))[::step]
            message_id = self._layout.messages[index].id
            if after and (after.message_id, after.unit) == (message_id, number):
                order = [ordinal for ordinal in order if (ordinal - after.ordinal) * step > 0]
            for ordinal in order:
                if hits[ordinal]:
                    return Hit(message_id, number, ordinal, hits[ordinal][0][0])
        return None

    def _units(self, message: int, unit: int, step: int) -> Iterator[tuple[int, int]]:
        fresh = False
        while 0 <= message < len(self._layout.messages):
            if self._may_hold(message):
                units = self._layout.document(message).units
                if fresh:
                    unit = 0 if step > 0 else len(units) - 1
                while 0 <= unit < len(units):
                    yield message, unit
                    unit += step
            message, fresh = message + step, True

"""A whole thread laid out lazily: what was looked at has exact heights, everything else a guess.

Rows are counted from the top of the loaded messages. Whoever shows the thread calls `settle` for the rows to be seen;
that lays out what is there, and answers where those rows went, since guesses above them may have been wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.chat_view.heights import Heights, guess_rows
from playground_tui.tui.chat_view.lines import Line
from playground_tui.workspace.values import ChatMessage

if TYPE_CHECKING:
    from playground_tui.tui.chat_view.document import Document

GUESSED_AT_ONCE = 200
"""Messages from the end whose rows are guessed one by one; older ones count as the average of these."""
KEPT_LINES = 1_500
"""Drawn lines that are kept beyond those in sight."""
KEPT_DOCUMENTS = 60
"""Messages that stay laid out beyond those in sight."""


TRIM_EVERY = 32
"""Layouts between two looks at what can be forgotten."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the thread that stays the same row when heights above it change."""

    message: int
    unit: int
    row: int


class Row(NamedTuple):
    line: Line
    message_id: str
    unit: int
    number: int
    """Among the unit's lines."""


class ThreadLayout:
    def __init__(self, width: int, now: Callable[[], datetime]) -> None:
        self.messages: list[ChatMessage] = []
        self.heights = Heights()
        self._documents: dict[str, Document] = {}
        """Laid out messages by id, least recently looked at first."""
        self._width = width
        self._now = now
        self._settles = 0

    # -- messages -------------------------------------------------------------------------------------------------

    def show(self, messages: Sequence[ChatMessage]) -> None:
        self.messages = list(messages)
        self._documents.clear()
        self.heights = Heights(self._guesses(self.messages))

    def prepend(self, messages: Sequence[ChatMessage]) -> int:
        """Rows added above."""
        guesses = self._guesses(messages)
        self.messages[:0] = messages
        self.heights.insert_front(guesses)
        return sum(guesses)

    def add(self, message: ChatMessage) -> None:
        self.messages.append(message)
        self.heights.append(self._guess(message))

    def replace(self, old_id: str, message: ChatMessage) -> bool:
        index = self.index(old_id)
        if index is None:
            return False
        self.messages[index] = message
        document = self._documents.pop(old_id, None)
        if document is not None and document.replace(message):
            self._documents[message.id] = document
            self.heights.set(index, document.heights.total, exact=document.heights.all_exact)
        else:
            self.heights.set(index, self._guess(message), exact=False)
        return True

    def remove(self, message_id: str) -> bool:
        index = self.index(message_id)
        if index is None:
            return False
        del self.messages[index]
        self.heights.delete(index)
        self._documents.pop(message_id, None)
        return True

    def index(self, message_id: str) -> int | None:
        """Looked for from the end: what changes is nearly always there."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].id == message_id:
                return index
        return None

    def document(self, index: int) -> Document:
        message = self.messages[index]
        document = self._documents.pop(message.id, None)
        if document is None:
            from playground_tui.tui.chat_view.document import (
                Document,  # a first frame without messages needs none of it
            )

            document = Document(message, self._width, self._now())
        else:
            document.set_width(self._width)
        self._documents[message.id] = document
        self.heights.set(index, document.heights.total, exact=document.heights.all_exact)
        return document

    def opened(self, message_id: str) -> Document | None:
        return self._documents.get(message_id)

    def work(self, seconds: float) -> bool:
        """Take in text that came, and colour long code for `seconds`; whether anything is left to do."""
        busy = False
        for document in list(self._documents.values()):
            if not (document.is_behind or document.is_refining):
                continue
            if document.is_behind:
                document.flush()
            else:
                document.refine(seconds)
            busy = busy or document.is_behind or document.is_refining
            index = self.index(document.message.id)
            if index is not None:
                self.heights.set(index, document.heights.total, exact=document.heights.all_exact)
        return busy

    @property
    def is_busy(self) -> bool:
        return any(document.is_behind or document.is_refining for document in self._documents.values())

    def set_width(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self.heights = Heights(self._guesses(self.messages))

    def _guess(self, message: ChatMessage) -> int:
        return 3 + len(message.calls) + guess_rows(message.text, self._width)

    def _guesses(self, messages: Sequence[ChatMessage]) -> list[int]:
        near = [self._guess(message) for message in messages[-GUESSED_AT_ONCE:]]
        older = len(messages) - len(near)
        return [sum(near) // len(near)] * older + near if older else near

    # -- rows -----------------------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        return self.heights.total

    def place(self, y: int) -> Place:
        """What is at row `y`; the nearest row outside. Only with at least one message."""
        message = self.heights.at(y)
        document = self.document(message)
        inside = y - self.heights.top(message)
        unit = document.heights.at(inside)
        return Place(message, unit, max(0, inside - document.heights.top(unit)))

    def row(self, place: Place) -> int:
        """Where that place is now."""
        document = self.document(place.message)
        height = document.heights[place.unit]
        inside = document.heights.top(place.unit) + min(place.row, max(0, height - 1))
        return self.heights.top(place.message) + inside

    def draw(self, message: int, unit: int) -> list[Line]:
        document = self.document(message)
        lines = document.lines(unit)
        self.heights.set(message, document.heights.total, exact=document.heights.all_exact)
        return lines

    def settle(self, place: Place, above: int, below: int) -> None:
        """Lay out `above` rows before that place and `below` rows from it on."""
        first = last = (place.message, place.unit)
        rows = self._exact(*first) - place.row
        for below_it in self._after(place.message, place.unit):
            if rows >= below:
                break
            last = below_it
            rows += self._exact(*last)
        rows = place.row
        for above_it in self._before(place.message, place.unit):
            if rows >= above:
                break
            first = above_it
            rows += self._exact(*first)
        self._settles += 1
        if self._settles % TRIM_EVERY == 0:
            self._trim(first, last)

    def _exact(self, message: int, unit: int) -> int:
        document = self.document(message)
        if not document.heights.is_exact(unit):
            self.draw(message, unit)
        return document.heights[unit]

    def _after(self, message: int, unit: int) -> Iterator[tuple[int, int]]:
        unit += 1
        while message < len(self.messages):
            document = self.document(message)
            while unit < len(document.units):
                yield message, unit
                unit += 1
            message, unit = message + 1, 0

    def _before(self, message: int, unit: int) -> Iterator[tuple[int, int]]:
        while True:
            while unit > 0:
                unit -= 1
                yield message, unit
            message -= 1
            if message < 0:
                return
            unit = len(self.document(message).units)

    def rows(self, y: int, count: int) -> list[Row]:
        """From row `y` on, as many as there are up to `count`."""
        if not self.messages or y >= self.total or count <= 0:
            return []
        place = self.place(y)
        out = self._rows_of(place.message, place.unit)[place.row : place.row + count]
        for message, unit in self._after(place.message, place.unit):
            if len(out) >= count:
                break
            out += self._rows_of(message, unit)[: count - len(out)]
        return out

    def _rows_of(self, message: int, unit: int) -> list[Row]:
        owner = self.messages[message].id
        return [Row(line, owner, unit, number) for number, line in enumerate(self.draw(message, unit))]

    def rewidth(self, width: int, place: Place | None) -> Place | None:
        """Take another width; where that place is then."""
        if width == self._width:
            return place
        if place is None or not self.messages:
            self.set_width(width)
            return place
        before = max(1, self.document(place.message).heights[place.unit])
        self.set_width(width)
        after = len(self.draw(place.message, place.unit))
        return replace(place, row=min(place.row * after // before, max(0, after - 1)))

    def _trim(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Forget drawn lines beyond `KEPT_LINES` and documents beyond `KEPT_DOCUMENTS`, but none in sight."""
        seen = {self.messages[index].id: index for index in range(first[0], last[0] + 1)}
        kept = sum(len(lines) for document in self._documents.values() for lines in document.drawn.values())
        spare = len(self._documents) - KEPT_DOCUMENTS
        for message_id, document in list(self._documents.items()):
            if message_id not in seen and spare > 0 and not document.is_growing:
                spare -= 1
                kept -= sum(map(len, document.drawn.values()))
                del self._documents[message_id]
                continue
            for unit in list(document.drawn) if kept > KEPT_LINES else ():
                if message_id not in seen or not first <= (seen[message_id], unit) <= last:
                    kept -= len(document.drawn.pop(unit))

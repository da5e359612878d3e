"""Reaching links, citations, calls and code blocks one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.chat_view.layout import ThreadLayout
from playground_tui.tui.chat_view.lines import Line, Span

# What every span's source has: units without it need not be drawn to know that they hold none.
_MAY_HOLD = re.compile(r"[\[<▸]|https?:|```|~~~")

Part = tuple[int, int, int]
"""(row among the unit's lines, from character, to character)."""


@dataclass(frozen=True, slots=True)
class Reached:
    message_id: str
    unit: int
    ordinal: int
    """Among the spans of the unit."""
    span: Span


def spans_in(lines: list[Line]) -> list[tuple[Span, list[Part]]]:
    """Spans in reading order, each with its parts: one per row that it wraps over."""
    found: list[tuple[Span, list[Part]]] = []
    for row, line in enumerate(lines):
        for start, end, span in line.marks:
            if found and found[-1][0] == span and _goes_on(lines, found[-1][1][-1], row, start):
                found[-1][1].append((row, start, end))
            else:
                found.append((span, [(row, start, end)]))
    return found


def _goes_on(lines: list[Line], part: Part, row: int, start: int) -> bool:
    above = lines[part[0]]
    return part[0] == row - 1 and part[2] == len(above.text) and start == lines[row].lead and above.join != "\n"


class SpanWalk:
    def __init__(self, layout: ThreadLayout) -> None:
        self._layout = layout

    def beside(self, reached: Reached, step: int) -> Reached | None:
        """The next span (`step` 1) or the one before (-1); None at the end."""
        message = self._layout.index(reached.message_id)
        if message is None:
            return None
        spans = self._spans(message, reached.unit)
        ordinal = reached.ordinal + step
        if 0 <= ordinal < len(spans):
            return self._reach(message, reached.unit, ordinal, spans[ordinal])
        return self.first_from(message, reached.unit + step, step)

    def first_from(self, message: int, unit: int, step: int) -> Reached | None:
        """The first span in or after that unit, in that direction."""
        for index, number in self._units(message, unit, step):
            if spans := self._spans(index, number):
                ordinal = 0 if step > 0 else len(spans) - 1
                return self._reach(index, number, ordinal, spans[ordinal])
        return None

    def all_in(self, message: int) -> Iterator[Span]:
        """A message's spans, in reading order."""
        for unit, item in enumerate(self._layout.document(message).units):
            if _MAY_HOLD.search(item.source):
                yield from self._spans(message, unit)

    def footnote(self, reached: Reached) -> tuple[int, int] | None:
        """Unit and row where the footnote is that `reached` names; None when the message has none."""
        message = self._layout.index(reached.message_id)
        if message is None:
            return None
        sign = f"[^{reached.span.target}]:"
        for unit, item in enumerate(self._layout.document(message).units):
            if sign in item.source:
                lines = self._layout.draw(message, unit)
                rows = (row for row, line in enumerate(lines) if line.text.startswith(f"[{reached.span.target}]"))
                return unit, next(rows, 0)
        return None

    def _units(self, message: int, unit: int, step: int) -> Iterator[tuple[int, int]]:
        messages = self._layout.messages
        fresh = False
        while 0 <= message < len(messages):
            item = messages[message]
            may = bool(item.calls or item.citations) or (
                item.role == "assistant" and self._may_hold(item.id, item.text)
            )
            if may:
                units = self._layout.document(message).units
                if fresh:
                    unit = 0 if step > 0 else len(units) - 1
                while 0 <= unit < len(units):
                    if _MAY_HOLD.search(units[unit].source):
                        yield message, unit
                    unit += step
            message, fresh = message + step, True

    def _may_hold(self, message_id: str, text: str) -> bool:
        opened = self._layout.opened(message_id)
        return _MAY_HOLD.search(opened.text if opened else text) is not None

    def _spans(self, message: int, unit: int) -> list[Span]:
        document = self._layout.document(message)
        if not 0 <= unit < len(document.units):
            return []
        return [span for span, _ in spans_in(self._layout.draw(message, unit))]

    def _reach(self, message: int, unit: int, ordinal: int, span: Span) -> Reached:
        message_id = self._layout.messages[message].id
        return Reached(message_id, unit, ordinal, named(span, message_id, unit, ordinal))


def named(span: Span, message_id: str, unit: int, ordinal: int) -> Span:
    """The span as it is told to others: with its id, and a code block's text as target."""
    target = span.code.source if span.code is not None else span.target
    return replace(span, target=target, message_id=message_id, id=f"{message_id}/{unit}/{ordinal}")

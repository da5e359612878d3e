"""What a message is laid out in: small parts that know their height when drawn and guess it before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from playground_tui.tui.chat_view.blocks import Block
from playground_tui.tui.chat_view.clean import tame
from playground_tui.tui.chat_view.code import Code
from playground_tui.tui.chat_view.code_lines import code_lines, label_line
from playground_tui.tui.chat_view.heights import guess_rows
from playground_tui.tui.chat_view.lines import BLANK, Flow, Line, Span
from playground_tui.tui.chat_view.render import Renderer
from playground_tui.tui.chat_view.wrap import wrap

CODE_PART = 64
"""Lines of code drawn together."""
PLAIN_PART = 4_000
"""Characters of plain text drawn together, up to the next line end."""


class Unit(Protocol):
    source: str
    """What to look through when spans or words are sought."""

    def guess(self, width: int) -> int: ...

    def draw(self, renderer: Renderer) -> list[Line]: ...


class BlockUnit:
    """A finished or open Markdown block."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.source = block.source

    def guess(self, width: int) -> int:
        return self.block.gap + guess_rows(self.source.strip("\n"), width)

    def draw(self, renderer: Renderer) -> list[Line]:
        return [BLANK] * self.block.gap + renderer.draw(self.block)


class CodeUnit:
    """Lines `first` to `last` (not included) of a fence."""

    def __init__(self, code: Code, first: int, last: int, gap: int) -> None:
        self.code = code
        self.first = first
        self.last = last
        self._gap = gap
        self.source = "```" if first == 0 else ""

    def guess(self, width: int) -> int:
        return self.last - self.first + (self._gap + 1 if self.first == 0 else 0)

    def draw(self, renderer: Renderer) -> list[Line]:
        lines: list[Line] = []
        if self.first == 0:
            code = self.code
            lines += [BLANK] * self._gap
            lines.append(label_line(Span("code", "", code.language, code=code), renderer.width, []))
        rows = (self.code.runs(index) for index in range(self.first, min(self.last, len(self.code.lines))))
        return lines + code_lines(rows, renderer.width, [], [])


class PlainUnit:
    """Text as it was typed."""

    def __init__(self, text: str) -> None:
        self.source = text

    def guess(self, width: int) -> int:
        return guess_rows(self.source, width)

    def draw(self, renderer: Renderer) -> list[Line]:
        return wrap(Flow.of(tame(self.source.expandtabs(4)), "body"), renderer.width)


class LinesUnit:
    """Lines that are made from the message around its text: heading, calls, notes, facts."""

    def __init__(self, source: str, rows: int, make: Callable[[int], list[Line]]) -> None:
        self.source = source
        self._rows = rows
        self._make = make

    def guess(self, width: int) -> int:
        return self._rows

    def draw(self, renderer: Renderer) -> list[Line]:
        return self._make(renderer.width)


def plain_units(text: str) -> list[PlainUnit]:
    units: list[PlainUnit] = []
    part: list[str] = []
    size = 0
    for line in text.split("\n"):
        for start in range(0, max(1, len(line)), PLAIN_PART):
            piece = line[start : start + PLAIN_PART]
            part.append(piece)
            size += len(piece) + 1
            if size >= PLAIN_PART:
                units.append(PlainUnit("\n".join(part)))
                part, size = [], 0
    if part:
        units.append(PlainUnit("\n".join(part)))
    return units

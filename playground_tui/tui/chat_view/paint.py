"""Lines to strips: styled once, padded to the view's width, kept while they stay in sight."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from playground_tui.tui.chat_view.lines import Line
from playground_tui.tui.chat_view.styles import Palette
from playground_tui.tui.chat_view.wrap import cells

MARGIN = 1
"""Empty columns left and right of the text."""
KEPT = 160
"""Strips kept: some screens. Each keeps what it was cut into by what lay over it, which is several times its size."""

Overlay = tuple[int, int, Style]
"""From and to (characters of the line's text), and the style laid over them."""


class Painter:
    def __init__(
        self, palette: Palette, width: int, inner: int, filters: Sequence[LineFilter], background: Color
    ) -> None:
        self.palette = palette
        self.width = width
        self._inner = inner
        self._filters = tuple(filters)
        self._background = background
        self._kept: dict[Line, Strip] = {}
        self.blank = self._finish([], "", 0)

    def strip(self, line: Line) -> Strip:
        strip = self._kept.get(line)
        if strip is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            strip = self._kept[line] = self._build(line, ())
        return strip

    def with_overlays(self, line: Line, overlays: Sequence[Overlay]) -> Strip:
        """Not kept: selection, the reached span and search hits come and go."""
        return self._build(line, overlays)

    def sign(self, text: str, key: str) -> Strip:
        strip = Strip([Segment(text, self.palette[key])], cells(text))
        for filter_ in self._filters:
            strip = strip.apply_filter(filter_, self._background)
        return strip

    def _build(self, line: Line, overlays: Sequence[Overlay]) -> Strip:
        palette = self.palette
        runs = [(text, palette[key]) for text, key in line.runs]
        for start, end, style in overlays:
            runs = _lay_over(runs, start, end, style)
        used = sum(cells(text) for text, _ in runs)
        return self._finish([Segment(text, style) for text, style in runs], line.fill, used)

    def _finish(self, segments: list[Segment], fill: str, used: int) -> Strip:
        base = self.palette.base
        inner = self._inner
        segments = [Segment(" " * MARGIN, base), *segments]
        if used < inner and fill:
            segments.append(Segment(" " * (inner - used), self.palette[fill]))
            used = inner
        rest = max(0, self.width - MARGIN - used)
        if rest:
            segments.append(Segment(" " * rest, base))
        strip = Strip(segments, MARGIN + used + rest).crop(0, self.width)
        for filter_ in self._filters:
            strip = strip.apply_filter(filter_, self._background)
        return strip


def _lay_over(runs: list[tuple[str, Style]], start: int, end: int, style: Style) -> list[tuple[str, Style]]:
    out: list[tuple[str, Style]] = []
    at = 0
    for text, below in runs:
        first, last = max(0, start - at), min(len(text), end - at)
        at += len(text)
        if first >= last:
            out.append((text, below))
            continue
        parts = [(text[:first], below), (text[first:last], below + style), (text[last:], below)]
        out += [part for part in parts if part[0]]
    return out

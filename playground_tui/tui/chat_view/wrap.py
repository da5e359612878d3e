"""From flows to lines of a given width, in terminal cells."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from playground_tui.tui.chat_view.lines import Flow, Line, Mark

# One cell each and nothing that joins: for these a character's index is its cell, and wrapping is `str.rfind`.
_NARROW = re.compile(
    "[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u1e00-\u1fff\u2010-\u2027\u2030-\u203b\u2190-\u2199"
    "\u2200-\u22ff\u2500-\u25fc]*"
).fullmatch


def is_narrow(text: str) -> bool:
    return _NARROW(text) is not None


def cells(text: str) -> int:
    if is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


Cut = tuple[int, int, str]
"""(start, end, join): a line's part of the text, and what was between it and the next line."""


def cut_lines(text: str, width: int, *, words: bool = True) -> list[Cut]:
    """Where one paragraph (no line feeds) breaks. Words longer than a line are cut; with `words` False all are."""
    if is_narrow(text):
        return _cut_narrow(text, width, words)
    return _cut_wide(text, width, words)


def _cut_narrow(text: str, width: int, words: bool) -> list[Cut]:
    cuts: list[Cut] = []
    start, size = 0, len(text)
    while size - start > width:
        space = text.rfind(" ", start, start + width + 1) if words else -1
        if space > start:
            end = space
            while end > start and text[end - 1] == " ":
                end -= 1
            nxt = space + 1
            if end > start:
                cuts.append((start, end, " "))
                start = nxt
                continue
        cuts.append((start, start + width, ""))
        start += width
    cuts.append((start, size, "\n"))
    return cuts


def _cut_wide(text: str, width: int, words: bool) -> list[Cut]:
    cuts: list[Cut] = []
    start = end = used = 0
    for first, last, size, gap in _words(text) if words else _cells(text):
        if end > start and used + gap + size > width:
            cuts.append((start, end, " " if gap else ""))
            start, used, gap = first, 0, 0
        if gap + size <= width:
            used += gap + size
        else:
            start, used = _cut_long(text, start, last, width, cuts)
        end = last
    cuts.append((start, len(text) if end <= start else max(end, start), "\n"))
    return cuts


def _cut_long(text: str, start: int, last: int, width: int, cuts: list[Cut]) -> tuple[int, int]:
    """Cut a word that no line holds; where its last line begins, and how many cells that has."""
    from rich.cells import split_graphemes

    used, base = 0, start
    for first, _, size in split_graphemes(text[base:last])[0]:
        if used + size > width and base + first > start:
            cuts.append((start, base + first, ""))
            start, used = base + first, 0
        used += size
    return start, used


def _cells(text: str) -> Iterator[tuple[int, int, int, int]]:
    from rich.cells import split_graphemes

    for first, last, size in split_graphemes(text)[0]:
        yield first, last, size, 0


def _words(text: str) -> Iterator[tuple[int, int, int, int]]:
    """(start, end, cells, cells of space before): a line may break before each. Wide characters are words."""
    gap = size = 0
    start = end = 0
    for first, last, width, _ in _cells(text):
        if text[first] == " ":
            if size:
                yield start, end, size, gap
                gap = size = 0
            gap += width
        elif width > 1 or not size or _is_wide_end(text, start, size):
            if size:
                yield start, end, size, gap
                gap = 0
            start, end, size = first, last, width
        else:
            end = last
            size += width
    if size:
        yield start, end, size, gap


def _is_wide_end(text: str, start: int, size: int) -> bool:
    return size == 2 and cells(text[start]) > 1


def take(flow_text: str, styles: list[tuple[int, str]], start: int, end: int) -> list[tuple[str, str]]:
    """The styled runs of one part of a flow."""
    if start >= end:
        return []
    index = bisect_right(styles, start, key=lambda style: style[0])
    runs: list[tuple[str, str]] = []
    while start < end:
        stop, key = styles[index]
        stop = min(stop, end)
        runs.append((flow_text[start:stop], key))
        start = stop
        index += 1
    return runs


def take_marks(marks: list[Mark], start: int, end: int, shift: int) -> tuple[Mark, ...]:
    return tuple(
        (max(first, start) - start + shift, min(last, end) - start + shift, span)
        for first, last, span in marks
        if first < end and last > start
    )


Lead = list[tuple[str, str]]
"""Drawn before a line's text: indent, bullet, quote bar."""


def lead_size(lead: Lead) -> int:
    return sum(len(text) for text, _ in lead)


def lead_cells(lead: Lead) -> int:
    return sum(cells(text) for text, _ in lead)


def wrap(
    flow: Flow,
    width: int,
    first: Lead | None = None,
    rest: Lead | None = None,
    *,
    fill: str = "",
    words: bool = True,
) -> list[Line]:
    """Lines of `flow` within `width` cells, `first` and `rest` before them. Line feeds in the flow break lines."""
    first = first or []
    rest = rest if rest is not None else first
    inner = max(1, width - max(lead_cells(first), lead_cells(rest)))
    text = flow.text
    lines: list[Line] = []
    base = 0
    for paragraph in text.split("\n"):
        for start, end, join in cut_lines(paragraph, inner, words=words):
            lead = rest if lines else first
            shift = lead_size(lead)
            start, end = start + base, end + base
            runs = [*lead, *take(text, flow.styles, start, end)]
            marks = take_marks(flow.marks, start, end, shift) if flow.marks else ()
            lines.append(Line(runs, join=join, marks=marks, fill=fill, lead=shift))
        base += len(paragraph) + 1
    return lines

"""Text under a mouse selection: what was wrapped is joined again, and drawing is left out."""

from __future__ import annotations

from collections.abc import Sequence

from playground_tui.tui.chat_view.lines import Line


def text_between(lines: Sequence[Line], start: int, end: int | None) -> str:
    """From character `start` of the first line up to `end` of the last one (its end with None)."""
    parts: list[str] = []
    last = len(lines) - 1
    for index, line in enumerate(lines):
        text = line.text
        stop = len(text) if index < last or end is None else end
        first = max(line.lead, start if index == 0 else 0)
        parts.append(text[first:stop])
        if index < last:
            parts.append(line.join)
    return "\n".join(row.rstrip() for row in "".join(parts).split("\n"))


def index_at(line: Line, column: int) -> int:
    """The character at that column of cells."""
    from rich.cells import split_graphemes

    used = 0
    for start, _, size in split_graphemes(line.text)[0]:
        if used + size > column:
            return start
        used += size
    return len(line.text)

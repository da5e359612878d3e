"""Tables: columns that fit the width, and rows as records where they can't."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground_tui.tui.chat_view.lines import BLANK, Flow, Line, Mark
from playground_tui.tui.chat_view.wrap import cells, wrap

if TYPE_CHECKING:
    from markdown_it.token import Token

MakeFlow = Callable[[str, str], Flow]
"""Inline text and its style key to the drawn flow."""

GAP = "  "
LEAST = 6
"""Cells a column is never narrower than; where they don't fit side by side, each row becomes a record."""


@dataclass(slots=True)
class Table:
    head: list[Flow]
    rows: list[list[Flow]]
    aligns: list[str]
    """`left`, `right` or `center`, by column."""


def natural_widths(table: Table) -> list[int]:
    return [
        max((max(map(cells, row[index].text.split("\n"))) for row in [table.head, *table.rows]), default=1) or 1
        for index in range(len(table.head))
    ]


def fit(natural: list[int], width: int) -> list[int]:
    """Widths that fit: narrow columns keep theirs, wide ones share the rest; empty when nothing readable fits."""
    space = width - len(GAP) * (len(natural) - 1)
    if sum(natural) <= space:
        return list(natural)
    if space < LEAST * len(natural):
        return []
    widths = [0] * len(natural)
    open_columns = sorted(range(len(natural)), key=lambda index: natural[index])
    while open_columns:
        share = space // len(open_columns)
        index = open_columns.pop(0)
        widths[index] = min(natural[index], share)
        space -= widths[index]
    return widths


def draw_table(table: Table, widths: list[int], width: int, *, head: bool) -> list[Line]:
    if not widths:
        return _records(table, width)
    lines: list[Line] = []
    if head:
        lines += _row(table.head, widths, table.aligns)
        lines.append(_rule(sum(widths) + len(GAP) * (len(widths) - 1)))
    for row in table.rows:
        lines += _row(row, widths, table.aligns)
    return lines


def _rule(size: int) -> Line:
    return Line([("─" * size, "rule")], lead=size)


def _row(row: list[Flow], widths: list[int], aligns: list[str]) -> list[Line]:
    columns = [wrap(flow, width) for flow, width in zip(row, widths, strict=True)]
    return [
        _row_line([column[index] if index < len(column) else BLANK for column in columns], widths, aligns)
        for index in range(max(map(len, columns)))
    ]


def _row_line(parts: list[Line], widths: list[int], aligns: list[str]) -> Line:
    runs: list[tuple[str, str]] = []
    marks: list[Mark] = []
    size = 0
    last = len(parts) - 1
    for index, (part, width, align) in enumerate(zip(parts, widths, aligns, strict=True)):
        text = part.text
        space = max(0, width - cells(text))
        left = space if align == "right" else space // 2 if align == "center" else 0
        right = 0 if index == last else space - left + len(GAP)
        pieces = [(" " * left, "body"), *part.runs, (" " * right, "body")]
        marks += [(start + size + left, end + size + left, span) for start, end, span in part.marks]
        runs += [run for run in pieces if run[0]]
        size += left + len(text) + right
    return Line(runs, marks=tuple(marks))


def _records(table: Table, width: int) -> list[Line]:
    lines: list[Line] = []
    for number, row in enumerate(table.rows):
        if number:
            lines.append(_rule(min(20, width)))
        for name, value in zip(table.head, row, strict=True):
            flow = Flow()
            flow.add(name.text.replace("\n", " "), "body strong")
            flow.add(": ", "body strong")
            shift = flow.size
            at = 0
            for end, style in value.styles:
                flow.add(value.text[at:end], style)
                at = end
            flow.marks += [(start + shift, end + shift, span) for start, end, span in value.marks]
            lines += wrap(flow, width, [], [("  ", "body")])
    return lines


def read_table(tokens: list[Token], index: int, flow: MakeFlow) -> tuple[Table, int]:
    """The table that opens at `index`, and where the tokens go on after it."""
    table = Table([], [], [])
    row: list[Flow] = []
    while tokens[index].type != "table_close":
        token = tokens[index]
        if token.type == "th_open":
            style = str(token.attrs.get("style", ""))
            table.aligns.append(style.removeprefix("text-align:") or "left")
        elif token.type == "tr_open":
            row = []
            if tokens[index + 1].type == "th_open":
                table.head = row
            else:
                table.rows.append(row)
        elif token.type == "inline":
            row.append(flow(token.content, "body strong" if row is table.head else "body"))
        index += 1
    return table, index + 1

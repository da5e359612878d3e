"""Lines of code blocks: on a ground of their own, cut where the view ends, joined again when copied."""

from __future__ import annotations

from collections.abc import Iterable

from playground_tui.tui.chat_view.code import Runs
from playground_tui.tui.chat_view.lines import Flow, Line, Span
from playground_tui.tui.chat_view.wrap import Lead, cut_lines, lead_cells, lead_size, take


def label_line(span: Span, width: int, lead: Lead) -> Line:
    """The line above the code: its language, and the place where the code is reached."""
    text = f" {span.label or 'code'}"[: max(1, width - lead_cells(lead))]
    shift = lead_size(lead)
    runs = [*lead, (text, "code code-label")]
    size = shift + len(text)
    return Line(runs, marks=((shift, size, span),), fill="code", lead=size)


def code_lines(rows: Iterable[Runs], width: int, first: Lead, rest: Lead) -> list[Line]:
    lines: list[Line] = []
    lead: Lead = [*first, (" ", "code")]
    following: Lead = [*rest, (" ", "code")]
    inner = max(1, width - max(lead_cells(lead), lead_cells(following)))
    for row in rows:
        flow = Flow()
        for text, style in row:
            flow.add(text, style)
        text = flow.text
        for start, end, join in cut_lines(text, inner, words=False):
            runs = [*lead, *take(text, flow.styles, start, end)]
            lines.append(Line(runs, join=join, fill="code", lead=lead_size(lead)))
            lead = following
    return lines

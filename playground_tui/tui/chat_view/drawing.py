"""One walk over the tokens of a block, drawing lines as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground_tui.tui.chat_view.clean import tame
from playground_tui.tui.chat_view.code import highlight, language_of
from playground_tui.tui.chat_view.code_lines import code_lines, label_line
from playground_tui.tui.chat_view.lines import Flow, Line, Span
from playground_tui.tui.chat_view.table import MakeFlow, draw_table, fit, natural_widths, read_table
from playground_tui.tui.chat_view.wrap import Lead, lead_cells, lead_size, wrap

if TYPE_CHECKING:
    from markdown_it.token import Token

BULLETS = "•◦▪"
_TASKS = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}


class Drawing:
    def __init__(self, tokens: list[Token], source: list[str], flow: MakeFlow, width: int) -> None:
        self._tokens = tokens
        self._source = source
        self._flow = flow
        self._width = width
        self._out: list[Line] = []

    def all(self) -> list[Line]:
        self._blocks(0, [], [], "body", 0)
        return self._out

    def item_after_prefix(self, number: int | None) -> list[Line]:
        """Only the second item of the list that the prefix begins."""
        opened = 0
        for index, token in enumerate(self._tokens):
            opened += token.type == "list_item_open" and token.level == 1
            if opened == 2:
                self._item(index, [], [], "body", 0, number)
                break
        return self._out

    # -- containers -----------------------------------------------------------------------------------------------

    def _blocks(self, index: int, first: Lead, rest: Lead, style: str, depth: int) -> int:
        """Draw what stands side by side from `index` on; where the container's closing token is."""
        start = len(self._out)
        while index < len(self._tokens) and self._tokens[index].nesting >= 0:
            token = self._tokens[index]
            drawn = len(self._out) > start
            if drawn and self._blank_before(token):
                self._blank(rest)
            index = self._block(index, rest if drawn else first, rest, style, depth)
        if first and len(self._out) == start:
            self._out.append(Line(list(first), lead=lead_size(first)))
        return index

    def _blank(self, lead: Lead) -> None:
        self._out.append(Line(list(lead), lead=lead_size(lead)))

    def _blank_before(self, token: Token) -> bool:
        line = token.map[0] - 1 if token.map else -1
        return token.level == 0 or (0 <= line < len(self._source) and not self._source[line].strip(" >\t"))

    def _block(self, index: int, first: Lead, rest: Lead, style: str, depth: int) -> int:
        token = self._tokens[index]
        kind = token.type
        if kind in ("paragraph_open", "heading_open"):
            key = f"{style} {token.tag}" if kind == "heading_open" else style
            self._out += wrap(self._flow(self._tokens[index + 1].content, key), self._width, first, rest)
            return index + 3
        if kind in ("fence", "code_block"):
            self._code(token, first, rest)
        elif kind == "hr":
            size = max(1, self._width - lead_cells(first))
            self._out.append(Line([*first, ("─" * size, "rule")], lead=lead_size(first) + size))
        elif kind == "html_block":
            self._out += wrap(
                Flow.of(tame(token.content.strip("\n").expandtabs(4)), f"{style} html"), self._width, first, rest
            )
        elif kind == "table_open":
            return self._table(index, first, rest)
        elif kind == "blockquote_open":
            bar = ("▌ ", "quote-bar")
            first, rest = self._deeper(first, rest, bar, bar)
            return self._blocks(index + 1, first, rest, f"{style} quote", depth) + 1
        elif kind in ("bullet_list_open", "ordered_list_open"):
            return self._list(index, first, rest, style, depth)
        elif kind == "footnote_reference_open":
            label = tame(str(token.meta.get("label", "")))
            first, rest = self._deeper(first, rest, (f"[{label}] ", f"{style} citation"), ("    ", style))
            return self._blocks(index + 1, first, rest, style, depth) + 1
        return index + 1

    def _list(self, index: int, first: Lead, rest: Lead, style: str, depth: int) -> int:
        opening = self._tokens[index]
        number = int(opening.attrs.get("start", 1)) if opening.type == "ordered_list_open" else None
        index += 1
        start = len(self._out)
        while self._tokens[index].type == "list_item_open":
            drawn = len(self._out) > start
            if drawn and self._blank_before(self._tokens[index]):
                self._blank(rest)
            index = self._item(index, rest if drawn else first, rest, style, depth, number)
            number = None if number is None else number + 1
        return index + 1

    def _item(self, index: int, first: Lead, rest: Lead, style: str, depth: int, number: int | None) -> int:
        sign = BULLETS[min(depth, len(BULLETS) - 1)] if number is None else f"{number:>2}."
        if task := self._task(index + 1):
            sign = task
        lead = f"{sign} "
        first, rest = self._deeper(first, rest, (lead, "bullet"), (" " * len(lead), "body"))
        return self._blocks(index + 1, first, rest, style, depth + 1) + 1

    def _deeper(self, first: Lead, rest: Lead, sign: tuple[str, str], indent: tuple[str, str]) -> tuple[Lead, Lead]:
        """The leads one level further in, as long as half of the width stays for text."""
        if lead_cells([*first, sign]) > self._width // 2 or lead_cells([*rest, indent]) > self._width // 2:
            return first, rest
        return [*first, sign], [*rest, indent]

    def _task(self, index: int) -> str:
        """The box of a task item, whose brackets are taken out of the text."""
        if self._tokens[index].type != "paragraph_open":
            return ""
        inline = self._tokens[index + 1]
        box = _TASKS.get(inline.content[:4], "")
        if box:
            inline.content = inline.content[4:]
        return box

    # -- leaves ---------------------------------------------------------------------------------------------------

    def _code(self, token: Token, first: Lead, rest: Lead) -> None:
        language = language_of(token.info)
        text = token.content.removesuffix("\n")
        lead = first
        if token.type == "fence":
            self._out.append(label_line(Span("code", text, language), self._width, first))
            lead = rest
        if token.content:
            self._out += code_lines(highlight(text, language), self._width, lead, rest)

    def _table(self, index: int, first: Lead, rest: Lead) -> int:
        table, index = read_table(self._tokens, index, self._flow)
        inner = self._width - max(lead_cells(first), lead_cells(rest))
        lines = draw_table(table, fit(natural_widths(table), inner), inner, head=True)
        for number, line in enumerate(lines):
            lead = rest if number else first
            shift = lead_size(lead)
            marks = tuple((start + shift, end + shift, span) for start, end, span in line.marks)
            self._out.append(Line([*lead, *line.runs], join=line.join, marks=marks, lead=line.lead + shift))
        return index

"""Finished and open blocks to lines of a given width."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground_tui.tui.chat_view.blocks import Block
from playground_tui.tui.chat_view.drawing import Drawing
from playground_tui.tui.chat_view.grammar import Definitions, parse_blocks
from playground_tui.tui.chat_view.inline import Marks, inline_flow
from playground_tui.tui.chat_view.lines import Flow, Line
from playground_tui.tui.chat_view.table import draw_table, fit, natural_widths, read_table

if TYPE_CHECKING:
    from markdown_it.token import Token


@dataclass(slots=True)
class Renderer:
    """Draws blocks of one message. `definitions` may grow; what was drawn before is drawn again by the owner."""

    definitions: Definitions
    marks: Marks
    width: int

    def draw(self, block: Block) -> list[Line]:
        """The block's lines without the gap above it. Fences are drawn elsewhere, in parts."""
        source = block.prefix + block.source
        tokens = parse_blocks(source, ChainMap({}, self.definitions))
        if block.kind in ("table", "rows"):
            return self._part_of_table(block, tokens)
        drawing = Drawing(tokens, source.split("\n"), self.flow, self.width)
        if block.kind == "item":
            return drawing.item_after_prefix(block.number)
        return drawing.all()

    def _part_of_table(self, block: Block, tokens: list[Token]) -> list[Line]:
        index = next((i for i, token in enumerate(tokens) if token.type == "table_open"), None)
        if index is None or block.columns is None:
            return []
        table, _ = read_table(tokens, index, self.flow)
        widths = block.columns.widths.get(self.width)
        if widths is None:
            widths = fit(natural_widths(table), self.width)
            if block.kind == "table":
                block.columns.widths[self.width] = widths
        return draw_table(table, widths, self.width, head=block.kind == "table")

    def flow(self, content: str, style: str) -> Flow:
        return inline_flow(content, style, self.definitions, self.marks)

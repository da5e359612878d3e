"""Cuts a growing Markdown text into blocks that no later line can change.

The cuts depend on the text alone, never on how it was cut into fragments: a text fed letter by letter ends in the same
blocks as one fed whole. The parser decides where a block ends; it only sees what is still open, so a block must not
grow without bound: fences are followed line by line (`fence.py`), lists are cut between items, long tables after every
`TABLE_ROWS` rows, and anything else at the first line end past `LIMIT`.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.chat_view.code import Code
from playground_tui.tui.chat_view.fence import Fence, read_fence
from playground_tui.tui.chat_view.grammar import Definitions
from playground_tui.tui.chat_view.pieces import (
    Context,
    Piece,
    cut_pieces,
    fold_long_lines,
    item_prefix,
    split_lines,
    table_prefix,
)

Found = dict[str, dict[str, Any]]
"""Definitions of the open text."""

LIMIT = 32_000
"""Characters of one open block."""
TABLE_ROWS = 64
"""Rows that decide a table's column widths, and that are drawn together."""


class Columns:
    """What the parts of one long table share: its column widths, by width of the view."""

    def __init__(self) -> None:
        self.widths: dict[int, list[int]] = {}


@dataclass(slots=True)
class Block:
    kind: Literal["text", "item", "table", "rows", "fence"]
    source: str
    gap: int = 1
    """Empty lines before it."""
    prefix: str = ""
    """Lines to parse before the source and not to draw: the head of the table, an item of the list."""
    number: int | None = None
    """An ordered item's place in its list."""
    code: Code | None = None
    columns: Columns | None = None


@dataclass(frozen=True, slots=True)
class _Before:
    """The piece before, as far as the next one's gap and parsing depend on it."""

    kind: str = ""
    marker: str = ""
    ends_blank: bool = False
    forced: bool = False


class Splitter:
    def __init__(self, limit: int = LIMIT) -> None:
        self.definitions: Definitions = {}
        """Of the finished blocks."""
        self.parsed = 0
        """Characters given to the parser so far: the counted cost of splitting."""
        self._limit = limit
        self._open = ""
        self._seen = 0
        self._context = Context()
        self._columns: Columns | None = None
        self._before = _Before()
        self._fence: Fence | None = None
        self._fence_gap = 0

    def feed(self, text: str) -> None:
        """Takes cleaned text."""
        self._open += text

    @property
    def open_code(self) -> Code | None:
        """Of the fence that is followed line by line."""
        return self._fence.code if self._fence else None

    def advance(self, *, final: bool = False) -> list[Block]:
        """Blocks that are finished now. With `final` the text ends here and nothing stays open."""
        done: list[Block] = []
        self._open = fold_long_lines(self._open)
        while self._step_fence(done, final) if self._fence else self._step_text(done, final):
            pass
        return done

    def open_blocks(self) -> list[Block]:
        """What is still open, as far as it can be drawn; good until the next call of anything."""
        if self._fence:
            self._fence.show_partial(self._open)
            return [Block("fence", "", self._fence_gap, code=self._fence.code)]
        pieces, _ = self._cut(self._open)
        before, blocks = self._before, list[Block]()
        for piece in pieces:
            made, before = self._blocks_of(piece, before)
            blocks += made
        return blocks

    def _cut(self, source: str) -> tuple[list[Piece], ChainMap[str, dict[str, Any]]]:
        found = ChainMap({}, self.definitions)
        self.parsed += len(source)
        return cut_pieces(source, self._context, found), found

    # -- text -----------------------------------------------------------------------------------------------------

    def _step_text(self, done: list[Block], final: bool) -> bool:
        """Take finished pieces out of the open text; whether there may be more."""
        complete = len(self._open) if final else self._open.rfind("\n") + 1
        if not complete or (complete == self._seen and not final):
            return False
        stop = complete
        if complete >= self._limit:
            stop = (self._open.find("\n", self._limit - 1, complete) + 1) or complete
        whole = final and stop == len(self._open)
        forced = not whole and stop >= self._limit
        pieces, found = self._cut(self._open[:stop])
        rest = None if whole or not pieces or pieces[-1].closed else pieces[-1]
        finished = pieces[:-1] if rest else pieces
        if not whole and not finished and not forced and not (rest and _leaves(rest)):
            self._seen = complete
            return False
        self._take(done, finished, rest, dict(found.maps[0]), whole=whole, forced=forced, stop=stop)
        return bool(self._open) or self._fence is not None

    def _take(
        self,
        done: list[Block],
        finished: list[Piece],
        rest: Piece | None,
        found: Found,
        *,
        whole: bool,
        forced: bool,
        stop: int,
    ) -> None:
        for piece in finished:
            self._emit(done, piece)
        gone = stop if whole or not (finished or rest) else sum(len(piece.text) for piece in finished)
        self._absorb(found, None if gone == stop else finished[-1].end if finished else 0)
        if finished:
            self._set_context(rest, finished[-1])
        self._open = self._open[gone:]
        self._seen = 0
        if rest is not None:
            self._take_rest(done, rest, found, alone=not finished, forced=forced)

    def _take_rest(self, done: list[Block], rest: Piece, found: Found, *, alone: bool, forced: bool) -> None:
        """What leaves the parser's sight although it is still open."""
        if rest.opens_fence:
            self._open_fence(rest, found)
        elif rest.kind == "table" and (rest.rows >= TABLE_ROWS or (forced and alone)):
            self._cut_table(done, rest, found, rest.rows if forced else rest.rows // TABLE_ROWS * TABLE_ROWS)
        elif forced and alone:
            self._absorb(found, None)
            self._emit(done, rest, forced=True)
            self._open = self._open[len(rest.text) :]
            self._context = Context()

    def _absorb(self, found: Found, before: int | None) -> None:
        """Keep the definitions that stand before that line of the parsed text; all of them with None."""
        for label, definition in found.items():
            if before is None or definition["map"][0] < before:
                self.definitions.setdefault(label, definition)

    def _set_context(self, rest: Piece | None, last: Piece) -> None:
        if rest and rest.kind == "item" and last.kind == "item" and rest.list_id == last.list_id:
            self._context = Context("item", item_prefix(rest), rest.number)
        else:
            self._context = Context()
            self._columns = None

    # -- blocks ---------------------------------------------------------------------------------------------------

    def _emit(self, done: list[Block], piece: Piece, *, forced: bool = False) -> None:
        blocks, self._before = self._blocks_of(piece, self._before)
        if forced:
            self._before = replace(self._before, forced=True)
        done += blocks

    def _blocks_of(self, piece: Piece, before: _Before) -> tuple[list[Block], _Before]:
        gap = _gap(before, piece)
        after = _Before(piece.kind, piece.marker, _ends_blank(piece.text))
        if piece.kind == "fence":
            return [Block("fence", "", gap, code=read_fence(piece))], after
        if piece.kind == "table":
            return self._table_blocks(piece, gap, piece.rows), after
        prefix = item_prefix(piece) if piece.kind == "item" else ""
        return [Block(piece.kind, piece.text, gap, prefix, piece.number)], after

    # -- tables ---------------------------------------------------------------------------------------------------

    def _continues_table(self, piece: Piece) -> bool:
        return self._context.kind == "table" and piece.start == 0

    def _table_blocks(self, piece: Piece, gap: int, rows: int) -> list[Block]:
        """The first `rows` rows, in groups; the first group of a table holds its head too."""
        lines = split_lines(piece.text)
        body = len(lines) - piece.rows
        columns = self._columns if self._columns and self._continues_table(piece) else Columns()
        blocks: list[Block] = []
        prefix = self._context.prefix
        at = 0
        if not self._continues_table(piece):
            prefix, at = table_prefix(piece), body + min(rows, TABLE_ROWS)
            blocks.append(Block("table", "".join(lines[:at]), gap, columns=columns))
        while at < body + rows:
            end = min(at + TABLE_ROWS, body + rows)
            blocks.append(Block("rows", "".join(lines[at:end]), 0, prefix, columns=columns))
            at = end
        return blocks

    def _cut_table(self, done: list[Block], piece: Piece, found: Found, rows: int) -> None:
        """Finish rows of a table that goes on; the rest of it is parsed below its head again."""
        gap = _gap(self._before, piece)
        blocks = self._table_blocks(piece, gap, rows)
        done += blocks
        self._absorb(found, piece.start)
        if not self._continues_table(piece):
            self._context = Context("table", table_prefix(piece))
            self._columns = blocks[0].columns
        lines = split_lines(piece.text)
        self._open = self._open[sum(map(len, lines[: len(lines) - piece.rows + rows])) :]
        self._before = _Before("table")

    # -- fences ---------------------------------------------------------------------------------------------------

    def _open_fence(self, piece: Piece, found: Found) -> None:
        lines = split_lines(piece.text)
        opening = len(lines) - (piece.end - piece.start) + 1
        self._absorb(found, piece.start)
        self._fence = Fence(piece)
        self._fence_gap = _gap(self._before, piece)
        self._context = Context()
        self._open = self._open[sum(map(len, lines[:opening])) :]

    def _step_fence(self, done: list[Block], final: bool) -> bool:
        fence = self._fence
        assert fence is not None
        complete = len(self._open) if final else self._open.rfind("\n") + 1
        lines = split_lines(self._open[:complete])
        if final and lines and not lines[-1].strip(" \t"):  # the parser does not count it as a line
            self._open = self._open[: complete - len(lines.pop())]
        taken = fence.take([line.removesuffix("\n") for line in lines])
        self._open = self._open[sum(map(len, lines[:taken])) :]
        if final and not self._open:
            fence.finish()
        if not fence.code.closed:
            return False
        done.append(Block("fence", "", self._fence_gap, code=fence.code))
        self._fence = None
        self._before = _Before("fence")
        return bool(self._open)


def _leaves(rest: Piece) -> bool:
    return rest.opens_fence or (rest.kind == "table" and rest.rows >= TABLE_ROWS)


def _ends_blank(text: str) -> bool:
    return text.endswith("\n") and not text[text.rfind("\n", 0, -1) + 1 :].strip()


def _gap(before: _Before, piece: Piece) -> int:
    if not before.kind or before.forced:
        return 0
    if before.kind == piece.kind == "item" and before.marker == piece.marker:
        ahead = piece.text.split("\n", 1)[0]  # an empty line, or a definition, which ends the list before
        return int(before.ends_blank or ahead != piece.first_line.removesuffix("\n"))
    return 1

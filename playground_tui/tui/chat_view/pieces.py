"""One look at the open text: the top-level blocks and list items that the parser sees in it now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.chat_view.grammar import Definitions, parse_blocks

if TYPE_CHECKING:
    from markdown_it.token import Token

LONG_LINE = 8_000
"""Characters of one line; the rest goes on in the next."""

PieceKind = Literal["text", "item", "table", "fence"]
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(slots=True)
class Piece:
    kind: PieceKind
    token: Token
    start: int
    end: int
    """Lines of the parsed text, the context's included."""
    text: str = ""
    """Its source, from the end of the piece before: definitions and empty lines ahead of it are its own."""
    first_line: str = ""
    number: int | None = None
    marker: str = ""
    """Of its list, when it is an item: a bullet, or what stands after the number."""
    list_id: int = -1

    @property
    def rows(self) -> int:
        return self.end - self.start - 2

    @property
    def may_turn_table(self) -> bool:
        """A first line with bars becomes a table's head when a line of dashes follows it, whatever else it is."""
        return "|" in self.first_line and self.end - self.start < 2

    @property
    def closed(self) -> bool:
        """Whether no later line can belong to it."""
        if self.may_turn_table:
            return False
        if self.kind == "fence":
            return (
                self.end - self.start > 1
                and fence_end(self.token.markup).match(self.text.rsplit("\n", 2)[-2]) is not None
            )
        return self.token.type in ("heading_open", "hr")

    @property
    def opens_fence(self) -> bool:
        return self.kind == "fence" and not self.may_turn_table and not self.closed


@dataclass(frozen=True, slots=True)
class Context:
    """What the open text goes on with: it is parsed after `prefix`, and what comes of the prefix is not drawn."""

    kind: Literal["", "item", "table"] = ""
    prefix: str = ""
    number: int | None = None
    """Of the item that the open text begins with."""

    @property
    def lines(self) -> int:
        return self.prefix.count("\n")


def split_lines(text: str) -> list[str]:
    """With their line feeds. `str.splitlines` would also break at other characters."""
    return _LINES.findall(text)


def fence_end(markup: str) -> re.Pattern[str]:
    return re.compile(rf" {{0,3}}{re.escape(markup[0])}{{{len(markup)},}}[ \t]*$")


def cut_pieces(source: str, context: Context, found: Definitions) -> list[Piece]:
    """The pieces of `source`, which are all of it but what follows the last one. Definitions go to `found`."""
    tokens = parse_blocks(context.prefix + source, found)
    pieces = _pieces(tokens, context)
    lines = split_lines(source)
    skip, at = context.lines, 0
    for piece in pieces:
        end = max(at, piece.end - skip)
        piece.text = "".join(lines[at:end])
        first = max(piece.start - skip, 0)
        piece.first_line = lines[first] if first < len(lines) else ""
        at = end
    return [piece for piece in pieces if piece.text]


def _pieces(tokens: list[Token], context: Context) -> list[Piece]:
    pieces: list[Piece] = []
    list_id, number, marker = -1, None, ""
    for token in tokens:
        if token.map is None or token.nesting < 0:
            continue
        start, end = token.map
        if token.level == 0:
            if token.type in ("bullet_list_open", "ordered_list_open"):
                list_id, marker = list_id + 1, token.markup
                number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
                continue
            kind: PieceKind = "fence" if token.type == "fence" else "table" if token.type == "table_open" else "text"
            pieces.append(Piece(kind, token, start, end))
        elif token.level == 1 and token.type == "list_item_open":
            pieces.append(Piece("item", token, start, end, number=number, marker=marker, list_id=list_id))
            number = None if number is None else number + 1
    return _without_prefix(pieces, context)


def _without_prefix(pieces: list[Piece], context: Context) -> list[Piece]:
    if context.kind == "item":
        pieces = pieces[1:]
        for index, piece in enumerate(pieces):
            if piece.list_id != 0:
                break
            piece.number = None if context.number is None else context.number + index
    return pieces


def item_prefix(piece: Piece) -> str:
    """An item of the same list as `piece`, so that the next one is read as its sibling.

    Indented as far as a list may be: an item that is indented less can't be read as its child.
    """
    return f"   {piece.marker} x\n" if piece.number is None else f"   1{piece.marker} x\n"


def table_prefix(piece: Piece) -> str:
    """The head of the table that `piece` begins."""
    lines = split_lines(piece.text)
    first = len(lines) - (piece.end - piece.start)
    return "".join(lines[first : first + 2])


def fold_long_lines(text: str) -> str:
    """Break lines beyond `LONG_LINE`, where a letter follows a space if there is such a place."""
    if len(text) < LONG_LINE or max(map(len, text.split("\n"))) < LONG_LINE:
        return text
    return "\n".join("\n".join(_folded(line)) for line in text.split("\n"))


_BREAK = re.compile(r" (?=[^\W\d_])")


def _folded(line: str) -> list[str]:
    parts: list[str] = []
    while len(line) >= LONG_LINE:
        places = [match.start() for match in _BREAK.finditer(line, LONG_LINE - 200, LONG_LINE)]
        cut = places[-1] if places else LONG_LINE - 1
        parts.append(line[:cut])
        line = line[cut + 1 :] if places else line[cut:]
    return [*parts, line]

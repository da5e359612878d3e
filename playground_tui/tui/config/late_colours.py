"""Colours of a long text that don't hold up a key: an edit moves the syntax tree along at once, the text is read anew
when no key comes, and only the rows that are drawn are asked for their colours. Loaded with the grammars.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.document._syntax_aware_document import SyntaxAwareDocument
    from tree_sitter import Parser, Query, Tree

AT_ONCE = 8_000
"""Characters up to which an edit is parsed with its key: some 5 ms for one paragraph of Markdown."""
BLOCK = 32
"""Rows asked for together: about what a screen shows."""

Piece = tuple[int, int | None, str]
"""Of a row: first and last byte (None: to its end), name of the capture."""


class LateParser:
    """Stands where a Textual document has its parser. A tree that comes with the text has been told by the document
    which bytes moved; it may serve until `catch_up`."""

    def __init__(self, document: SyntaxAwareDocument, note: Callable[[], None]) -> None:
        self._document = document
        self._parser: Parser = document._parser
        self._note = note
        self.is_behind = False

    def parse(self, read: Callable[[int, Any], bytes], tree: Tree) -> Tree:
        if sum(map(len, self._document.lines)) <= AT_ONCE:
            self.is_behind = False
            return self._parser.parse(read, tree)
        self.is_behind = True
        self._note()
        return tree

    def catch_up(self) -> None:
        if self.is_behind:
            self.is_behind = False
            document = self._document
            document._syntax_tree = self._parser.parse(document._read_callable, document._syntax_tree)


class RowColours(dict[int, list[Piece]]):
    """By row, found in blocks when a row is drawn."""

    def __init__(self, document: SyntaxAwareDocument, query: Query) -> None:
        self._document = document
        self._query = query

    def __bool__(self) -> bool:
        """Textual asks no rows of an empty one."""
        return True

    def __missing__(self, row: int) -> list[Piece]:
        first = row - row % BLOCK
        last = first + BLOCK
        for at in range(first, last):
            self[at] = []
        captures = self._document.query_syntax_tree(self._query, (first, 0), (last, 0))
        for name, nodes in captures.items():
            for node in nodes:
                (top, left), (bottom, right) = node.start_point, node.end_point
                # What ends before the first byte of a row has nothing of it.
                for at in range(max(top, first), min(bottom + (right > 0), last)):
                    self[at].append((left if at == top else 0, right if at == bottom else None, name))
        return self[row]

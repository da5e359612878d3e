"""A fence while it is open: its lines go into the code as they come, without the parser."""

from __future__ import annotations

from playground_tui.tui.chat_view.code import Code
from playground_tui.tui.chat_view.pieces import Piece, fence_end


class Fence:
    def __init__(self, piece: Piece) -> None:
        markup = piece.token.markup
        self.code = Code(piece.token.info)
        self._marker = markup[0]
        self._end = fence_end(markup)
        self._indent = len(piece.first_line) - len(piece.first_line.lstrip(" "))
        self._partial = False

    def take(self, lines: list[str]) -> int:
        """Take whole lines up to the closing one; how many were taken, that one included."""
        self._drop_partial()
        for count, line in enumerate(lines, 1):
            if self._end.match(line):
                self.code.close()
                return count
            self.code.append(self._dedent(line))
        return len(lines)

    def show_partial(self, text: str) -> None:
        """Show the line that still grows, unless it may be the closing one."""
        self._drop_partial()
        if text and text.strip(f" {self._marker}"):
            self.code.append(self._dedent(text))
            self._partial = True

    def finish(self) -> None:
        self._drop_partial()
        self.code.close()

    def _drop_partial(self) -> None:
        if self._partial:
            self.code.pop()
            self._partial = False

    def _dedent(self, line: str) -> str:
        """Without the indent of the opening line; a tab that reaches over it leaves spaces."""
        column = at = 0
        while column < self._indent and line[at : at + 1] in (" ", "\t"):
            column += 1 if line[at] == " " else 4 - column % 4
            at += 1
        return " " * (column - self._indent) + line[at:]


def read_fence(piece: Piece) -> Code:
    """The code of a fence that is there as a whole."""
    fence = Fence(piece)
    lines = piece.text.removesuffix("\n").split("\n")
    fence.take(lines[len(lines) - (piece.end - piece.start) + 1 :])
    fence.finish()
    return fence.code

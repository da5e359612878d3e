"""A difference laid out side by side for a width: wrapped, numbered, with what stayed the same folded away. Contract:
pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from rich.cells import cell_len, get_character_cell_size

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.config.exact import visible
from playground_tui.workspace.differences import DiffRow, FieldDiff, Piece
from playground_tui.workspace.documents import TITLES

CONTEXT: Final = 2
"""Lines shown around a change."""
GUTTER: Final = 2
"""Cells of the sign before each side."""
Kind = Literal["heading", "fold", "same", "changed", "removed", "added"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of the screen. `heading` and `fold` have their words in `left`."""

    kind: Kind
    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()
    left_sign: str = " "
    right_sign: str = " "


def lay_out(diffs: Sequence[FieldDiff], width: int) -> list[DiffLine]:
    """`width`: cells of one side's text."""
    made: list[DiffLine] = []
    for diff in diffs:
        if made:
            made.append(DiffLine("same"))
        made.append(DiffLine("heading", (Piece(TITLES.get(diff.field, diff.field)),)))
        for item in _folded(diff.rows):
            made += [_fold_line(item)] if isinstance(item, int) else _lines(item, width)
    return made


def _fold_line(count: int) -> DiffLine:
    return DiffLine("fold", (Piece(f"⋯ {count} {'line' if count == 1 else 'lines'} the same"),))


def _folded(rows: Sequence[DiffRow]) -> Iterator[DiffRow | int]:
    """The rows; long stretches that stayed the same as their number of lines."""
    changed = [n for n, row in enumerate(rows) if row.kind != "same"]
    near = {n + by for n in changed for by in range(-CONTEXT, CONTEXT + 1)}
    hidden = 0
    for n, row in enumerate(rows):
        if n in near:
            if hidden:
                yield hidden
            hidden = 0
            yield row
        else:
            hidden += 1
    if hidden:
        yield hidden


def _lines(row: DiffRow, width: int) -> Iterator[DiffLine]:
    left, right = list(wrap(row.left, width)), list(wrap(row.right, width))
    for n in range(max(len(left), len(right), 1)):
        yield DiffLine(
            row.kind,
            left[n] if n < len(left) else (),
            right[n] if n < len(right) else (),
            "-" if n == 0 and row.kind in ("changed", "removed") else " ",
            "+" if n == 0 and row.kind in ("changed", "added") else " ",
        )


def wrap(pieces: Iterable[Piece], width: int) -> Iterator[tuple[Piece, ...]]:
    """Lines of at most `width` cells; broken behind a blank where there is one."""
    line: list[Piece] = []
    room = width
    for piece in pieces:
        text = visible(piece.text).replace("\t", "    ")
        while text:
            cut = _fitting(text, room, begun=bool(line))
            if cut:
                line.append(Piece(text[:cut], piece.changed))
                room -= cell_len(text[:cut])
                text = text[cut:]
            if text:
                yield tuple(line)
                line, room = [], width
    if line:
        yield tuple(line)


def _fitting(text: str, room: int, *, begun: bool) -> int:
    """How many characters go into `room` cells: up to the last blank if the text goes on, none if the line has begun
    and the word can go to the next one, else as many as there is room for, at least one."""
    used = count = 0
    for sign in text:
        used += get_character_cell_size(sign)
        if used > room:
            break
        count += 1
    if count == len(text):
        return count
    blank = text.rfind(" ", 0, count)
    if blank >= 0:
        return blank + 1
    return 0 if begun else max(1, count)

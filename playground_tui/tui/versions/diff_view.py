"""Two texts side by side. Only the lines on screen are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from playground_tui.tui.versions.diff_lines import GUTTER, DiffLine, lay_out
from playground_tui.workspace.differences import FieldDiff, Piece


class DiffView(ScrollView, can_focus=True):
    DEFAULT_CSS = """
    DiffView { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; padding: 0 1; }
    DiffView > .diff--heading { text-style: bold; }
    DiffView > .diff--dim { color: $text-muted; }
    DiffView > .diff--removed { background: $error 15%; }
    DiffView > .diff--removed-words { background: $error 45%; text-style: bold; }
    DiffView > .diff--added { background: $success 15%; }
    DiffView > .diff--added-words { background: $success 45%; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "diff--heading",
        "diff--dim",
        "diff--removed",
        "diff--removed-words",
        "diff--added",
        "diff--added-words",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "change(1)", "next change", id="changes.next"),
        Binding("p", "change(-1)", "change before", show=False, id="changes.previous"),
    ]

    def __init__(self, same: str = "Nothing differs.", *, id: str | None = None) -> None:
        """`same`: what is said when nothing differs."""
        super().__init__(id=id)
        self._same = same
        self._diffs: Sequence[FieldDiff] = ()
        self._lines: list[DiffLine] = []
        self._laid_out = 0

    @property
    def lines(self) -> Sequence[DiffLine]:
        return self._lines

    def show(self, diffs: Sequence[FieldDiff], same: str = "") -> None:
        self._same = same or self._same
        self._diffs = diffs
        self._laid_out = 0
        self._lay_out()
        self.scroll_home(animate=False)

    @property
    def _side(self) -> int:
        """Cells of one side's text."""
        return max(8, (self.scrollable_content_region.width - 2 * GUTTER - 1) // 2)

    def _lay_out(self) -> None:
        side = self._side
        if side != self._laid_out:
            self._laid_out = side
            self._lines = lay_out(self._diffs, side)
            self.virtual_size = Size(self.size.width, max(1, len(self._lines)))
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if not self._diffs and index == 0:
            return Strip([Segment(self._same, self._look("dim"))]).adjust_cell_length(width, self.rich_style)
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        return Strip(self._segments(self._lines[index])).adjust_cell_length(width, self.rich_style)

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"diff--{name}")

    def _segments(self, line: DiffLine) -> list[Segment]:
        if line.kind in ("heading", "fold"):
            return [Segment(line.left[0].text, self._look("heading" if line.kind == "heading" else "dim"))]
        left = "removed" if line.kind in ("changed", "removed") and line.left else ""
        right = "added" if line.kind in ("changed", "added") and line.right else ""
        return [
            *self._half(line.left_sign, line.left, left),
            Segment(" ", self.rich_style),
            *self._half(line.right_sign, line.right, right),
        ]

    def _half(self, sign: str, pieces: Sequence[Piece], look: str) -> list[Segment]:
        plain = self._look(look) if look else self.rich_style
        strong = self._look(f"{look}-words") if look else self.rich_style
        used = sum(cell_len(piece.text) for piece in pieces)
        made = [Segment(f"{sign} ", plain)]
        made += [Segment(piece.text, strong if piece.changed else plain) for piece in pieces]
        return [*made, Segment(" " * max(0, self._side - used), plain)]

    def action_change(self, step: int) -> None:
        """To the next stretch of changed lines, or the one before."""
        here = self.scroll_offset.y
        starts = [n for n, line in enumerate(self._lines) if _begins(self._lines, n)]
        later = [n for n in starts if n > here] if step > 0 else [n for n in reversed(starts) if n < here]
        if later:
            self.scroll_to(y=later[0], animate=False)


def _begins(lines: Sequence[DiffLine], n: int) -> bool:
    changed = ("changed", "removed", "added")
    return lines[n].kind in changed and (n == 0 or lines[n - 1].kind not in changed)

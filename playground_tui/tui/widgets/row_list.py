"""A list of any length: only the lines on screen are drawn, so 10,000 rows open as fast as ten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, NamedTuple, TypeVar, overload

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from playground_tui.quick_dataclass import dataclass

T = TypeVar("T")


class LazyRows(Sequence["Row"], Generic[T]):
    """Rows made when they are drawn: a filter over 10,000 items makes the 30 that are seen."""

    def __init__(self, items: Sequence[T], draw: Callable[[T], Row]) -> None:
        self._items = items
        self._draw = draw

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return LazyRows(self._items[index], self._draw)
        return self._draw(self._items[index])


@dataclass(frozen=True, slots=True)
class Row:
    """One line: text in the first voice, then a dimmed note, then a dimmed word at the right edge."""

    id: str
    text: str
    note: str = ""
    right: str = ""
    sign: str = " "
    """One cell before the text: `●` for what is open, `!` for what needs a look."""
    heading: bool = False
    """Groups the rows below it; cannot be chosen."""


class Voices(NamedTuple):
    """The styles of a list's lines."""

    first: Style
    dim: Style
    marked: Style
    beside_marked: Style
    """On the marked row: as quiet as on the others while another widget has the focus, else not bold."""


class RowList(ScrollView, can_focus=True):
    DEFAULT_CSS = """
    RowList { height: 1fr; background: transparent; scrollbar-size-vertical: 1; overflow-x: hidden; }
    RowList > .row-list--marked { background: $panel; text-style: bold; }
    RowList:focus > .row-list--marked { background: $accent; color: $background; text-style: bold; }
    RowList > .row-list--dim { color: $text-muted; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--marked", "row-list--dim"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("pageup", "move_page(-1)", "page up", show=False),
        Binding("pagedown", "move_page(1)", "page down", show=False),
        Binding("home", "move(-1000000000)", "first", show=False),
        Binding("end", "move(1000000000)", "last", show=False),
        Binding("enter", "choose", "open"),
    ]

    marked: reactive[int] = reactive(0)
    virtual_size = reactive(Size(0, 0), init=False)

    class Chosen(Message):
        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Marked(Message):
        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._voices: Voices | None = None
        self.one_click = False
        """Whether the first click on a row chooses it, not one on the marked row."""

    @property
    def row(self) -> Row | None:
        """The marked row."""
        return self._rows[self.marked] if 0 <= self.marked < len(self._rows) else None

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def show(self, rows: Sequence[Row], marked: int = 0) -> None:
        """Replace the rows; the mark goes to the first at or after `marked` that can be chosen."""
        self._rows = rows
        self.virtual_size = Size(self.size.width, len(rows))
        self.set_reactive(RowList.marked, -1)
        self.marked = self._choosable(marked, 1)
        if self.marked < 0:
            self.post_message(self.Marked(None))
        self.refresh()

    def watch_virtual_size(self, size: Size) -> None:
        """Textual would lay the whole screen out for another number of rows. Where the list's height does not follow
        from its rows only the scroll bar changes, and one that comes or goes asks for a layout by itself."""
        if self.styles.is_auto_height:
            self.refresh(layout=True)
        elif self.container_size:
            self._scroll_update(size)
            if self.show_vertical_scrollbar:  # one that was away did not hear where the list went
                self.vertical_scrollbar.position = self.scroll_y

    def _choosable(self, index: int, direction: int) -> int:
        """The nearest row that is no heading, from `index` on in `direction`, else the other way; -1: none."""
        if not self._rows:
            return -1
        index = max(0, min(index, len(self._rows) - 1))
        ahead = range(index, len(self._rows)) if direction > 0 else range(index, -1, -1)
        behind = range(index, -1, -1) if direction > 0 else range(index, len(self._rows))
        for candidates in (ahead, behind):
            for candidate in candidates:
                if not self._rows[candidate].heading:
                    return candidate
        return -1

    def validate_marked(self, index: int) -> int:
        """A place that was remembered may be gone."""
        return min(index, len(self._rows) - 1)

    def watch_marked(self, index: int) -> None:
        if index >= 0 and self.is_mounted:
            top = index - 1 if index and self._rows[index - 1].heading else index
            self.scroll_to_region(Region(0, top, 1, index - top + 1), animate=False, force=True)
        self.post_message(self.Marked(self.row))

    def render_lines(self, crop: Region) -> list[Strip]:
        self._voices = self._find_voices()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        voices = self._voices or self._find_voices()
        if index >= len(self._rows):
            return Strip.blank(width, voices.first)
        return self._drawn(self._rows[index], index == self.marked, width, voices)

    def _find_voices(self) -> Voices:
        """Once for all lines: each of these costs as much as half a line."""
        base, dim = self.rich_style, self.get_component_rich_style("row-list--dim")
        marked = self.get_component_rich_style("row-list--marked")
        beside = marked + Style(bold=False) if self.has_focus else dim + Style(bgcolor=marked.bgcolor)
        return Voices(base, dim, marked, beside)

    def _drawn(self, row: Row, is_marked: bool, width: int, voices: Voices) -> Strip:
        base, dim = (voices.marked, voices.beside_marked) if is_marked else (voices.first, voices.dim)
        if row.heading:
            return Strip([Segment(set_cell_size(f" {row.text}", width), dim)], width)
        right = f" {row.right} " if row.right else " "
        room = max(1, width - cell_len(right))
        text = _cut(f" {row.sign} {row.text}", room)
        note = _cut(f"  {row.note}", room - cell_len(text)) if row.note else ""
        gap = " " * (room - cell_len(text) - cell_len(note))
        return Strip([Segment(text, base), Segment(note + gap + right, dim)], width).crop(0, width)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        index = offset.y + self.scroll_offset.y if offset else -1
        if not 0 <= index < len(self._rows) or self._rows[index].heading:
            return
        again = self.one_click or index == self.marked
        self.marked = index
        if again:
            self.action_choose()

    def action_move(self, by: int) -> None:
        self.marked = self._choosable(self.marked + by, 1 if by > 0 else -1)

    def action_move_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - 1))

    def action_choose(self) -> None:
        if self.row is not None:
            self.post_message(self.Chosen(self.row))


def _cut(text: str, width: int) -> str:
    """At most `width` cells, the loss shown by an ellipsis. Line breaks and control signs become spaces."""
    text = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * max(width, 1)])
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""

"""For text areas: a row that looks as it did is not drawn again. Textual draws all rows on the screen with each key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.strip import Strip
    from textual.widgets import TextArea as Base
else:
    Base = object  # a widget class of its own would be paid for at every start

MOST = 512
"""Rows kept; beyond them all are dropped."""


class KeptRows(Base):
    """Stands before the class of a text area that wraps its lines and has neither line numbers nor suggestions."""

    _kept: dict[Any, Strip] | None = None
    _kept_for: Any = None
    """The theme, which is another object when its colours are others."""

    def notify_style_update(self) -> None:
        self._kept = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Textual joins the whole text for each row, to know whether there is one."""
        has_text = self.document.line_count > 1 or self.document.get_line(0)
        looks = self._looks_of(y) if has_text and self.soft_wrap else None
        if looks is None:
            return super().render_line(y)
        if self._kept is None or self._kept_for is not self._theme or len(self._kept) >= MOST:
            self._kept, self._kept_for = {}, self._theme
        strip = self._kept.get(looks)
        if strip is None:
            strip = self._kept[looks] = self._render_line(y)
        return strip

    def _looks_of(self, y: int) -> tuple[Any, ...] | None:
        """All that a row's picture follows from; None for one that is drawn each time: no row, a tab in its line, or
        the partner of a bracket in it."""
        try:
            index, section = self.wrapped_document._offset_to_line_info[y + self.scroll_offset.y]
            offsets = self.wrapped_document.get_offsets(index)
        except (IndexError, ValueError):
            return None
        line = self.get_line(index)
        whole, partner = line.plain, self._matching_bracket_location
        if "\t" in whole or (partner is not None and index in (partner[0], self.selection.end[0])):
            return None
        start = offsets[section - 1] if section else 0
        end = offsets[section] if section < len(offsets) else len(whole) + 1
        return (
            whole[start:end],
            section < len(offsets),
            tuple(
                (max(span.start, start) - start, min(span.end, end) - start, span.style)
                for span in line.spans
                if span.start < end and span.end > start
            ),
            self._colours_of(index, whole, start, end),
            self._marks_of(index, start, end, len(whole)),
            self.size,
            self.scrollable_content_region.size.width,
            self.rich_style,
        )

    def _colours_of(self, index: int, whole: str, start: int, end: int) -> tuple[Any, ...]:
        """The pieces of the row that have a colour, in bytes from its own start."""
        if not self._highlights or not (pieces := self._highlights[index]):
            return ()
        first, last = (start, end) if whole.isascii() else (_bytes_of(whole[:start]), _bytes_of(whole[:end]))
        return tuple(
            (max(left, first) - first, None if not right or right > last else right - first, name)
            for left, right, name in pieces
            if left <= last and (not right or right > first)
        )

    def _marks_of(self, index: int, start: int, end: int, length: int) -> tuple[Any, ...]:
        """Cursor and selection, as far as the row shows them."""
        row, column = self.selection.end
        cursor: Any = None
        if row == index:
            shown = self._draw_cursor and self._has_cursor
            cursor = self.highlight_cursor_line, column - start if shown and start <= column <= end else None
        first, last = sorted(self.selection)
        if first == last or not first[0] <= index <= last[0]:
            selected: Any = None
        elif not length:
            selected = row == index
        else:
            selected = (
                max(first[1], start) - start if first[0] == index else 0,
                max(min(last[1], end), start) - start if last[0] == index else None,
            )
        return cursor, selected


def _bytes_of(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))

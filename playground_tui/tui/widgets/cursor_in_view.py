"""For text areas: the cursor stays in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset

if TYPE_CHECKING:
    from textual.widgets import TextArea as Base
else:
    Base = object  # a widget class of its own would be paid for at every start


class CursorInView(Base):
    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Textual scrolls after an edit before it takes notice that the text has a row more, so the row with what was
        typed last stood below the edge until the next key. And undo changes the text before it moves the cursor; a
        scroll bar that goes meanwhile asks for a place that is no more, which ended the app."""
        if self.cursor_location[0] >= self.document.line_count:
            return Offset()
        if self.soft_wrap and self.virtual_size.height != self.wrapped_document.height:
            self._refresh_size()
        return super().scroll_cursor_visible(center, animate)

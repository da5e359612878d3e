"""Searching the messages that are loaded: hits are marked where they are in sight, and stepped through."""

from __future__ import annotations

from collections.abc import Iterator

from playground_tui.tui.chat_view.choosing import Choosing
from playground_tui.tui.chat_view.layout import Place
from playground_tui.tui.chat_view.paint import Overlay
from playground_tui.tui.chat_view.search import Hit, Search


class Finding(Choosing):
    _search: Search | None = None
    _hit: Hit | None = None

    def forget_search(self) -> None:
        """The messages are others."""
        self._search = self._hit = None

    @property
    def searching(self) -> bool:
        """Hits are marked, so that the keys of the search mean something."""
        return self._search is not None

    def find(self, text: str) -> int:
        """Mark `text` wherever it is shown, and go to where it stands last; the number of messages that may have it.

        The same text again goes on upwards; an empty one ends the search.
        """
        search = Search(self._thread, text) if text.strip() else None
        if not (search and self._search and search.query == self._search.query):
            self._search, self._hit = search, None
        self.refresh()
        if self._search is None:
            return 0
        self.action_find_previous()
        return self._search.count()

    def action_find_next(self) -> None:
        self.step_hit(1)

    def action_find_previous(self) -> None:
        self.step_hit(-1)

    def step_hit(self, step: int) -> bool:
        """Go to the next place (`step` 1) or the one before (-1); False: there is none further on."""
        if self._search is None or not self._thread.messages:
            return False
        if self._hit and (message := self._thread.index(self._hit.message_id)) is not None:
            hit = self._search.from_(message, self._hit.unit, step, self._hit)
        else:
            y = self.scroll_offset.y
            start = self._thread.place(y if step > 0 else y + self.size.height - 1)
            hit = self._search.from_(start.message, start.unit, step)
        if hit is not None:
            self._hit = hit
            self._show_hit(hit)
        return hit is not None

    def _show_hit(self, hit: Hit) -> None:
        if (message := self._thread.index(hit.message_id)) is not None:
            self.show_row(Place(message, hit.unit, hit.row))

    # -- painting ------------------------------------------------------------------------------------------------------

    def found_in(self, y: int) -> Iterator[Overlay]:
        """The hits in the row at `y` of the view."""
        row = self._rows[y]
        index = self._thread.index(row.message_id) if self._search is not None and row.message_id else None
        if index is None or self._search is None:
            return
        palette = self.painter.palette
        for ordinal, parts in enumerate(self._search.hits(index, row.unit)):
            here = self._hit and (self._hit.message_id, self._hit.unit, self._hit.ordinal)
            style = palette.over("span" if here == (row.message_id, row.unit, ordinal) else "found")
            yield from ((start, end, style) for number, start, end in parts if number == row.number)

"""The chosen message: a bar beside it says which one the commands on "this message" mean."""

from __future__ import annotations

from textual.message import Message
from textual.strip import Strip

from playground_tui.tui.chat_view.layout import Place
from playground_tui.tui.chat_view.paint import MARGIN
from playground_tui.tui.chat_view.surface import Surface

BAR = "▌"
MENU = " ⋯ "
"""At the end of the chosen message's heading: what a click opens its menu by."""
HEADING = 1
"""The row of a message's first unit that names its author; above it is an empty one."""


class Choosing(Surface):
    _chosen: str | None = None

    class MessageChosen(Message, namespace="chat_view"):
        """Another message is chosen now, or none."""

        def __init__(self, message_id: str | None) -> None:
            super().__init__()
            self.message_id = message_id

    @property
    def chosen(self) -> str | None:
        """The id of the message that was chosen by key or click; None: none was."""
        return self._chosen

    def choose(self, message_id: str | None) -> None:
        if message_id != self._chosen:
            self._chosen = message_id
            self.refresh()
            self.post_message(self.MessageChosen(message_id))

    def step_message(self, step: int) -> bool:
        """Choose the next message (`step` 1) or the one before (-1), and bring its heading into sight. From none: the
        last one in sight, upwards only. False: there is none further on."""
        count = len(self._thread.messages)
        here = self._thread.index(self._chosen) if self._chosen is not None else None
        wanted = here + step if here is not None else self._last_in_sight() if step < 0 else count
        if wanted is None or wanted >= count:
            return False
        wanted = max(0, wanted)
        self.choose(self._thread.messages[wanted].id)
        self.show_row(Place(wanted, 0, HEADING))
        if wanted == 0:
            self._ask_for_older()
        return True

    def _last_in_sight(self) -> int | None:
        owners = [row.message_id for row in self._rows if row.message_id]
        return self._thread.index(owners[-1]) if owners else None

    def show_row(self, place: Place) -> None:
        """Scroll that row into sight."""
        y, height = self._thread.row(place), self.size.height
        if self.scroll_offset.y <= y < self.scroll_offset.y + height:
            self.refresh()
            return
        self._thread.settle(place, height, height)
        self._quietly_scroll(self.scroll_offset.y)  # the end may be further down now
        self.scroll_to(y=max(0, self._thread.row(place) - height // 3))

    # -- painting ------------------------------------------------------------------------------------------------------

    def _strip(self, y: int) -> Strip:
        strip = super()._strip(y)
        if self._chosen is None or not self._is_chosen(y):
            return strip
        strip = Strip.join([self.painter.sign(BAR, "chosen"), strip.crop(MARGIN)])
        return self._with_menu(strip) if self._is_heading(y) else strip

    def _is_chosen(self, y: int) -> bool:
        """The empty row above the heading is not the message's own."""
        if y >= len(self._rows) or self._rows[y].message_id != self._chosen:
            return False
        return self._rows[y].unit > 0 or self._rows[y].number >= HEADING

    def _is_heading(self, y: int) -> bool:
        return self._rows[y].unit == 0 and self._rows[y].number == HEADING

    @property
    def _menu_column(self) -> int:
        return max(MARGIN, MARGIN + self.text_width - len(MENU))

    def _with_menu(self, strip: Strip) -> Strip:
        left, sign = self._menu_column, self.painter.sign(MENU, "chosen")
        return Strip.join([strip.crop(0, left), sign, strip.crop(left + sign.cell_length)])

    def opens_menu(self, x: int, y: int) -> bool:
        """Whether a click there, in the view, opens the chosen message's menu."""
        return self._is_chosen(y) and self._is_heading(y) and x >= self._menu_column

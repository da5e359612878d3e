"""Scrolling and painting of a thread's rows: what is in sight is laid out, painted when it differs, and stays put.

Textual paints through `render_lines`; a strip that is the same object again costs it next to nothing. So lines keep
their strips, and nothing is styled twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from playground_tui.tui.chat_view.follow import Follow
from playground_tui.tui.chat_view.layout import Place, Row, ThreadLayout
from playground_tui.tui.chat_view.lines import BLANK, Line
from playground_tui.tui.chat_view.paint import MARGIN, Overlay, Painter
from playground_tui.tui.chat_view.styles import NAMES, PREFIX, Palette

GUESSED_WIDTH = 78
MORE = " ↓ more below "


def utc_now() -> datetime:
    return datetime.now(UTC)


class Surface(ScrollView, can_focus=True):
    COMPONENT_CLASSES = {PREFIX + name for name in NAMES}

    class OlderWanted(Message, namespace="chat_view"):
        """The person is near the first message that is loaded. Posted once until messages are put before it."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = utc_now,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._now = now
        self._follow = Follow()
        self._thread = ThreadLayout(GUESSED_WIDTH, now)
        self._tail: list[Line] = []
        """Lines below the messages."""
        self._rows: list[Row] = []
        """What is in sight."""
        self._top: Place | None = None
        self._top_row = 0
        """The first row in sight, and where it was when the view was arranged last."""
        self._origin = 0
        """Row number of the selection's row 0: moves when rows above appear, so that a selection stays on its text."""
        self._arranged = Size(0, 0)
        self._quiet = False
        self._older_asked = False
        self._painter: Painter | None = None

    @property
    def following(self) -> bool:
        """Whether the end of the thread is kept in sight."""
        return self._follow.on

    # -- arranging ------------------------------------------------------------------------------------------------

    def lay_out(self, place: Place | None = None) -> None:
        """Lay out what is in sight, at the end while following, else with `place` (or what was there) on top."""
        height = self.size.height
        if not height or not self.is_attached:
            return
        if self.size != self._arranged:
            place = self._take_size(place)
        top = self._settle(place, height)
        self._quietly_scroll(top)
        self._keep_place()
        self._show_rows()

    def _take_size(self, place: Place | None) -> Place | None:
        if self.size.width != self._arranged.width:
            place = self._thread.rewidth(self.text_width, place or self._top)
            self._top = place
            self._painter = None
            self.lines_changed()
        self._arranged = self.size
        return place

    @property
    def text_width(self) -> int:
        return max(1, self.scrollable_content_region.width - 2 * MARGIN)

    @property
    def _laid_width(self) -> int:
        """The width that everything is laid out for until the view has another size."""
        return self.text_width if self._arranged.width else GUESSED_WIDTH

    def lines_changed(self) -> None:
        """Called when lines outside the messages have to be made anew: the width is another one."""

    def _settle(self, place: Place | None, height: int) -> int:
        """Lay out; the row that belongs on top."""
        thread = self._thread
        if not thread.messages:
            return 0
        if self._follow.on:
            last = len(thread.messages) - 1
            unit = len(thread.document(last).units) - 1
            rows = len(thread.draw(last, unit))
            thread.settle(Place(last, unit, max(0, rows - 1)), 2 * height, 1)
            return max(0, self.total_rows - height)
        place = place or self._top or Place(0, 0, 0)
        thread.settle(place, height, 2 * height)
        return thread.row(place)

    @property
    def total_rows(self) -> int:
        return self._thread.total + len(self._tail)

    def _quietly_scroll(self, top: int) -> None:
        size = Size(self.size.width, self.total_rows)
        self._quiet = True
        try:
            if size != self.virtual_size:
                # Set without Textual's layout of the whole screen: the view's own size does not depend on it.
                self.set_reactive(ScrollView.virtual_size, size)
                self._scroll_update(size)
            if top != self.scroll_y:
                self.scroll_target_y = top
                self.scroll_y = top
        finally:
            self._quiet = False

    def _keep_place(self) -> None:
        """Remember what is on top, and let the selection follow rows that moved."""
        thread = self._thread
        if self._top is not None and thread.messages and self._top.message < len(thread.messages):
            self._origin += thread.row(self._top) - self._top_row
        self._top_row = self.scroll_offset.y
        self._top = thread.place(self._top_row) if thread.messages else None
        if self._top is not None:
            self._top_row = thread.row(self._top)

    def messages_put_before(self, count: int) -> None:
        """Keep what is in sight where it is."""
        self._older_asked = False
        if self._top is not None:
            self._top = replace(self._top, message=self._top.message + count)

    def _show_rows(self) -> None:
        """Take over what is in sight now, and have painted again what differs."""
        y, height = self.scroll_offset.y, self.size.height
        rows = self._thread.rows(y, height)
        tail_from = max(0, y + len(rows) - self._thread.total)
        rows += [Row(line, "", 0, 0) for line in self._tail[tail_from : tail_from + height - len(rows)]]
        old, self._rows = self._rows, rows
        for first, last in changed(old, rows):
            self.refresh(Region(0, first, self.size.width, last - first))
        self._ask_for_older()

    def _ask_for_older(self) -> None:
        near = self.scroll_offset.y < self.size.height
        if near and not self._older_asked and self._thread.messages:
            self._older_asked = True
            self.post_message(self.OlderWanted())

    # -- scrolling ------------------------------------------------------------------------------------------------

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Never animated: rows that come into sight are laid out for one place, not for every step on the way."""
        options["animate"] = False
        super().scroll_to(x, y, **options)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._quiet or self.size != self._arranged or round(old_value) == round(new_value):
            return
        self._follow.scrolled(old_value, new_value, self.max_scroll_y)
        if self._thread.messages:
            self.lay_out(self._thread.place(round(new_value)))

    def follow(self, on: bool = True) -> None:
        if self._follow.set(on):
            self.refresh()
        self.lay_out()

    def action_scroll_end(self) -> None:
        self.follow()

    def action_scroll_home(self) -> None:
        self.scroll_to(y=0)
        self._older_asked = False
        self._ask_for_older()

    def action_scroll_down(self) -> None:
        self._at_end_follow()
        super().action_scroll_down()

    def action_page_down(self) -> None:
        self._at_end_follow()
        super().action_page_down()

    def on_mouse_scroll_down(self) -> None:
        self._at_end_follow()

    def on_mouse_scroll_up(self) -> None:
        if self.scroll_offset.y == 0:
            self._older_asked = False
            self._ask_for_older()

    def _at_end_follow(self) -> None:
        """Scrolling down where there is nothing below is a wish to follow."""
        if not self._follow.on and self.scroll_offset.y >= self.max_scroll_y:
            self.follow()

    def on_resize(self) -> None:
        self.lay_out()

    # -- painting -------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter = None

    @property
    def painter(self) -> Painter:
        if self._painter is None or self._painter.width != self.size.width:
            background = self.background_colors[1]
            self._painter = Painter(
                Palette(self), self.size.width, self.text_width, self.get_line_filters(), background
            )
        return self._painter

    def render_lines(self, crop: Region) -> list[Strip]:
        if self.size != self._arranged:
            self.lay_out()
        strips = [self._strip(y) for y in crop.line_range]
        if crop.column_span != (0, self.size.width):
            left, right = crop.column_span
            strips = [strip.crop(left, right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """With the places that the mouse selects by; painting itself does without them."""
        return self._strip(y).apply_offsets(-MARGIN, y + self.scroll_offset.y - self._origin)

    def _strip(self, y: int) -> Strip:
        painter = self.painter
        line = self._rows[y].line if y < len(self._rows) else BLANK
        overlays = list(self.overlays(y))
        strip = painter.with_overlays(line, overlays) if overlays else painter.strip(line)
        if y == self.size.height - 1 and self.shows_more:
            return self._with_more(strip)
        return strip

    @property
    def shows_more(self) -> bool:
        return not self._follow.on and self.scroll_offset.y < self.max_scroll_y

    def _with_more(self, strip: Strip) -> Strip:
        painter = self.painter
        sign = painter.sign(MORE, "more")
        left = max(0, MARGIN + self.text_width - sign.cell_length)
        return Strip.join([strip.crop(0, left), sign, strip.crop(left + sign.cell_length)])

    def overlays(self, y: int) -> Iterator[Overlay]:
        """Styles laid over the row at `y` of the view."""
        yield from ()


def changed(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Runs of rows that draw differently."""
    start = None
    size = max(len(old), len(new))
    for index in range(size + 1):
        differs = index < size and (index >= len(old) or index >= len(new) or old[index].line is not new[index].line)
        if differs and start is None:
            start = index
        elif not differs and start is not None:
            yield start, index
            start = None

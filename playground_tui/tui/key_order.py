"""Keys in the order in which a person meant them. Textual hands a key to the widget that has the focus at this moment,
though the key before it may still be on its way to what moves the focus or opens a screen; so a key that is no mere
writing goes alone: the next one waits until all that it set off is done."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.screen import Screen

TYPED = (events.Key, events.Paste, events.MouseEvent)
LOOK = 0.25
"""Seconds after which a mark is sent again: the widget that had it may be gone."""
ROUNDS = 4
"""Marks after a key. What a widget tells goes behind the mark that is waiting for that widget already, and one that
hears it may tell another: enter in a search line tells its screen, which tells the list, which tells the screen."""
PATIENCE = 3.0
"""Seconds that keys wait at most, for a screen that does not come or a widget that is stuck."""


GAP, LATEST = 0.2, 2.0
"""Seconds without a key that count as a gap, and for which one is waited for."""


class Mark(Message):
    """Sent after a key on the same way up to the app: every widget takes its messages in order, so when it arrives
    there, so has all that the key was to each of them, and what they told further up."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def when_quiet(widget: Widget, seconds: float, do: Callable[[], None]) -> None:
    """Call `do` after `seconds`, or later while keys keep coming: what takes its time waits for a gap between them, for
    `LATEST` at most."""
    latest = time.monotonic() + seconds + LATEST

    def look() -> None:
        order = getattr(widget.app, "key_order", None)
        left = order.typed_at + GAP - time.monotonic() if isinstance(order, KeyOrder) else 0.0
        if left > 0 and time.monotonic() < latest:
            widget.set_timer(left, look)
        else:
            do()

    widget.set_timer(seconds, look)


def keep_keys_for(widget: Widget) -> None:
    """What is typed now waits until `widget` was laid out and did all that it put off until then: it will have the
    focus, or something in it."""
    order = getattr(widget.app, "key_order", None)
    if isinstance(order, KeyOrder):
        order.close()
        widget.call_after_refresh(order.follow)


class KeyOrder:
    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self.typed_at = 0.0
        self._waiting: deque[events.Event] = deque()
        self._is_closed = True
        """Nothing goes through before the first screen stands."""
        self._written: Widget | None = None
        """Where something was written that may not have arrived."""
        self._sent = 0
        self._seen: tuple[Screen[Any], Widget | None] | None = None
        self._follows = False
        """A mark is on its way; else somebody said `close`."""
        self._rounds = 0
        """How many marks have to come up yet, this one counted, if the focus rests meanwhile."""
        self._since = 0.0
        self._look: asyncio.TimerHandle | None = None

    @property
    def wait(self) -> bool:
        return bool(self._waiting)

    def put(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.typed_at = time.monotonic()
        self._waiting.append(event)

    def next(self) -> events.Event | None:
        """What may go on its way now."""
        if self._is_closed or not self._waiting:
            return None
        if self._written is not None and self._waits_for_writing(self._waiting[0]):
            self.follow(self._written, 2)
            return None
        return self._waiting.popleft()

    def gone(self, event: events.Event, target: Widget | None) -> None:
        """It is on its way to `target`, which had the focus."""
        if self._is_writing(event, target):
            self._written = target
        elif self._is_closed and not self._follows:
            return  # it opens a screen, which says when it is there
        elif isinstance(event, events.Key):
            self.follow(target)
        elif isinstance(event, events.MouseUp):
            self.follow(self._app.mouse_over)

    def _waits_for_writing(self, event: events.Event) -> bool:
        return isinstance(event, (events.Key, events.MouseDown)) and not self._is_writing(event, self._app.focused)

    def _is_writing(self, event: events.Event, target: Widget | None) -> bool:
        if target is None or not isinstance(event, (events.Key, events.Paste)):
            return False
        return isinstance(event, events.Paste) or (
            event.is_printable and target.check_consume_key(event.key, event.character)
        )

    def close(self) -> None:
        """Keys wait until `open`, or until a mark that is sent later has arrived."""
        self._follows = False
        if not self._is_closed:
            self._is_closed = True
            self._since = asyncio.get_running_loop().time()
        self._sent += 1  # a mark on its way says nothing any more
        self._look_later()

    def open(self) -> None:
        self._is_closed, self._written, self._seen = False, None, None
        if self._look is not None:
            self._look.cancel()

    def follow(self, through: Widget | None = None, rounds: int = ROUNDS) -> None:
        """Keys wait until marks came up, the first from this widget, the others from where the focus is."""
        self.close()
        self._rounds = rounds
        self._send(through)

    def _send(self, through: Widget | None) -> None:
        app, self._follows = self._app, True
        self._seen = (app.screen, app.focused)
        if through is None or not through.post_message(Mark(self._sent)):
            (app.focused or app.screen).post_message(Mark(self._sent))

    def arrived(self, mark: Mark) -> None:
        if mark.number != self._sent:
            return
        rests = self._seen == (self._app.screen, self._app.focused)
        if self._is_late() or (rests and self._rounds == 1):
            self.open()
        else:
            self.follow(rounds=self._rounds - 1 if rests else ROUNDS)

    def _is_late(self) -> bool:
        return asyncio.get_running_loop().time() - self._since > PATIENCE

    def _look_later(self) -> None:
        if self._look is not None:
            self._look.cancel()
        self._look = asyncio.get_running_loop().call_later(LOOK, self._look_now)

    def _look_now(self) -> None:
        if self._is_closed and self._app.is_running:
            self._app.call_later(self._mend)

    def _mend(self) -> None:
        if not self._is_closed:
            return
        if self._is_late():
            self._app.post_message(Mark(self._sent))
        elif self._follows:
            self.follow()
        else:
            self._look_later()

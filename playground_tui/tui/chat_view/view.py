"""The chat view: messages in, spans, search and copied text out. Everything that is drawn is in `surface.py`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.selection import Selection
from textual.timer import Timer

from playground_tui.tui.chat_view.clean import clean
from playground_tui.tui.chat_view.finding import Finding
from playground_tui.tui.chat_view.furniture import ended
from playground_tui.tui.chat_view.layout import Place, ThreadLayout
from playground_tui.tui.chat_view.lines import BLANK, Flow, Line, Span
from playground_tui.tui.chat_view.paint import MARGIN, Overlay
from playground_tui.tui.chat_view.selection import index_at, text_between
from playground_tui.tui.chat_view.spans import Part, Reached, SpanWalk, named, spans_in
from playground_tui.tui.chat_view.styles import CSS
from playground_tui.tui.chat_view.surface import MORE
from playground_tui.tui.chat_view.waiting import waiting_text
from playground_tui.tui.chat_view.wrap import wrap
from playground_tui.workspace.values import ChatMessage, NoReply, RunView

FRAME = 1 / 30
"""Seconds between two looks at a text that grows."""
SHARE = 4
"""A frame that took long is followed by a pause this many times as long, so that keys come through."""
REFINE = 0.008
"""Seconds of one frame spent on colouring long code."""
SECOND_BUTTON = 3

CopyKind = Literal["selection", "message", "code", "thread"]


class ChatView(Finding):
    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "span_next", "Next link", id="chat.span.next", show=False),
        Binding("left", "span_previous", "Previous link", id="chat.span.previous", show=False),
        Binding("enter", "span_activate", "message…", id="chat.span.open"),
        Binding("n", "find_next", "Next match", id="chat.find.next", show=False),
        Binding("N", "find_previous", "Previous match", id="chat.find.previous", show=False),
    ]

    class SpanReached(Message):
        """Another span is marked now, or none."""

        def __init__(self, span: Span | None) -> None:
            super().__init__()
            self.span = span

    class SpanActivated(Message):
        """A span was clicked, or entered while it was marked."""

        def __init__(self, span: Span) -> None:
            super().__init__()
            self.span = span

    class MessageActivated(Message):
        """What can be done with a message is wanted: enter, or a click on its sign."""

        def __init__(self, message_id: str) -> None:
            super().__init__()
            self.message_id = message_id

    _empty = ""
    _run: RunView | None = None
    _no_reply: NoReply | None = None
    _frame: Timer | None = None
    _ticker: Timer | None = None
    _reached: Reached | None = None
    _pause = FRAME

    # -- messages -------------------------------------------------------------------------------------------------

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """As they were given; the text of one that grew is in `copy_text`."""
        return tuple(self._thread.messages)

    @property
    def settled(self) -> bool:
        """Whether everything that was given is drawn as it will stay."""
        return self._frame is None

    def show(self, messages: Sequence[ChatMessage]) -> None:
        """Another thread: its messages, seen at their end."""
        if not self.size.width:
            self._arranged = self.size  # hidden: it takes its width when it is seen, be it the same as before
        self._thread = ThreadLayout(self._laid_width, self._now)
        self._thread.show(messages)
        self._top = None
        self._older_asked = False
        self.forget_search()
        self._reach(None)
        self.choose(None)
        if self.is_attached and self.text_selection is not None:
            self.screen.clear_selection()
        self._follow.set(True)
        self._messages_changed()

    def prepend(self, messages: Sequence[ChatMessage]) -> None:
        """Older messages, above what is there; what is in sight stays."""
        self._thread.prepend(messages)
        self.messages_put_before(len(messages))
        self._messages_changed()

    def add(self, message: ChatMessage) -> None:
        self._thread.add(message)
        self._messages_changed()

    def grow(self, message_id: str, fragment: str) -> None:
        """More text of a message whose status is `streaming`. Drawn at most 30 times a second."""
        document = self._thread.opened(message_id)
        if document is None:
            index = self._thread.index(message_id)
            if index is None:
                return
            document = self._thread.document(index)
        document.grow(fragment)
        self._next_frame()

    def replace(self, old_id: str, message: ChatMessage) -> None:
        if self._thread.replace(old_id, message):
            if old_id == self.chosen:
                self.choose(message.id)
            self._messages_changed()

    def remove_message(self, message_id: str) -> None:
        if self._thread.remove(message_id):
            if message_id == self.chosen:
                self.choose(None)
            self._top = None if self._top and self._top.message >= len(self._thread.messages) else self._top
            self._messages_changed()

    def set_waiting(self, run: RunView | None, no_reply: NoReply | None = None) -> None:
        """What the end of the thread waits for, or why nothing came. Ticks once a second, and only while something is
        waited for."""
        self._run, self._no_reply = run, no_reply
        waits = bool(waiting_text(run, self._now()))
        if waits and self._ticker is None and self.is_running:
            self._ticker = self.set_interval(1, self._tail_changed)
        elif not waits and self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
        self._tail_changed()

    @property
    def empty(self) -> str:
        """What is shown while there are no messages; plain text."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        self._empty = text
        self._tail_changed()

    def on_mount(self) -> None:
        self.set_waiting(self._run, self._no_reply)
        if self._thread.is_busy:
            self._next_frame()

    def _messages_changed(self) -> None:
        self.lines_changed()
        self.lay_out()
        if self._thread.is_busy:
            self._next_frame()

    def lines_changed(self) -> None:
        texts = (
            ("" if self._thread.messages else clean(self._empty), "dim"),
            (waiting_text(self._run, self._now()), "waiting"),
            (ended(self._no_reply.status, self._no_reply.note) if self._no_reply else "", "warning"),
        )
        lines = [line for text, key in texts if text for line in (BLANK, *wrap(Flow.of(text, key), self.text_width))]
        if not (len(lines) == len(self._tail) and all(map(Line.same, lines, self._tail))):
            self._tail = lines

    def _tail_changed(self) -> None:
        before = self._tail
        self.lines_changed()
        if self._tail is not before:
            self.lay_out()

    # -- growing --------------------------------------------------------------------------------------------------

    def _next_frame(self) -> None:
        if self._frame is None and self.is_running:
            self._frame = self.set_timer(self._pause, self._on_frame)

    def _on_frame(self) -> None:
        self._frame = None
        started = time.perf_counter()
        self._thread.work(REFINE)
        self.lay_out()
        self._pause = max(FRAME, SHARE * (time.perf_counter() - started))
        if self._thread.is_busy:
            self._next_frame()

    # -- spans ----------------------------------------------------------------------------------------------------

    @property
    def span(self) -> Span | None:
        """The one that is marked."""
        return self._reached.span if self._reached else None

    def action_span_next(self) -> None:
        self._step_span(1)

    def action_span_previous(self) -> None:
        self._step_span(-1)

    def action_span_activate(self) -> None:
        """Open the marked span; without one, whatever is done with a whole message."""
        if self._reached is not None:
            self._activate(self._reached)
        elif (message_id := self.chosen_message_id()) is not None:
            self.post_message(self.MessageActivated(message_id))

    def _activate(self, reached: Reached) -> None:
        if reached.span.kind == "footnote" and (place := self._walk().footnote(reached)) is not None:
            self._show(reached.message_id, *place)
        self.post_message(self.SpanActivated(reached.span))

    def _walk(self) -> SpanWalk:
        return SpanWalk(self._thread)

    @property
    def marks(self) -> bool:
        """Whether a span is marked or a message chosen."""
        return self._reached is not None or self.chosen is not None

    def unmark(self) -> bool:
        """The span, then the message; whether there was one. For whoever handles escape."""
        marks = self.marks
        if self._reached is None:
            self.choose(None)
        self._reach(None)
        return marks

    def step_message(self, step: int) -> bool:
        self._reach(None)
        return super().step_message(step)

    def _step_span(self, step: int) -> None:
        if not self._thread.messages:
            return
        walk = self._walk()
        if self._reached is not None and self._thread.index(self._reached.message_id) is not None:
            reached = walk.beside(self._reached, step)
        else:
            reached = walk.first_from(*self._walk_start(step), step)
        if reached is not None:
            self._reach(reached)
            self.choose(reached.message_id if self.chosen is not None else None)
            self._show(reached.message_id, reached.unit, self._first_row(reached))

    def _walk_start(self, step: int) -> tuple[int, int]:
        """Message and unit: the chosen message's, else what is in sight."""
        chosen = self._thread.index(self.chosen) if self.chosen is not None else None
        if chosen is not None:
            return chosen, 0 if step > 0 else len(self._thread.document(chosen).units) - 1
        y = self.scroll_offset.y
        start = self._thread.place(y if step > 0 else y + self.size.height - 1)
        return start.message, start.unit

    def _first_row(self, reached: Reached) -> int:
        index = self._thread.index(reached.message_id)
        spans = spans_in(self._thread.draw(index, reached.unit)) if index is not None else []
        return spans[reached.ordinal][1][0][0] if reached.ordinal < len(spans) else 0

    def _reach(self, reached: Reached | None) -> None:
        if reached == self._reached:
            return
        self._reached = reached
        self.refresh()
        self.post_message(self.SpanReached(reached.span if reached else None))

    def _show(self, message_id: str, unit: int, row: int) -> None:
        """Scroll that row of a unit into sight."""
        if (message := self._thread.index(message_id)) is not None:
            self.show_row(Place(message, unit, row))

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        if self.shows_more and offset.y == self.size.height - 1 and offset.x >= self.text_width + MARGIN - len(MORE):
            self.follow()
        elif event.button != SECOND_BUTTON and (reached := self._span_at(offset.x, offset.y)):
            self._reach(reached)
            self._activate(reached)
        else:
            self._click_message(event, offset.x, offset.y)

    def _click_message(self, event: Click, x: int, y: int) -> None:
        """A click chooses the message; on the sign at its heading, or with the second button, it opens its menu."""
        opens = event.button == SECOND_BUTTON or self.opens_menu(x, y)
        message_id = self._rows[y].message_id if y < len(self._rows) else ""
        self._reach(None)
        self.choose(message_id or None)
        if message_id and opens:
            self.post_message(self.MessageActivated(message_id))

    def _span_at(self, x: int, y: int) -> Reached | None:
        if y >= len(self._rows) or not self._rows[y].line.marks:
            return None
        row = self._rows[y]
        character = index_at(row.line, x - MARGIN)
        for ordinal, (span, parts) in enumerate(self._unit_spans(row.message_id, row.unit)):
            if any(number == row.number and start <= character < end for number, start, end in parts):
                told = named(span, row.message_id, row.unit, ordinal)
                return Reached(row.message_id, row.unit, ordinal, told)
        return None

    def _unit_spans(self, message_id: str, unit: int) -> list[tuple[Span, list[Part]]]:
        index = self._thread.index(message_id)
        return spans_in(self._thread.draw(index, unit)) if index is not None else []

    # -- selection and copying ------------------------------------------------------------------------------------

    @property
    def allow_select(self) -> bool:
        return True

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        start, end = selection
        if start is None and end is None:
            return self.copy_text("thread") or "", "\n"
        # Where a selection enters from or leaves to another widget, what is in sight is meant.
        first = start.y + self._origin if start else self.scroll_offset.y
        last = end.y + self._origin if end else self.scroll_offset.y + self.size.height - 1
        lines = [row.line for row in self._thread.rows(max(0, first), last - max(0, first) + 1)]
        return text_between(lines, start.x if start else 0, end.x if end else None), "\n"

    def copy_text(self, kind: CopyKind) -> str | None:
        """The selection as it reads; messages as their Markdown; the marked code, else the last in sight; or None."""
        if kind == "selection":
            selection = self.text_selection
            found = self.get_selection(selection) if selection else None
            return found[0] if found and found[0] else None
        if kind == "code":
            return self._code_text()
        if kind == "message":
            index = self._chosen_message()
            return None if index is None else self._source(index)
        texts = [self._source(index) for index in range(len(self._thread.messages))]
        return "\n\n".join(texts) or None

    def chosen_message_id(self) -> str | None:
        """The message that commands on "this message" mean: the one with the marked span, the chosen one, else the
        last one in sight."""
        index = self._chosen_message()
        return None if index is None else self._thread.messages[index].id

    def _chosen_message(self) -> int | None:
        marked = self._reached.message_id if self._reached else self.chosen
        return self._thread.index(marked) if marked is not None else self._last_in_sight()

    def _source(self, index: int) -> str:
        message = self._thread.messages[index]
        opened = self._thread.opened(message.id)
        return opened.text if opened else message.text

    def codes(self, message_id: str) -> tuple[Span, ...]:
        """A message's code blocks, in their order."""
        message = self._thread.index(message_id)
        found = self._walk().all_in(message) if message is not None else ()
        return tuple(named(span, "", 0, 0) for span in found if span.kind == "code")

    def _code_text(self) -> str | None:
        if self._reached and self._reached.span.kind == "code":
            return self._reached.span.target
        for row in reversed(self._rows):
            for span, _ in reversed(self._unit_spans(row.message_id, row.unit) if row.message_id else []):
                if span.kind == "code":
                    return named(span, "", 0, 0).target
        return None

    # -- painting -------------------------------------------------------------------------------------------------

    def overlays(self, y: int) -> Iterator[Overlay]:
        if y >= len(self._rows):
            return
        row, line = self._rows[y], self._rows[y].line
        yield from self.found_in(y)
        if self._reached and (row.message_id, row.unit) == (self._reached.message_id, self._reached.unit):
            spans = self._unit_spans(row.message_id, row.unit)
            parts = spans[self._reached.ordinal][1] if self._reached.ordinal < len(spans) else []
            style = self.painter.palette.over("span")
            yield from ((start, end, style) for number, start, end in parts if number == row.number)
        if (selection := self.text_selection) is not None:
            span = selection.get_span(y + self.scroll_offset.y - self._origin)
            if span is not None:
                size = len(line.text)
                yield max(0, span[0]), size if span[1] < 0 else span[1], self.painter.palette.selection

"""What waits above the message box: queued messages, and the message being edited."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

MOST = 3
"""Messages that have a line of their own, where there are more."""


class QueueLines(Widget):
    """A line per queued message; a click takes it back into the box."""

    DEFAULT_CSS = "QueueLines { height: auto; padding: 0 1; color: $text-muted; display: none; }"
    auto_links = False

    queued: reactive[tuple[str, ...]] = reactive(())
    held: reactive[bool] = reactive(False)
    """They wait for the person: no run goes on after which they would be sent."""
    editing: reactive[bool] = reactive(False)

    def __init__(self) -> None:
        super().__init__(id="queue")

    def watch_queued(self) -> None:
        self._show()

    def watch_held(self) -> None:
        self._show()

    def watch_editing(self) -> None:
        self._show()

    def _show(self) -> None:
        shown = bool(self.queued or self.editing)
        if self.display != shown:
            self.display = shown
        if shown:
            self.refresh(layout=True)

    def render(self) -> Content:
        shown = self.queued if len(self.queued) <= MOST + 1 else self.queued[:MOST]
        lines = [self._queued_line(index, text) for index, text in enumerate(shown)]
        if more := len(self.queued) - len(shown):
            lines.append(Content(f"and {more} more"))
        if self.queued and self.held:
            lines.append(self._how_to_go_on())
        if self.editing:
            lines.append(Content("Editing an earlier message: enter sends it anew, esc leaves it as it was"))
        return Content("\n").join(lines)

    def _queued_line(self, index: int, text: str) -> Content:
        width = max(10, self.content_size.width or self.app.size.width)
        first = Content(f"queued {index + 1} · {' '.join(text.split())}").truncate(width - 1, ellipsis=True)
        return first.stylize(Style.from_meta({"@click": f"screen.dequeue({index})"}))

    def _how_to_go_on(self) -> Content:
        last = len(self.queued) - 1
        them, one = ("them", "the last") if last else ("it", "it")
        send = Content(f"Enter sends {them}").stylize(Style.from_meta({"@click": "screen.send_queue"}))
        back = Content(f"up in the empty box takes {one} back")
        back = back.stylize(Style.from_meta({"@click": f"screen.dequeue({last})"}))
        return Content.assemble(("Held. ", "$text-warning"), send, " · ", back)

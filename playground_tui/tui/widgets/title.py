"""The title in a pane's top border."""

from __future__ import annotations

from textual.reactive import reactive

from playground_tui.tui.widgets.line import Line, Span


class ChatTitle(Line):
    """`─ Refund questions ▾ · thread_8fk2 ───── + New ─`."""

    DEFAULT_CSS = "ChatTitle { color: $foreground; }"

    fill = "─"
    fill_style = "$border-blurred"

    thread_title: reactive[str] = reactive("New thread")
    thread_id: reactive[str] = reactive("")
    active: reactive[bool] = reactive(False)
    """The pane holds the focus: its border takes the accent."""

    def watch_active(self, active: bool) -> None:
        self.fill_style = "$accent" if active else "$border-blurred"

    def left(self) -> list[Span]:
        spans = [Span("─ ", self.fill_style), Span(f"{self.thread_title} ▾", "bold", "screen.threads")]
        if self.thread_id and self.content_size.width >= 50:
            spans.append(Span(f" · {short_id(self.thread_id)}", "$text-muted", "screen.copy_thread_id"))
        return [*spans, Span(" ")]

    def right(self) -> list[Span]:
        return [Span(" ⋯ ", "$text-muted", "screen.thread_menu"), Span("─", self.fill_style), *self._new()]

    def _new(self) -> list[Span]:
        return [Span(" + New ", "$text-muted", "screen.new_thread"), Span("─", self.fill_style)]


def short_id(object_id: str) -> str:
    """`thread_8fk2`: enough to tell it from others; a click copies the whole."""
    head, underscore, tail = object_id.partition("_")
    return f"{head}_{tail[:4]}" if underscore else object_id[:10]

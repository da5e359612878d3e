"""A line above the box for what was found on opening a thread: a run that goes on, or a thread that is gone."""

from __future__ import annotations

from textual.reactive import reactive

from playground_tui.tui.widgets.line import Line, Span
from playground_tui.workspace.values import ConversationState


class ThreadOffer(Line):
    DEFAULT_CSS = "ThreadOffer { padding: 0 1; display: none; }"

    state: reactive[ConversationState | None] = reactive(None)

    def watch_state(self) -> None:
        self.display = bool(self._spans())

    def left(self) -> list[Span]:
        return self._spans()

    def _spans(self) -> list[Span]:
        state = self.state
        if state is None:
            return []
        if state.gone:
            return [
                Span("! The server no longer has this thread.  ", "$text-warning"),
                Span("Make it again", "bold underline", "screen.recreate_thread"),
            ]
        if state.run.phase in ("idle", "waiting_outputs") or state.run.followed:
            return []
        return [
            Span("◌ A run goes on in this thread.  ", "$text-warning"),
            Span("shift+f5 Resume", "bold underline", "screen.resume"),
            Span("   "),
            Span("esc Cancel", "bold underline", "screen.stop"),
        ]

"""The pane's top line: its name, and Create while the assistant is not on the server."""

from __future__ import annotations

from textual.binding import Binding

from playground_tui.tui.config.messages import FromWidget
from playground_tui.tui.config.row import MUTED
from playground_tui.tui.widgets.line import Line, Span
from playground_tui.workspace.values import SaveState


class ConfigTitle(Line, can_focus=False):
    DEFAULT_CSS = "ConfigTitle { color: $foreground; } ConfigTitle:focus { text-style: bold; }"
    BINDINGS = [Binding("enter,space", "create", "Create assistant")]
    fill = "─"
    fill_style = "$border-blurred"
    help_line = "Enter creates it; then it saves itself."

    class CreatePressed(FromWidget):
        """Create was pressed or clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._new = False
        self._busy = False

    def show(self, *, new: bool, state: SaveState | None) -> None:
        before, self._new = (self._new, self._new and self._busy), new
        self._busy = bool(state and state.phase == "saving")
        if self.has_focus and not new and self.can_focus:
            self.screen.focus_next()
        self.can_focus = new
        if before != (new, new and self._busy):
            self.refresh()

    def show_active(self, active: bool) -> None:
        self.fill_style = "$accent" if active else "$border-blurred"
        self.refresh()

    def left(self) -> list[Span]:
        return [Span("─ ", self.fill_style), Span("Assistant", "bold"), Span(" ")]

    def right(self) -> list[Span]:
        line = Span("─", self.fill_style)
        if not self._new:
            return [line]
        if self._busy:
            return [Span(" creating… ", MUTED), line]
        style = "bold $background on $accent" if self.has_focus else "bold $accent"
        return [Span(" Create ", style, "create"), line]

    def action_create(self) -> None:
        if self._new and not self._busy:
            self.post_message(self.CreatePressed(self))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

"""How the main screen comes up. Textual styles a new screen twice, lays it out and paints it three times over; this one
does each once, and takes the keys that were typed until then before it paints again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Size
from textual.reactive import Reactive

from playground_tui.tui.screens.base import WorkspaceScreen

if TYPE_CHECKING:
    from textual.widget import Widget


class OpeningScreen(WorkspaceScreen):
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """The two widgets between which the focus moves paint themselves; Textual would paint the whole screen as well."""

    _is_open = False
    typed_early = False
    """There were keys before it was there."""

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        """The first time its widgets have just been mounted, and so been given their styles."""
        if self._is_open or not self.app.size:
            return
        self._is_open = True
        event.prevent_default()
        self.stack_updates += 1
        self._update_auto_focus()
        self._refresh_layout(self.app.size)
        self.typed_early = self.playground.keys_wait
        self.playground.ready()

    def _screen_resized(self, size: Size) -> None:
        """Textual tells a new screen its size three times, and would lay out and paint the whole of it each time. Its
        outer size is what it was last laid out for; `size` is the app's and already the new one."""
        if size != self.outer_size:
            super()._screen_resized(size)

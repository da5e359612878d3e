"""How the main screen comes up. Textual styles a new screen twice, lays it out and paints it three times over; this one
does each once, and takes the keys that were typed until then before it paints again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, messages
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget

from playground_tui.tui.screens.base import WorkspaceScreen
from playground_tui.tui.screens.painting import LineCompositor

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


class OpeningScreen(WorkspaceScreen):
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """The two widgets between which the focus moves paint themselves; Textual would paint the whole screen as well."""

    is_open = False
    _is_laying_out = False
    typed_early = False
    """There were keys before it was there."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._compositor = LineCompositor()

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        """The first time its widgets have just been mounted, and so been given their styles."""
        if self.is_open or not self.app.size:
            return
        self.is_open = True
        event.prevent_default()
        self.stack_updates += 1
        self._update_auto_focus()
        self._refresh_layout(self.app.size)
        self._forget_requests()
        self.typed_early = self.playground.key_order.wait
        self.playground.ready()

    def _forget_requests(self) -> None:
        """What was laid out and painted just now need not be so again: being given its size makes each widget ask for
        that, and what it asked for while it was mounted is still under way to here."""
        self._layout_required = self._repaint_required = False
        self._dirty_widgets.clear()
        for widget in self.walk_children(Widget, with_self=False):
            widget._layout_required = widget._repaint_required = False
        self._is_laying_out = True
        self.call_later(self._take_requests)

    def _take_requests(self) -> None:
        self._is_laying_out = False

    async def _on_layout(self, message: messages.Layout) -> None:
        if self._is_laying_out:
            message.stop()
            message.prevent_default()

    async def _on_update(self, message: messages.Update) -> None:
        if self._is_laying_out:
            message.stop()
            message.prevent_default()

    def _screen_resized(self, size: Size) -> None:
        """Textual tells a new screen its size three times, and would lay out and paint the whole of it each time. Its
        outer size is what it was last laid out for; `size` is the app's and already the new one."""
        if size != self.outer_size:
            super()._screen_resized(size)

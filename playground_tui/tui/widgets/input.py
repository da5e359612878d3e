"""The one-line inputs of every screen: Textual's, where a key lays nothing out."""

from __future__ import annotations

from textual import widgets
from textual.geometry import Size
from textual.reactive import reactive


class Input(widgets.Input):
    """Textual takes the length of what was typed for the widget's scrollable size, and lays the whole screen out for
    each change of it. The box stays as large as it is, so only its scroll offset has to follow."""

    virtual_size = reactive(Size(0, 0), init=False)

    def watch_virtual_size(self, size: Size) -> None:
        if self.container_size:
            self._scroll_update(size)

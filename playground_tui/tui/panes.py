"""Where the two big panes come from (temporary while they are being written)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

try:
    from playground_tui.tui.chat_view import ChatView
except ImportError:

    class ChatView(Widget, can_focus=True):  # type: ignore[no-redef]
        DEFAULT_CSS = "ChatView { padding: 0 1; }"

        def __init__(self, id=None):
            super().__init__(id=id)
            self.m = []
            self.w = None

        def show(self, m):
            self.m = list(m)
            self.refresh()

        def prepend(self, m):
            self.m = [*m, *self.m]
            self.refresh()

        def add(self, m):
            self.m.append(m)
            self.refresh()

        def grow(self, i, f):
            from dataclasses import replace

            self.m = [replace(x, text=x.text + f) if x.id == i else x for x in self.m]
            self.refresh()

        def replace(self, i, n):
            self.m = [n if x.id == i else x for x in self.m]
            self.refresh()

        def remove(self, i):
            self.m = [x for x in self.m if x.id != i]
            self.refresh()

        def set_waiting(self, w):
            self.w = w
            self.refresh()

        def find(self, t):
            return False

        def render(self):
            return Content(
                "\n\n".join(f"{x.author or 'You'}\n{x.text}" for x in self.m)
                + (f"\n\n{self.w.phase}" if self.w else "")
            )


try:
    from playground_tui.tui.config import (
        ConfigPane,
        CreateRequested,
        FieldEdited,
        FieldRejected,
        ModelsWanted,
        RunSettingEdited,
        RunSettingRejected,
        ZoomRequested,
    )
except ImportError:

    @dataclass
    class FieldEdited(Message):  # type: ignore[no-redef]
        field: str
        value: Any

    @dataclass
    class FieldRejected(Message):  # type: ignore[no-redef]
        field: str
        text: str
        advice: str

    class RunSettingEdited(Message): ...

    class RunSettingRejected(Message): ...

    class CreateRequested(Message): ...  # type: ignore[no-redef]

    class ModelsWanted(Message): ...  # type: ignore[no-redef]

    class ZoomRequested(Message): ...  # type: ignore[no-redef]

    class ConfigPane(Vertical):  # type: ignore[no-redef]
        DEFAULT_CSS = "ConfigPane { border-top: solid $border-blurred; border-title-color: $foreground; } ConfigPane TextArea {border: none;height: 1fr;}"

        def __init__(self, draft=None, id=None):
            super().__init__(id=id)

        def compose(self):
            self.border_title = "Assistant"
            yield TextArea(id="instructions", compact=True)

        def settle(self): ...
        def show_refused(self, *a): ...
        def show_draft(self, d):
            ta = self.query_one(TextArea)
            if ta.text != (d.values.get("instructions") or ""):
                with ta.prevent(TextArea.Changed):
                    ta.text = d.values.get("instructions") or ""

        def show_models(self, l): ...
        def show_save_state(self, s): ...
        def focus_first(self):
            self.query_one(TextArea).focus()

        def focus_field(self, f):
            self.focus_first()

        def set_zoomed(self, z): ...
        def on_text_area_changed(self, e):
            e.stop()
            self.post_message(FieldEdited("instructions", e.text_area.text))

"""A one-line text: name, description."""

from __future__ import annotations

from textual import events, on
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive

from playground_tui.tui.config.control import LABEL_WIDTH, FieldControl
from playground_tui.tui.config.exact import ControlSigns, visible
from playground_tui.tui.config.row import label_content, muted
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.tui.key_order import keep_keys_for, when_quiet
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.values import Json

INPUT_DELAY = 0.2
"""Seconds after the first frame. Keys typed onto the last picture go first: they are meant for the message
or the instructions."""


class LineInput(Input):
    """An input without a box. A paste of several lines comes in whole, as one line."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus { border: none; height: 1; padding: 0; width: 1fr; background: transparent; }
    LineInput:focus { background: $accent 15%; }
    """
    BINDINGS = [
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
    ]

    cursor_blink = reactive(False, init=False)
    """A blinking one writes to the terminal twice a second as long as the app is open."""

    def __init__(self, value: str = "", placeholder: str = "") -> None:
        super().__init__(value, placeholder, highlighter=ControlSigns(), select_on_focus=False)

    def on_blur(self) -> None:
        """A text that is only read is read from its start."""
        self.scroll_to(0, animate=False, force=True, immediate=True)

    def on_focus(self) -> None:
        # Behind a click, which means the place that was seen.
        self.call_after_refresh(self._show_cursor)

    def _show_cursor(self) -> None:
        if self.has_focus:
            self.scroll_to_region(Region(self._cursor_offset, 0, 1, 1), animate=False, force=True)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.splitlines()), *self.selection)


class TextRow(FieldControl):
    """Empty text is "not set": it goes out as None (the API's `null`). The row draws its text itself until the first
    frame is out; then the input takes the place."""

    DEFAULT_CSS = f"""
    TextRow {{ height: 1; padding: 0 1; }}
    TextRow > LineInput {{ margin-left: {LABEL_WIDTH}; }}
    """

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.input: LineInput | None = None

    def render(self) -> Content:
        label = label_content(self.spec.label, focused=self.has_focus_within)
        if self.input is not None:
            return label
        text = self.shown_text()
        return Content.assemble(label, Content(visible(text)) if text else muted(self._placeholder))

    @property
    def _placeholder(self) -> str:
        return str(self.spec.options.get("placeholder", "not set"))

    def on_mount(self) -> None:
        self.call_after_refresh(when_quiet, self, INPUT_DELAY, self._mount_input)

    def _mount_input(self) -> None:
        if self.input is not None:
            return
        self.input = LineInput(self.shown_text(), self._placeholder)
        self.mount(self.input)
        self.refresh()

    def shown_text(self) -> str:
        shown = self.echo.shown
        return shown.raw if shown.raw is not None else shown.value or ""

    def fill(self, value: Json) -> None:
        self.fill_raw(value or "")

    def fill_raw(self, text: str) -> None:
        if self.input is None:
            self.refresh()
        elif self.input.value != text:
            with self.input.prevent(Input.Changed):
                self.input.value = text

    def focus_field(self) -> None:
        if self.input is None:
            self._mount_input()
            self.call_after_refresh(self.focus_field)
            keep_keys_for(self)
        else:
            self.input.focus()

    def on_click(self, event: events.Click) -> None:
        """On the label, or on the text before the input took its place."""
        if event.widget is self:
            self.focus_field()

    def on_descendant_focus(self) -> None:
        self.refresh()

    def on_descendant_blur(self) -> None:
        self.refresh()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.settle()

    def settle(self) -> None:
        if self.input is not None and self.input.value != self.shown_text():
            self.tell(self.input.value or None)

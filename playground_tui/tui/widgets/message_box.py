"""The box a message is written in. Enter sends; it never sends within `PASTE_GUARD` of a paste."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import TextArea

from playground_tui.tui.widgets.cursor_in_view import CursorInView
from playground_tui.tui.widgets.kept_rows import KeptRows

PASTE_GUARD = 0.05
"""Seconds: a terminal without bracketed paste, or a paste ending in a line break, must not send half a text."""
SEND = "message.send"
NEWLINE = "message.newline"


class MessageBox(CursorInView, KeptRows, TextArea):
    """Grows with its text from one row to `max-height`; the text is never cleared but by sending;
    whoever cannot send it puts it back."""

    DEFAULT_CSS = """
    MessageBox { height: auto; min-height: 1; max-height: 10; border: none; padding: 0 1; background: transparent; }
    MessageBox:focus { border: none; }
    """
    cursor_blink = reactive(False, init=False)
    """A blinking one writes to the terminal twice a second as long as the app is open."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "send", id=SEND),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "new line", id=NEWLINE),
        Binding("up", "cursor_up_or_back", "earlier", show=False),
        Binding("down", "cursor_down_or_forward", "later", show=False),
    ]

    class SendRequested(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class PathsPasted(Message):
        """What was pasted, or dropped on the terminal, names files of this machine; nothing was put into the box."""

        def __init__(self, paths: list[Path], text: str) -> None:
            super().__init__()
            self.paths = paths
            self.text = text

    class BackRequested(Message):
        """Up was pressed in the first row."""

    class ForwardRequested(Message):
        """Down was pressed in the last row."""

    def __init__(self, text: str = "", *, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(
            text, id="message", compact=True, highlight_cursor_line=False, placeholder="Ask something…", soft_wrap=True
        )
        self._clock = clock
        self._pasted_at = float("-inf")
        self.keys_first: Callable[[str], bool] = lambda key: False
        """Whoever shows something about the text, as a list of commands, may take a key before the box does."""

    def on_mount(self) -> None:
        """A text that was kept is gone on with at its end."""
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        self._pasted_at = self._clock()
        if looks_like_path(event.text) and (paths := _paths_in(event.text)):
            event.stop()
            self.post_message(self.PathsPasted(paths, event.text))
            return
        await super()._on_paste(event)
        self._pasted_at = self._clock()

    async def _on_key(self, event: events.Key) -> None:
        """The box's own keys come before the editor's, which would insert them. They are no priority bindings: those
        run ahead of keys still on their way here, and "text, enter" written at once would send an empty box."""
        if not event.is_printable:
            if self.keys_first(event.key):
                event.stop()
                event.prevent_default()
                return
            active = self.screen.active_bindings.get(event.key)
            if active is not None and active.node is self and active.binding.id in (SEND, NEWLINE):
                event.stop()
                event.prevent_default()
                await self.run_action(active.binding.action)
                return
        await super()._on_key(event)

    def action_send(self) -> None:
        if self._clock() - self._pasted_at < PASTE_GUARD:
            self.action_newline()
            return
        text = self.text
        if text.strip():
            # At once, not when it was taken: keys that follow belong to the next message.
            self.show_text("")
        self.post_message(self.SendRequested(text))

    def put_back(self, text: str) -> None:
        """`text` could not be sent: before what was typed since."""
        self.show_text(f"{text}\n{self.text}" if self.text.strip() else text)

    def action_newline(self) -> None:
        start, end = self.selection
        self.replace("\n", start, end, maintain_selection_offset=False)
        self.scroll_cursor_visible()

    def action_cursor_up_or_back(self) -> None:
        if self.navigator.is_first_wrapped_line(self.cursor_location):
            self.post_message(self.BackRequested())
        else:
            self.action_cursor_up()

    def action_cursor_down_or_forward(self) -> None:
        if self.navigator.is_last_wrapped_line(self.cursor_location):
            self.post_message(self.ForwardRequested())
        else:
            self.action_cursor_down()

    def show_text(self, text: str) -> None:
        """Replace the text, cursor at its end. When it is there already, the undo history stays."""
        if text != self.text:
            self.load_text(text)
            self.move_cursor(self.document.end)


def looks_like_path(text: str) -> bool:
    return text.lstrip("'\" \n")[:1] in ("/", "~") or "file://" in text[:12] or text[1:3] in (":\\", ":/")


def _paths_in(text: str) -> list[Path]:
    from playground_tui.tui.files.pasted import pasted_paths

    return pasted_paths(text)

"""A text of some lines within a form."""

from __future__ import annotations

from textual.widgets import TextArea

from playground_tui.tui.widgets.cursor_in_view import CursorInView


class TextBox(CursorInView, TextArea):
    """Textual's, with the cursor in view and without an end of the app in it."""

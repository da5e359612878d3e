"""The text editor of the pane: Textual's, with texts kept exactly, colours from the theme, and highlighting that
steps aside where it would hold up a key.
"""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.theme import Theme
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from playground_tui.tui.config.editor_theme import THEME_NAME, editor_theme
from playground_tui.tui.config.exact import from_editor, into_editor, pasted, visible
from playground_tui.tui.key_order import when_quiet
from playground_tui.tui.widgets.cursor_in_view import CursorInView
from playground_tui.tui.widgets.kept_rows import KeptRows

HIGHLIGHT_CHARACTERS = 64_000
HIGHLIGHT_LINE = 2_000
"""Above either a key would take over 50 ms with highlighting (bench/editing.py)."""
HIGHLIGHT_DELAY = 0.1
"""Seconds after the editor's first frame; and after an edit of a longer text, later while keys keep coming."""

_PANE_KEYS = frozenset({"f6", "f7"})
"""Textual's editor selects with them; in this program they move between and size the panes."""


class Editor(CursorInView, KeptRows, TextArea, inherit_bindings=False):
    """Tab leaves it. `content` is the text as the API has it; `TextArea.text` may hold stand-ins (`exact.py`)."""

    DEFAULT_CSS = """
    Editor, Editor:focus { border: none; padding: 0 1; background: $surface; }
    Editor .text-area--cursor-line { background: transparent; }
    """
    cursor_blink = reactive(False, init=False)
    """A blinking one writes to the terminal twice a second as long as the app is open."""
    BINDINGS: ClassVar[list[BindingType]] = [
        *(b for b in TextArea.BINDINGS if isinstance(b, Binding) and b.key not in _PANE_KEYS),
        Binding("ctrl+shift+a", "select_all", "Select all", show=False),
        Binding("ctrl+home", "start_of_text", "Start of the text", show=False),
        Binding("ctrl+end", "end_of_text", "End of the text", show=False),
        Binding("ctrl+shift+home", "start_of_text(True)", "Select to the start of the text", show=False),
        Binding("ctrl+shift+end", "end_of_text(True)", "Select to the end of the text", show=False),
    ]

    def __init__(self, text: str = "", *, highlight: str | None = None, placeholder: str = "") -> None:
        super().__init__(into_editor(text), placeholder=placeholder)
        self._highlight = highlight
        self._reads_later = False

    @property
    def content(self) -> str:
        return from_editor(self.text)

    @property
    def too_large(self) -> bool:
        """Whether the text is beyond what is highlighted."""
        lines = self.document.lines
        return sum(map(len, lines)) + len(lines) > HIGHLIGHT_CHARACTERS or max(map(len, lines)) > HIGHLIGHT_LINE

    # -- filling -------------------------------------------------------------------------------------------------------

    def open_text(self, text: str) -> None:
        """Another text, with an empty undo history. Nothing is announced."""
        with self.prevent(TextArea.Changed, TextArea.SelectionChanged):
            self.load_text(into_editor(text))
        self.fit_highlighting()

    def take_text(self, text: str) -> None:
        """The same text, changed elsewhere: the cursor stays near its place and undo brings the former text back."""
        if self.content == text:
            return
        self._foresee(text, 0)
        cursor, scroll = self.cursor_location, self.scroll_offset
        with self.prevent(TextArea.Changed, TextArea.SelectionChanged):
            self.replace(into_editor(text), (0, 0), self.document.end, maintain_selection_offset=False)
            self.move_cursor(cursor)
        self.scroll_to(*scroll, animate=False)
        self.fit_highlighting()

    # -- highlighting --------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        # Colours, grammar and query take their time to load; the first frame and the first keys do not wait for them.
        self.call_after_refresh(when_quiet, self, HIGHLIGHT_DELAY, self._begin_highlighting)

    def _begin_highlighting(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._take_theme)
        self._take_theme()
        self.fit_highlighting()

    def _take_theme(self, _theme: Theme | None = None) -> None:
        self.register_theme(editor_theme(self.app.theme_variables))
        self.theme = THEME_NAME

    def fit_highlighting(self) -> None:
        wanted = None if self._highlight is None or self.too_large else self._highlight
        if wanted != self.language and self.theme == THEME_NAME:
            self._use_language(wanted)

    def _foresee(self, coming: str, staying: int) -> None:
        """Before a text comes that is beyond highlighting, to `staying` characters: else the whole is parsed once for
        the text and once for each key behind it, and wrapped once more when highlighting goes off."""
        too_large = len(coming) + staying > HIGHLIGHT_CHARACTERS or max(map(len, coming.split("\n"))) > HIGHLIGHT_LINE
        if too_large and self.language is not None:
            self._use_language(None)

    def _use_language(self, wanted: str | None) -> None:
        selection, scroll = self.selection, self.scroll_offset
        with self.prevent(TextArea.Changed, TextArea.SelectionChanged):
            self.language = wanted
            self.selection = Selection(*selection)
        self.scroll_to(*scroll, animate=False)

    def on_text_area_changed(self) -> None:
        self.fit_highlighting()

    def _set_document(self, text: str, language: str | None) -> None:
        super()._set_document(text, language)
        if self._highlight_query:
            from playground_tui.tui.config.late_colours import LateParser

            self.document._parser = LateParser(self.document, self._read_later)  # type: ignore[attr-defined, arg-type]

    def _build_highlight_map(self) -> None:
        """Textual asks the whole tree after each edit."""
        self._line_cache.clear()
        self._highlights = {}
        if self._highlight_query:
            from playground_tui.tui.config.late_colours import RowColours

            self._highlights = RowColours(self.document, self._highlight_query)  # type: ignore[arg-type]

    def _read_later(self) -> None:
        if not self._reads_later:
            self._reads_later = True
            when_quiet(self, HIGHLIGHT_DELAY, self._read_anew)

    def _read_anew(self) -> None:
        self._reads_later = False
        document: Any = self.document
        if self._highlight_query and document._parser.is_behind:
            document._parser.catch_up()
            self._build_highlight_map()
            self.refresh()

    # -- drawing and pasting -------------------------------------------------------------------------------------------

    def action_cursor_page_down(self) -> None:
        self._catch_up()
        super().action_cursor_page_down()

    def action_cursor_page_up(self) -> None:
        self._catch_up()
        super().action_cursor_page_up()

    def action_start_of_text(self, select: bool = False) -> None:
        self.move_cursor((0, 0), select=select)

    def action_end_of_text(self, select: bool = False) -> None:
        self._catch_up()
        self.move_cursor(self.document.end, select=select)

    def _catch_up(self) -> None:
        """A page is counted in wrapped lines; a wrapping that is behind the document counts lines that are no more."""
        if len(self.wrapped_document._wrap_offsets) != self.document.line_count:
            self._rewrap_and_refresh_virtual_size()

    def get_line(self, line_index: int) -> Text:
        """Textual may paint by a wrapping that is behind the document; the line it then asks for does not exist."""
        if line_index >= self.document.line_count:
            self.call_next(self._rewrap_and_refresh_virtual_size)
            return Text("", end="", no_wrap=True)
        return Text(visible(self.document.get_line(line_index)), end="", no_wrap=True)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if self.read_only:
            return
        text = pasted(event.text)
        self._foresee(text, len(self.text) - len(self.selected_text))
        if result := self.replace(text, *self.selection, maintain_selection_offset=False):
            self.move_cursor(result.end_location)
            self.focus()

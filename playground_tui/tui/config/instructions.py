"""The instructions: the editor that takes all spare height, with its count above."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.style import Style
from textual.widgets import TextArea

from playground_tui.limits import MAX_INSTRUCTIONS
from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.echo import FieldState
from playground_tui.tui.config.editor import Editor
from playground_tui.tui.config.messages import FromWidget
from playground_tui.tui.config.row import MUTED, muted, spread
from playground_tui.tui.config.spec import FieldSpec
from playground_tui.tui.key_order import keep_keys_for
from playground_tui.workspace.values import Json

if TYPE_CHECKING:
    from playground_tui.tui.config.external import Runner
    from playground_tui.tui.config.find_bar import FindBar


class InstructionsEditor(Editor):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+f", "find", "find", id="instructions.find"),
        Binding("shift+f4", "edit_outside", "Edit in $EDITOR", show=False, id="instructions.external"),
        Binding("shift+f3", "draft", "draft or improve", id="instructions.draft"),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__(text, highlight="markdown", placeholder="What this assistant is, knows, and should do.")

    @property
    def field(self) -> InstructionsField:
        assert isinstance(self.parent, InstructionsField)
        return self.parent

    def action_find(self) -> None:
        self.field.open_find()

    def action_edit_outside(self) -> None:
        self.field.want_outside()

    def action_draft(self) -> None:
        self.field.post_message(InstructionsField.DraftingWanted(self.field))


class InstructionsField(FieldControl):
    """Its top line, drawn by itself: the label, how much of the limit is used, and the sign that zooms."""

    DEFAULT_CSS = """
    InstructionsField { layout: vertical; height: 1fr; min-height: 9; padding: 0 1; }
    InstructionsField > InstructionsEditor { height: 1fr; margin-top: 1; }
    InstructionsField > FindBar { margin-top: 1; }
    InstructionsField.-finding > InstructionsEditor { margin-top: 0; }
    """

    class ZoomClicked(FromWidget):
        """The sign at the end of the top line was clicked."""

    class OutsideWanted(FromWidget):
        """The person's own editor was asked for."""

    class DraftingWanted(FromWidget):
        """A draft by the model was asked for."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.editor = InstructionsEditor()
        self.run_outside: Runner | None = None
        """Replaces what runs the person's editor, and needs no terminal then."""
        self._find: FindBar | None = None
        self._count = 0
        self._plain = False

    def compose(self) -> ComposeResult:
        yield self.editor

    def fill(self, value: Json) -> None:
        self.fill_raw(value or "")

    def fill_raw(self, text: str) -> None:
        self.editor.take_text(text)
        self._show_count(len(text))

    def open(self, state: FieldState) -> None:
        """Undo does not reach back into another assistant's text."""
        self.editor.open_text((state.raw if state.raw is not None else state.value) or "")

    def focus_field(self) -> None:
        self.editor.focus()

    def open_find(self) -> None:
        from playground_tui.tui.config.find_bar import FindBar

        if self._find is None:
            self._find = FindBar(self.editor)
            self.mount(self._find, before=self.editor)
        self._find.display = True
        self.add_class("-finding")
        self.call_after_refresh(self._find.open)
        keep_keys_for(self)

    def on_find_bar_closed(self, event: FindBar.Closed) -> None:
        event.stop()
        event.bar.display = False
        self.remove_class("-finding")
        self.editor.focus()

    def want_outside(self) -> None:
        self.settle()
        self.post_message(self.OutsideWanted(self))

    def edit_outside(self) -> None:
        """The person's own editor takes the terminal until it ends; what it wrote is one edit that undo takes back."""
        from playground_tui.tui.config.external import EditorFailed, edit_outside, run_here

        failed = ""
        try:
            with self.app.suspend() if self.run_outside is None else nullcontext():
                # Textual takes the terminal back only when nothing is raised in here.
                try:
                    text = edit_outside(self.editor.content, self.run_outside or run_here)
                except EditorFailed as error:
                    failed = str(error)
        except SuspendNotSupported as error:
            failed = str(error)
        if failed:
            self.app.notify(failed, severity="warning", markup=False)
            return
        self.editor.take_text(text)
        self.settle()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.settle()

    def settle(self) -> None:
        text = self.editor.content
        shown = self.echo.shown
        if text != (shown.raw if shown.raw is not None else shown.value or ""):
            self.tell(text or None)
        self._show_count(len(text))

    def _show_count(self, count: int) -> None:
        plain = self.editor.too_large
        if (count, plain) != (self._count, self._plain):
            self._count, self._plain = count, plain
            self._refresh_top()

    def render(self) -> Content:
        label = Content.styled(self.spec.label, "bold $accent" if self.has_focus_within else MUTED)
        words = f"{'too large to colour · ' if self._plain else ''}{self._count:,} / {MAX_INSTRUCTIONS:,}"
        style = "bold $text-error" if self._count > MAX_INSTRUCTIONS else MUTED
        sign = muted(" ⤢").stylize(Style.from_meta({"@click": "zoom"}))
        return spread(label, Content.assemble(Content.styled(words, style), sign), self.content_size.width)

    def _refresh_top(self) -> None:
        """The line above the editor; the rest is the editor's own."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def on_click(self, event: events.Click) -> None:
        """On the top line, but not on its sign."""
        if event.widget is self and "@click" not in event.style.meta:
            self.focus_field()

    def action_zoom(self) -> None:
        self.post_message(self.ZoomClicked(self))

    def on_descendant_focus(self) -> None:
        self._refresh_top()

    def on_descendant_blur(self) -> None:
        self._refresh_top()

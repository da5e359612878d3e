"""A thread's metadata as lines `key: value`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from playground_tui.limits.assistant import METADATA
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.screens.ask import FRAME
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.text_box import TextBox

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen


def to_lines(metadata: Mapping[str, str]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in metadata.items())


def from_lines(text: str) -> dict[str, str]:
    """A line without a colon is a key with an empty value; empty lines are nothing."""
    pairs = (line.partition(":") for line in text.splitlines() if line.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


class MetadataScreen(ModalScreen[dict[str, str] | None]):
    DEFAULT_CSS = (
        FRAME.format(name="MetadataScreen")
        + """
    MetadataScreen TextArea { height: auto; min-height: 4; max-height: 14; border: none; margin: 0 0 1 0; }
    MetadataScreen TextArea:focus { border: none; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("ctrl+s", "keep", "keep", priority=True, id="metadata.keep"),
    ]
    AUTO_FOCUS = "TextArea"

    def __init__(self, metadata: Mapping[str, str]) -> None:
        super().__init__()
        self._metadata = metadata

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Metadata of the thread"
            yield Static("A pair on each line, as key: value. The key title is the thread's title.", markup=False)
            yield TextBox(to_lines(self._metadata), compact=True, highlight_cursor_line=False)
            yield Static("", id="said", markup=False)
            with Horizontal():
                yield TextButton(with_keys(self, "Keep ({metadata.keep:ctrl+s})"), id="keep")
                yield TextButton("Leave as it was", id="leave")

    def on_mount(self) -> None:
        editor = self.query_one(TextArea)
        editor.move_cursor(editor.document.end)

    @on(TextArea.Changed)
    def _check(self) -> bool:
        problem = METADATA.check(from_lines(self.query_one(TextArea).text), "metadata")
        self.query_one("#said", Static).update(
            f"! {problem.message} {problem.advice}" if problem else "● It can be kept."
        )
        return problem is None

    @on(TextButton.Pressed, "#keep")
    def action_keep(self) -> None:
        if self._check():
            self.dismiss(from_lines(self.query_one(TextArea).text))

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(None)


async def edit_metadata(owner: WorkspaceScreen, thread_id: str) -> None:
    """Raises FailureError where the server does not give it."""
    before = await owner.workspace.threads.metadata(thread_id)

    def put(after: dict[str, str] | None) -> None:
        if after is not None and after != before:
            owner.start(owner.workspace.threads.set_metadata(thread_id, after), "metadata")

    owner.app.push_screen(MetadataScreen(before), put)

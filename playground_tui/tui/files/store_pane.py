"""What is in the marked vector store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from playground_tui.tui.files.words import FILE_SIGNS, column, fitted, store_file_note
from playground_tui.tui.widgets.row_list import LazyRows, Row, RowList
from playground_tui.workspace.files.values import StoreFile, StoreFiles


class InsideList(RowList):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8,delete", "remove", "take out", id="store.remove"),
        Binding("enter", "choose", "its text"),
    ]

    class Chosen(RowList.Chosen):
        """Of this list, not of the one beside it."""

    class Marked(RowList.Marked):
        """Of this list, not of the one beside it."""

    class RemoveRequested(Message):
        """The marked file shall leave the store."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def action_remove(self) -> None:
        if self.row is not None:
            self.post_message(self.RemoveRequested(self.row))


class StorePane(Vertical):
    DEFAULT_CSS = """
    StorePane #about { height: auto; max-height: 6; padding: 0 1 0 2; margin: 0 0 1 0; color: $text-muted; }
    StorePane #nothing { height: auto; padding: 0 1 0 2; color: $text-muted; display: none; }
    StorePane InsideList { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(id="inside")
        self.about = Static(id="about", markup=False)
        self.nothing = Static(id="nothing", markup=False)
        self.files = InsideList(id="inside-rows")

    def compose(self) -> ComposeResult:
        yield from (self.about, self.nothing, self.files)

    def show_about(self, text: str) -> None:
        self.about.update(text)

    def show_files(self, opened: StoreFiles | None, empty: str) -> None:
        rows = opened.rows if opened is not None else ()
        self.files.show(store_rows(rows), max(0, self.files.marked))
        self.files.display = bool(rows)
        said = ""
        if opened is None or not opened.loaded:
            said = "◌ reading…" if opened is not None else ""
        elif opened.failure is not None:
            said = f"! {opened.failure.sentence()}"
        elif not rows:
            said = empty
        elif opened.has_more:
            said = f"The first {len(rows)}, those that failed before the others."
        self.nothing.display = bool(said)
        self.nothing.update(said)


def store_rows(files: Sequence[StoreFile]) -> Sequence[Row]:
    width = column(file.name for file in files)
    return LazyRows(files, lambda file: _row(file, width))


def _row(file: StoreFile, width: int) -> Row:
    return Row(file.id, fitted(file.name, width), store_file_note(file), "", FILE_SIGNS.get(file.status, " "))

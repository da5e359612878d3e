"""Which of the server's files or vector stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from playground_tui.tui.files.words import created_words, file_note, store_note, store_sign
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import LazyRows, Row
from playground_tui.workspace.files.values import FileRow, StoreRow

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


class ChooseStore(PickScreen):
    heading = "Vector store"
    search_hint = "Search names"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._end: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self._end = watch(self, self.workspace.library.stores.listing, lambda _: self.refill())

    def on_unmount(self) -> None:
        self._end()

    def found(self, text: str) -> Sequence[Row]:
        rows = self.workspace.library.stores.listing.value.rows
        return LazyRows([row for row in rows if text.lower() in row.shown_name.lower()], _store_row)

    def status(self, text: str, rows: Sequence[Row]) -> str:
        listing = self.workspace.library.stores.listing.value
        if listing.failure is not None:
            return f"! {listing.failure.sentence()}"
        return "" if rows else "There is no vector store yet." if not text else f"No vector store matches “{text}”."


class ChooseFile(PickScreen):
    heading = "File of the server"
    search_hint = "Search names"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._end: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self._end = watch(self, self.workspace.library.files, lambda _: self.refill())

    def on_unmount(self) -> None:
        self._end()

    def found(self, text: str) -> Sequence[Row]:
        rows = self.workspace.library.files.value.rows
        return LazyRows([row for row in rows if text.lower() in row.shown_name.lower()], self._row)

    def _row(self, row: FileRow) -> Row:
        used = self.workspace.library.files.value.used_by.get(row.id, ())
        return Row(row.id, row.shown_name, file_note(row, used), created_words(row.created_at))

    def status(self, text: str, rows: Sequence[Row]) -> str:
        listing = self.workspace.library.files.value
        if listing.failure is not None:
            return f"! {listing.failure.sentence()}"
        return "" if rows else "There is no file on the server yet." if not text else f"No file matches “{text}”."


def _store_row(row: StoreRow) -> Row:
    return Row(row.id, row.shown_name, store_note(row), "", store_sign(row))

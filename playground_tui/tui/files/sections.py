"""The three lists of the files screen: what each shows, what is said of its marked line, and what belongs there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from playground_tui.tui.files import words
from playground_tui.tui.widgets.row_list import LazyRows, Row
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.files.values import FileRow, StoreRow, Transfer

if TYPE_CHECKING:
    from playground_tui.workspace.files.library import Library

Name = Literal["files", "stores", "uploads"]
Offers = Sequence[tuple[str, str, str]]
CLOSE = ("esc", "close", "screen.leave")


class Section:
    name: ClassVar[Name]
    title: ClassVar[str]
    empty: ClassVar[str]
    offers: ClassVar[Offers]

    def __init__(self, library: Library) -> None:
        self.library = library

    def count(self) -> int:
        raise NotImplementedError

    def rows(self) -> Sequence[Row]:
        raise NotImplementedError

    def detail(self, row_id: str) -> str:
        raise NotImplementedError

    def failure(self) -> Failure | None:
        return None

    def loading(self) -> bool:
        return False


class FilesSection(Section):
    name = "files"
    title = "Files"
    empty = (
        "Files on the server will be listed here: what assistants search, what their code reads, pictures to look at. "
        "{files.upload:u} sends one from this machine, or a whole folder."
    )
    offers = (
        ("u", "upload", "screen.upload"),
        ("a", "into a store", "screen.attach"),
        ("d", "download", "screen.download"),
        ("f8", "delete", "screen.delete"),
        ("f5", "read again", "screen.reread"),
        CLOSE,
    )

    def count(self) -> int:
        return len(self.library.files.value.rows)

    def rows(self) -> Sequence[Row]:
        rows = self.library.files.value.rows
        width = words.column(row.shown_name for row in rows)
        return LazyRows(rows, lambda row: self._row(row, width))

    def _row(self, row: FileRow, width: int) -> Row:
        used = self.library.files.value.used_by.get(row.id, ())
        note, name = words.file_note(row, used), words.fitted(row.shown_name, width)
        return Row(row.id, name, note, words.created_words(row.created_at), "!" if row.problem else " ")

    def get(self, row_id: str) -> FileRow | None:
        return next((row for row in self.library.files.value.rows if row.id == row_id), None)

    def detail(self, row_id: str) -> str:
        row = self.get(row_id)
        return words.file_detail(row, self.library.files.value.used_by.get(row_id, ())) if row else ""

    def failure(self) -> Failure | None:
        return self.library.files.value.failure

    def loading(self) -> bool:
        return not self.library.files.value.loaded


class StoresSection(Section):
    name = "stores"
    title = "Vector stores"
    empty = (
        "Vector stores will be listed here: files made ready for file search, under a name that assistants share. "
        "{files.new:n} makes one; then {files.upload:u} puts files and whole folders into it."
    )
    offers = (
        ("n", "new", "screen.new"),
        ("u", "upload into it", "screen.upload"),
        ("s", "search", "screen.search"),
        ("e", "expiry", "screen.expiry"),
        ("r", "rename", "screen.rename"),
        ("f8", "delete", "screen.delete"),
        ("tab", "its files", "app.focus_next"),
        CLOSE,
    )

    def count(self) -> int:
        return len(self.library.stores.listing.value.rows)

    def rows(self) -> Sequence[Row]:
        listing = self.library.stores.listing.value
        width = words.column(listing.name_of(row) for row in listing.rows)
        return LazyRows(listing.rows, lambda row: self._row(row, listing.name_of(row), width))

    def _row(self, row: StoreRow, name: str, width: int) -> Row:
        return Row(row.id, words.fitted(name, width), words.store_note(row), "", words.store_sign(row))

    def detail(self, row_id: str) -> str:
        listing = self.library.stores.listing.value
        row = listing.get(row_id)
        return words.store_detail(row, listing.used_by.get(row_id, ())) if row else ""

    def failure(self) -> Failure | None:
        return self.library.stores.listing.value.failure

    def loading(self) -> bool:
        return not self.library.stores.listing.value.loaded


class UploadsSection(Section):
    name = "uploads"
    title = "Uploads"
    empty = "What is on its way to the server will be listed here, with its progress and with what went wrong."
    offers = (
        ("u", "upload", "screen.upload"),
        ("c", "cancel", "screen.cancel"),
        ("C", "cancel all", "screen.cancel_all"),
        ("r", "try again", "screen.retry"),
        ("x", "clear the finished", "screen.clear"),
        CLOSE,
    )

    def count(self) -> int:
        return len(self.library.uploads.transfers.value)

    def rows(self) -> Sequence[Row]:
        """What went wrong first, then what is under way."""
        order = {"failed": 0, "uploading": 1, "adding": 1, "waiting": 2}
        found = sorted(self.library.uploads.transfers.value, key=lambda t: order.get(t.phase, 3))
        width = words.column(transfer.name for transfer in found)
        return LazyRows(found, lambda transfer: self._row(transfer, width))

    def _row(self, transfer: Transfer, width: int) -> Row:
        size = words.size_words(transfer.size) if transfer.size else ""
        note = words.transfer_note(transfer)
        return Row(str(transfer.id), words.fitted(transfer.name, width), note, size, words.SIGNS[transfer.phase])

    def detail(self, row_id: str) -> str:
        transfer = self.library.uploads.get(int(row_id))
        return "\n".join(part for part in (transfer.path, transfer.why) if part) if transfer else ""

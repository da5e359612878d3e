"""The questions of the files screen and what follows from their answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playground_tui.limits.file_bodies import MODIFY_VECTOR_STORE
from playground_tui.tui.files.path_ask import AskPath, PathChoice
from playground_tui.tui.screens.ask import Ask, AskText, confirm_delete
from playground_tui.tui.widgets.row_list import Row
from playground_tui.workspace.files.checks import files_in

if TYPE_CHECKING:
    from playground_tui.tui.files.sections import Name
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.files.library import Library

MANY: Final = 50
"""Files of a folder from which on it is asked before they are sent."""


class Asking:
    """On the library of the present server; `owner` runs the work and tells of failures."""

    def __init__(self, owner: WorkspaceScreen, library: Library) -> None:
        self.owner, self.library = owner, library

    # -- sending -------------------------------------------------------------------------------------------------------

    def upload(self, store_id: str = "") -> None:
        """A file or a folder; `store_id`: where it goes then."""

        def answered(choice: PathChoice | None) -> None:
            if choice is not None:
                self.owner.start(self._send(choice, store_id), "upload")

        title = f"Upload into {self._store_name(store_id)}" if store_id else "Upload"
        self.owner.app.push_screen(AskPath(title, Path.cwd()), answered)

    async def _send(self, choice: PathChoice, store_id: str) -> None:
        if paths := await self.chosen(choice):
            self.library.uploads.add(paths, store_id)

    async def chosen(self, choice: PathChoice) -> tuple[Path, ...]:
        """The file, or all of the folder unless the person thinks better of it. Raises FailureError for a folder that
        cannot be read."""
        if not choice.is_folder:
            return (choice.path,)
        folder = await asyncio.to_thread(files_in, choice.path)
        if not folder.paths:
            self.owner.tell(f"There are no files in {choice.path}.")
        number = len(folder.paths)
        if folder.more:
            text = f"{choice.path} has more files than go at once. Send the first {number:,}?"
        elif number > MANY:
            text = f"Send all {number:,} files of {choice.path}, those in its folders as well?"
        else:
            return folder.paths
        ask = Ask("Whole folder", text, (("cancel", "Cancel"), ("send", "Send them")))
        return folder.paths if await self.owner.app.push_screen_wait(ask) == "send" else ()

    # -- vector stores -------------------------------------------------------------------------------------------------

    def new_store(self) -> None:
        def answered(name: str | None) -> None:
            if name:
                self.owner.start(self.library.stores.create(name), "new vector store")

        self.owner.app.push_screen(AskText("Name of the new vector store", ""), answered)

    def rename_store(self, store_id: str) -> None:
        def answered(name: str | None) -> None:
            if name:
                self.owner.start(self.library.stores.rename(store_id, name), "rename vector store")

        row = self.library.stores.listing.value.get(store_id)
        self.owner.app.push_screen(AskText("Rename vector store", row.name if row else ""), answered)

    def set_expiry(self, store_id: str) -> None:
        def answered(text: str | None) -> None:
            if text is not None:
                self._take_expiry(store_id, text)

        row = self.library.stores.listing.value.get(store_id)
        days = str(row.days) if row is not None and row.days else ""
        title = "Expires how many days after its last use? Empty: never"
        self.owner.app.push_screen(AskText(title, days), answered)

    def _take_expiry(self, store_id: str, text: str) -> None:
        days = int(text) if text.isdecimal() and len(text) < 9 else 0 if not text else -1
        after = {"anchor": "last_active_at", "days": days} if days else None
        if MODIFY_VECTOR_STORE.check({"expires_after": after}, "") is not None:
            self.owner.tell("A whole number of days from 1 to 365, or nothing.")
            return
        self.owner.start(self.library.stores.set_expiry(store_id, days), "set expiry")

    def attach_to_store(self, file_id: str) -> None:
        """Put a file of the server into a store of the person's choice."""
        from playground_tui.tui.files.choose import ChooseStore

        def answered(store_id: str | None) -> None:
            if store_id:
                self.owner.start(self.library.stores.add_file(store_id, file_id), "put into a store")

        self.owner.app.push_screen(ChooseStore(self.owner.workspace), answered)

    def search_store(self, store_id: str) -> None:
        from playground_tui.tui.files.search_screen import SearchScreen

        self.owner.app.push_screen(SearchScreen(self.library, store_id, self._store_name(store_id)))

    def show_text(self, store_id: str, file_id: str, name: str) -> None:
        """What was read from a file of a store."""
        from playground_tui.tui.files.text_screen import TextScreen

        self.owner.app.push_screen(TextScreen(self.library, store_id, file_id, name))

    def _store_name(self, store_id: str) -> str:
        listing = self.library.stores.listing.value
        row = listing.get(store_id)
        return listing.name_of(row) if row is not None else store_id

    # -- files ---------------------------------------------------------------------------------------------------------

    def download(self, file_id: str, name: str) -> None:
        def answered(folder: str | None) -> None:
            if folder:
                self.owner.start(self._download(file_id, Path(folder), name), "download")

        self.owner.app.push_screen(AskText("Download into which folder?", "~/Downloads"), answered)

    async def _download(self, file_id: str, folder: Path, name: str) -> None:
        path = await self.library.download(file_id, folder, name)
        self.owner.tell(f"Saved as {path}.")

    def delete(self, section: Name, row: Row) -> None:
        """A file or a vector store, after asking."""
        files = section == "files"
        used = self.library.files.value.used_by if files else self.library.stores.listing.value.used_by
        by = used.get(row.id, ())
        note = f"Used by {', '.join(by)}. " if by else ""
        note += "It goes out of every vector store, too." if files else "Its files stay."

        def answered(answer: str | None) -> None:
            if answer == "delete":
                work = self.library.delete_file(row.id) if files else self.library.stores.delete(row.id)
                self.owner.start(work, f"delete {section}")

        self.owner.app.push_screen(confirm_delete(row.text.strip(), note), answered)

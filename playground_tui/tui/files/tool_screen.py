"""The files of one of the assistant's tools: the vector store that file search looks into, or what code may read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.limits.assistant import MAX_CODE_FILES
from playground_tui.tui.files import words
from playground_tui.tui.files.asking import Asking
from playground_tui.tui.files.path_ask import AskPath, PathChoice
from playground_tui.tui.files.screen import REDRAW, MoreOffers, UploadLine
from playground_tui.tui.files.store_pane import store_rows
from playground_tui.tui.files.tool_edit import WORDS, Kind, code_files_of, store_of, with_code_files, with_store
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import LazyRows, Row, RowList
from playground_tui.workspace.files.values import FileRow

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace

EMPTY: Mapping[Kind, str] = {
    "file_search": (
        "File search has no files yet. {tool.upload:u} puts a file or a whole folder of this machine into a vector "
        "store that is made for this assistant; {tool.store:v} takes a store that is there already."
    ),
    "code_interpreter": (
        f"The code has no files yet: at most {MAX_CODE_FILES}, such as tables to compute with. {{tool.upload:u}} sends "
        "one from this machine, {tool.add:a} takes one that is on the server."
    ),
}


class ToolFilesScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="ToolFilesScreen")
        + """
    ToolFilesScreen > #frame { width: 96; max-width: 96%; height: 80%; padding: 1 0 0 0; }
    ToolFilesScreen #about {
        height: auto; max-height: 4; padding: 0 2; margin: 0 0 1 0; color: $text-muted;
    }
    ToolFilesScreen #empty { display: none; padding: 0 2; height: 1fr; }
    ToolFilesScreen.-empty RowList { display: none; }
    ToolFilesScreen.-empty #empty { display: block; }
    ToolFilesScreen Offers { margin: 1 0 0 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("u", "upload", "upload", id="tool.upload"),
        Binding("a", "add", "from the server", id="tool.add"),
        Binding("v", "store", "another store", id="tool.store"),
        Binding("s", "search", "search it", id="tool.search"),
        Binding("f8,delete", "remove", "take out", id="tool.remove"),
        Binding("C", "cancel_all", "cancel uploads", show=False, id="tool.cancel"),
    ]
    AUTO_FOCUS = "RowList"

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen, kind: Kind) -> None:
        super().__init__()
        self.workspace = workspace
        self.library = workspace.library
        self.owner = owner
        self.kind = kind
        self.asking = Asking(owner, self.library)
        self._draft_id = workspace.editor.draft.value.id
        self.rows = RowList()
        self.upload_line = UploadLine()
        self.offers = MoreOffers(self._offers())
        self._ends: list[Callable[[], None]] = []
        self._redrawing = False

    def _offers(self) -> Sequence[tuple[str, str, str]]:
        more = (("v", "another store", "screen.store"), ("s", "search", "screen.search"))
        return (
            ("u", "upload", "screen.upload"),
            ("a", "from the server", "screen.add"),
            *(more if self.kind == "file_search" else ()),
            ("f8", "take out", "screen.remove"),
            ("esc", "close", "screen.leave"),
        )

    def compose(self) -> ComposeResult:
        name = str(self._values.get("name") or "this assistant")
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"{WORDS[self.kind]} of {name}")
            yield Static(id="about", markup=False)
            yield Static(with_keys(self, EMPTY[self.kind]), id="empty", markup=False)
            yield self.rows
            yield self.upload_line
            yield self.offers

    def on_mount(self) -> None:
        library = self.library
        self._ends = [
            watch(self, library.files, lambda _: self._soon()),
            watch(self, library.stores.listing, lambda _: self._soon()),
            watch(self, library.stores.opened, lambda _: self._soon()),
            watch(self, library.uploads.transfers, lambda _: self._soon()),
            watch(self, self.workspace.editor.draft, lambda _: self._soon()),
        ]
        self._show()
        self.owner.start(self._read(), "files of a tool")

    def on_unmount(self) -> None:
        for end in self._ends:
            end()
        self.library.stores.leave()

    async def _read(self) -> None:
        await self.library.refresh()
        if self.is_mounted and (store := self.store_id):
            await self.library.stores.open(store)

    # -- showing -------------------------------------------------------------------------------------------------------

    @property
    def _values(self) -> Mapping[str, Any]:
        return self.workspace.editor.draft.value.values

    @property
    def store_id(self) -> str:
        return store_of(self._values) if self.kind == "file_search" else ""

    def _soon(self) -> None:
        if not self._redrawing:
            self._redrawing = True
            self.set_timer(REDRAW, self._redraw)

    def _redraw(self) -> None:
        self._redrawing = False
        if not self.is_mounted:
            return
        if self.workspace.editor.draft.value.id != self._draft_id:
            self.dismiss()  # another assistant was opened meanwhile
            return
        self._show()

    def _show(self) -> None:
        rows = self._store_rows() if self.kind == "file_search" else self._code_rows()
        self.set_class(not rows, "-empty")
        self.rows.show(rows, max(0, self.rows.marked))
        about = self.query_one("#about", Static)
        text = self._about()
        about.display = bool(text)
        about.update(text)
        line = self.upload_line
        line.words = words.transfers_words(self.library.uploads.transfers.value)
        line.active = self.library.uploads.under_way
        line.display = bool(line.words)
        line.refresh()

    def _about(self) -> str:
        failure = self.library.files.value.failure or self.library.stores.listing.value.failure
        if failure is not None:
            return f"! {failure.sentence()}"
        if self.kind == "code_interpreter":
            count = len(code_files_of(self._values))
            return f"{count} of {MAX_CODE_FILES} files" if count else ""
        listing = self.library.stores.listing.value
        if not self.store_id:
            return ""
        row = listing.get(self.store_id)
        if row is None:
            unknown = f"Vector store {self.store_id}"
            return f"{unknown}: the server does not list it." if listing.loaded else f"{unknown}: ◌ reading…"
        return f"Vector store {row.shown_name}: {words.store_note(row)} · {words.expiry_words(row)}"

    def _store_rows(self) -> Sequence[Row]:
        opened = self.library.stores.opened.value
        if opened is None or opened.store_id != self.store_id or not self.store_id:
            return ()
        return store_rows(opened.rows)

    def _code_rows(self) -> Sequence[Row]:
        known = {row.id: row for row in self.library.files.value.rows}
        ids = code_files_of(self._values)
        return LazyRows(ids, lambda file_id: _code_row(file_id, known.get(file_id)))

    # -- changing ------------------------------------------------------------------------------------------------------

    async def edit(self, edits: Mapping[str, Any]) -> None:
        for field, value in edits.items():
            await self.workspace.editor.edit_late(self._draft_id, field, value)

    def action_upload(self) -> None:
        def answered(choice: PathChoice | None) -> None:
            if choice is not None:
                self.owner.start(self._send(choice), "upload")

        self.app.push_screen(AskPath(f"Upload for {WORDS[self.kind].lower()}", Path.cwd()), answered)

    async def _send(self, choice: PathChoice) -> None:
        paths = await self.asking.chosen(choice)
        if not paths:
            return
        if self.kind == "file_search":
            self.library.uploads.add(paths, await self._own_store())
        else:
            await self._send_code_files(paths)

    async def _own_store(self) -> str:
        """The assistant's store; one is made when there is none."""
        if store := self.store_id:
            return store
        name = str(self._values.get("name") or "Assistant")
        made = await self.library.stores.create(f"{name} files"[:256])
        await self._take_store(made)
        return made

    async def _send_code_files(self, paths: Sequence[Path]) -> None:
        """Checked for their number before a byte is sent."""
        before = code_files_of(self._values)
        with_code_files(self._values, [*before, *map(str, paths)])
        sent = await self.library.uploads.wait(self.library.uploads.add(paths))
        ids = [transfer.file_id for transfer in sent if transfer.phase == "done"]
        if self.workspace.editor.draft.value.id != self._draft_id:
            self.owner.tell("Another assistant was opened meanwhile: the files are on the server, but not given to it.")
            return
        if ids:
            await self.edit(with_code_files(self._values, [*code_files_of(self._values), *ids]))

    def action_add(self) -> None:
        """One that is on the server already."""
        from playground_tui.tui.files.choose import ChooseFile

        def answered(file_id: str | None) -> None:
            if file_id:
                self.owner.start(self._add(file_id), "give a file to a tool")

        self.app.push_screen(ChooseFile(self.workspace), answered)

    async def _add(self, file_id: str) -> None:
        if self.kind == "code_interpreter":
            await self.edit(with_code_files(self._values, [*code_files_of(self._values), file_id]))
        else:
            await self.library.stores.add_file(await self._own_store(), file_id)

    def action_store(self) -> None:
        from playground_tui.tui.files.choose import ChooseStore

        def answered(store_id: str | None) -> None:
            if store_id:
                self.owner.start(self._take_store(store_id), "choose a store")

        if self.kind == "file_search":
            self.app.push_screen(ChooseStore(self.workspace), answered)

    async def _take_store(self, store_id: str) -> None:
        await self.edit(with_store(self._values, store_id))
        await self.library.stores.open(store_id)

    @on(RowList.Chosen)
    def _read_file(self, event: RowList.Chosen) -> None:
        if self.kind == "file_search":
            self.asking.show_text(self.store_id, event.row.id, event.row.text.strip())

    def action_search(self) -> None:
        if self.store_id:
            self.asking.search_store(self.store_id)

    def action_remove(self) -> None:
        """Of a shared store it goes for all who search it; the file itself stays."""
        row = self.rows.row
        if row is None:
            return
        if self.kind == "code_interpreter":
            rest = [file_id for file_id in code_files_of(self._values) if file_id != row.id]
            self.owner.start(self.edit(with_code_files(self._values, rest)), "take a file from a tool")
        else:
            self.owner.start(self.library.stores.remove_file(self.store_id, row.id), "take a file out of a store")

    def action_cancel_all(self) -> None:
        self.library.uploads.cancel()

    def action_leave(self) -> None:
        self.dismiss()


def _code_row(file_id: str, row: FileRow | None) -> Row:
    if row is None:
        return Row(file_id, file_id, "not among the server's files", "", "?")
    return Row(file_id, row.shown_name, words.size_words(row.size), words.created_words(row.created_at))

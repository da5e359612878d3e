"""The files and vector stores of the present server, and what is on its way there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.files import words
from playground_tui.tui.files.asking import Asking
from playground_tui.tui.files.sections import FilesSection, Name, Section, StoresSection, UploadsSection
from playground_tui.tui.files.store_pane import InsideList, StorePane
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.line import Line, Span
from playground_tui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace

WIDE = 100
"""Columns from which a store and its files stand side by side."""
REDRAW = 0.1
"""Seconds: hundreds of steps of an upload are drawn as few pictures."""


class SectionLine(Line):
    DEFAULT_CSS = "SectionLine { padding: 0 1; margin: 0 0 1 0; }"

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections
        self.open: Name = "files"

    def left(self) -> list[Span]:
        spans: list[Span] = []
        for key, section in enumerate(self._sections, 1):
            style = "bold underline" if section.name == self.open else "$text-muted"
            action = f"screen.section('{section.name}')"
            spans += [Span(f"{key} ", "$text-muted", action), Span(section.title, style, action)]
            spans += [Span(f" {section.count()}", "$text-muted", action), Span("    ")]
        return spans


class UploadLine(Line):
    """How the uploads go on, while there are any."""

    DEFAULT_CSS = "UploadLine { padding: 0 1; margin: 1 0 0 0; display: none; }"

    words = ""
    active = False

    def left(self) -> list[Span]:
        return [Span(self.words, "", "screen.section('uploads')")]

    def right(self) -> list[Span]:
        return (
            [Span("C", "bold", "screen.cancel_all"), Span(" cancels", "", "screen.cancel_all")] if self.active else []
        )


class MoreOffers(Offers):
    def show(self, offers: Sequence[tuple[str, str, str]]) -> None:
        self._offers = offers
        self.refresh()


class FilesScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="FilesScreen")
        + """
    FilesScreen #frame { padding: 1 0 0 0; }
    FilesScreen #body { layout: horizontal; height: 1fr; }
    FilesScreen #rows { width: 1fr; }
    FilesScreen #inside { width: 58%; height: 1fr; display: none; border-left: solid $border-blurred; }
    FilesScreen.-stores #inside { display: block; }
    FilesScreen.-narrow #body { layout: vertical; }
    FilesScreen.-narrow.-stores #rows { height: 5; border-bottom: solid $border-blurred; }
    FilesScreen.-narrow #inside { width: 1fr; border-left: none; }
    FilesScreen.-narrow #about { max-height: 2; margin: 0; }
    FilesScreen.-empty #body { display: none; }
    FilesScreen #empty { display: none; padding: 1 2; }
    FilesScreen.-empty #empty { display: block; height: 1fr; }
    FilesScreen #detail { height: auto; max-height: 4; padding: 0 1 0 3; margin: 1 0 0 0; color: $text-muted; }
    FilesScreen.-stores #detail, FilesScreen.-empty #detail { display: none; }
    FilesScreen #failure { height: auto; max-height: 3; padding: 0 1; color: $text-warning; display: none; }
    FilesScreen Offers { margin: 1 0 0 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("1", "section('files')", "files", show=False, id="files.first"),
        Binding("2", "section('stores')", "vector stores", show=False, id="files.second"),
        Binding("3", "section('uploads')", "uploads", show=False, id="files.third"),
        Binding("right", "step(1)", "next list", id="files.next"),
        Binding("left", "step(-1)", "list before", show=False, id="files.previous"),
        Binding("u", "upload", "upload", id="files.upload"),
        Binding("n", "new", "new store", id="files.new"),
        Binding("a", "attach", "into a store", id="files.attach"),
        Binding("s", "search", "search it", id="files.search"),
        Binding("e", "expiry", "expiry", id="files.expiry"),
        Binding("r", "again", "rename, or send again", id="files.again"),
        Binding("d", "download", "download", id="files.download"),
        Binding("f8,delete", "delete", "delete", id="files.delete"),
        Binding("c", "cancel", "cancel upload", id="files.cancel"),
        Binding("C", "cancel_all", "cancel all uploads", id="files.cancel.all"),
        Binding("x", "clear", "clear the finished", id="files.clear"),
        Binding("f5", "reread", "read again", id="files.read"),
    ]
    AUTO_FOCUS = "#rows"

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen, section: Name = "files") -> None:
        super().__init__()
        self.workspace = workspace
        self.library = workspace.library
        self.owner = owner
        self.asking = Asking(owner, self.library)
        self.sections = (FilesSection(self.library), StoresSection(self.library), UploadsSection(self.library))
        self.line = SectionLine(self.sections)
        self.line.open = section
        self.rows = RowList(id="rows")
        self.pane = StorePane()
        self.upload_line = UploadLine()
        self.offers = MoreOffers(())
        self._marks: dict[str, int] = {}
        self._ends: list[Callable[[], None]] = []
        self._redrawing = False

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Files and vector stores"
            frame.border_subtitle = Content(self.workspace.connection.value.title)
            yield self.line
            yield Static(id="failure", markup=False)
            yield Static(id="empty", markup=False)
            with Widget(id="body"):
                yield self.rows
                yield self.pane
            yield Static(id="detail", markup=False)
            yield self.upload_line
            yield self.offers

    def on_mount(self) -> None:
        library = self.library
        self._ends = [
            watch(self, library.files, lambda _: self._soon()),
            watch(self, library.stores.listing, lambda _: self._soon()),
            watch(self, library.stores.opened, lambda _: self._soon()),
            watch(self, library.uploads.transfers, lambda _: self._soon()),
        ]
        self.action_section(self.line.open)
        self.owner.start(library.refresh(), "refresh files")

    def on_unmount(self) -> None:
        for end in self._ends:
            end()
        self.library.stores.leave()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    # -- showing -------------------------------------------------------------------------------------------------------

    @property
    def section(self) -> Section:
        return next(section for section in self.sections if section.name == self.line.open)

    @property
    def marked(self) -> str:
        """The id of the marked line; empty: none."""
        return self.rows.row.id if self.rows.row is not None else ""

    def _soon(self) -> None:
        if not self._redrawing:
            self._redrawing = True
            self.set_timer(REDRAW, self._redraw)

    def _redraw(self) -> None:
        self._redrawing = False
        if self.is_mounted:
            self._show(max(0, self.rows.marked))

    def _show(self, marked: int) -> None:
        section = self.section
        rows = section.rows()
        self.set_class(not rows, "-empty")
        self.set_class(section.name == "stores", "-stores")
        self.query_one("#empty", Static).update("◌ reading…" if section.loading() else with_keys(self, section.empty))
        self._show_failure()
        with self.prevent(RowList.Marked):
            self.rows.show(rows, marked)
        self.line.refresh()
        self.offers.show([offer for offer in section.offers if rows or offer[2] not in OF_ROWS])
        self.refresh_bindings()
        self._show_uploads()
        self._show_marked()

    def _show_failure(self) -> None:
        failure = self.section.failure()
        said = self.query_one("#failure", Static)
        said.display = failure is not None
        said.update(f"! {failure.sentence()}" if failure else "")

    def _show_uploads(self) -> None:
        line = self.upload_line
        line.words = words.transfers_words(self.library.uploads.transfers.value)
        line.active = self.library.uploads.under_way
        line.display = bool(line.words)
        line.refresh()

    @on(RowList.Marked)
    def _marked(self, event: RowList.Marked) -> None:
        if not isinstance(event, InsideList.Marked):
            self._show_marked()

    def _show_marked(self) -> None:
        text = self.section.detail(self.marked) if self.marked else ""
        self.query_one("#detail", Static).update(text)
        if self.section.name == "stores":
            self._show_store(text)

    def _show_store(self, text: str) -> None:
        stores, store_id = self.library.stores, self.marked
        opened = stores.opened.value
        if store_id and (opened is None or opened.store_id != store_id):
            self.owner.start(stores.open(store_id), "open store")
            opened = stores.opened.value
        self.pane.show_about(text)
        shown = opened if opened is not None and opened.store_id == store_id else None
        self.pane.show_files(shown, "Nothing is in it yet: u puts a file or a whole folder into it.")

    # -- lists ---------------------------------------------------------------------------------------------------------

    def action_section(self, name: Name) -> None:
        self._marks[self.line.open] = max(0, self.rows.marked)
        self.line.open = name
        self._show(self._marks.get(name, 0))
        self.refresh_bindings()
        self.rows.focus()

    def action_step(self, by: int) -> None:
        names = [section.name for section in self.sections]
        self.action_section(names[(names.index(self.line.open) + by) % len(names)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the other lists do nothing here, nor those of lines where there are none."""
        if not self.rows.rows and f"screen.{action}" in OF_ROWS:
            return False
        where = ACTIONS.get(action)
        return True if where is None else self.line.open in where

    def action_reread(self) -> None:
        self.owner.start(self.library.refresh(), "refresh files")

    def action_leave(self) -> None:
        self.dismiss()

    # -- what can be done ----------------------------------------------------------------------------------------------

    def action_upload(self) -> None:
        self.asking.upload(self.marked if self.line.open == "stores" else "")

    def action_new(self) -> None:
        self.asking.new_store()

    def action_attach(self) -> None:
        if self.marked:
            self.asking.attach_to_store(self.marked)

    def action_search(self) -> None:
        if self.marked:
            self.asking.search_store(self.marked)

    def action_expiry(self) -> None:
        if self.marked:
            self.asking.set_expiry(self.marked)

    def action_rename(self) -> None:
        if self.marked:
            self.asking.rename_store(self.marked)

    def action_again(self) -> None:
        if self.line.open == "uploads":
            self.action_retry()
        else:
            self.action_rename()

    def action_retry(self) -> None:
        if self.marked:
            self.library.uploads.retry(int(self.marked))

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        if isinstance(event, InsideList.Chosen):
            self.asking.show_text(self.marked, event.row.id, event.row.text.strip())
        elif self.line.open == "stores":
            self.pane.files.focus()
        elif self.line.open == "files":
            self.action_download()

    def action_download(self) -> None:
        if self.marked:
            name = self.rows.row.text.strip() if self.rows.row else ""
            self.asking.download(self.marked, name)

    def action_delete(self) -> None:
        if self.marked and self.rows.row is not None:
            self.asking.delete(self.line.open, self.rows.row)

    def action_cancel(self) -> None:
        if self.marked:
            self.library.uploads.cancel(int(self.marked))

    def action_cancel_all(self) -> None:
        self.library.uploads.cancel()

    def action_clear(self) -> None:
        self.library.uploads.clear()

    # -- inside a store ------------------------------------------------------------------------------------------------

    @on(InsideList.RemoveRequested)
    def _remove(self, event: InsideList.RemoveRequested) -> None:
        if self.marked:
            work: Any = self.library.stores.remove_file(self.marked, event.row.id)
            self.owner.start(work, "take a file out of a store")


ACTIONS: dict[str, tuple[Name, ...]] = {
    "new": ("stores", "files"),
    "attach": ("files",),
    "search": ("stores",),
    "expiry": ("stores",),
    "rename": ("stores",),
    "again": ("stores", "uploads"),
    "retry": ("uploads",),
    "download": ("files",),
    "delete": ("files", "stores"),
    "cancel": ("uploads",),
    "clear": ("uploads",),
}
"""In which lists an action means something."""
OF_ROWS = frozenset(
    f"screen.{action}"
    for action in (
        *("attach", "search", "expiry", "rename", "again", "retry"),
        *("download", "delete", "cancel", "cancel_all", "clear"),
    )
) | {"app.focus_next"}
"""What is done with a line of the list, or with some of them."""

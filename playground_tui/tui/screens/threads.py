"""The threads: search titles and texts, resume, rename, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from playground_tui.tui.lacking import why_not
from playground_tui.tui.screens.ask import AskText, confirm_delete
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import LazyRows, Row
from playground_tui.tui.words import list_time
from playground_tui.workspace.values import ThreadListing, ThreadRow

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace


class ThreadsScreen(PickScreen):
    heading = "Threads"
    search_hint = "Search titles and texts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "new", "new"),
        Binding("f2", "rename", "rename"),
        Binding("f8", "delete", "delete"),
    ]
    offers: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("enter", "resume", "screen.choose"),
        ("ctrl+t", "new", "screen.new"),
        ("f2", "rename", "screen.rename"),
        ("f8", "delete", "screen.delete"),
        ("esc", "close", "screen.leave"),
    )

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen) -> None:
        super().__init__(workspace)
        self._owner = owner
        self._end: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self._end = self.workspace.threads.listing.watch(lambda _listing: self.refill())
        self._owner.start(self.workspace.threads.refresh(), "refresh threads")

    def on_unmount(self) -> None:
        self._end()

    @property
    def _listing(self) -> ThreadListing:
        return self.workspace.threads.listing.value

    @property
    def _open_id(self) -> str | None:
        return self.workspace.conversation.value.state.value.thread_id

    def why_not(self, action: str) -> str:
        return why_not(action, self.workspace.connection.value.lacking)

    def found(self, text: str) -> Sequence[Row]:
        items = self.workspace.threads.search(text) if text else self._listing.rows
        return LazyRows(items, self._row)

    def _row(self, item: ThreadRow) -> Row:
        unsent = " · unsent text" if item.has_unsent else ""
        sign = "●" if item.id == self._open_id else " "
        note = item.preview if item.preview != item.title else ""
        return Row(item.id, f"{item.title}{unsent}", note, list_time(item.used_at or item.created_at), sign)

    def start_index(self) -> int:
        return next((index for index, item in enumerate(self._listing.rows) if item.id == self._open_id), 0)

    def status(self, text: str, rows: Sequence[Row]) -> str:
        if self._listing.failure is not None:
            return f"! {self._listing.failure.sentence()}"
        if rows:
            return ""
        if text:
            return f"No thread matches “{text}”."
        return "Your conversations will be listed here, to be resumed. The first message starts one: esc, then write."

    def action_new(self) -> None:
        self.dismiss("")

    def action_rename(self) -> None:
        row = self.rows.row
        if row is None:
            return
        title = next((item.title for item in self._listing.rows if item.id == row.id), row.text)

        def rename(text: str | None) -> None:
            if text:
                self._owner.start(self.workspace.threads.rename(row.id, text), "rename thread")

        self.app.push_screen(AskText("Rename thread", title), rename)

    def action_delete(self) -> None:
        row = self.rows.row
        if row is None:
            return

        def delete(answer: str | None) -> None:
            if answer == "delete":
                self._owner.start(self.workspace.threads.delete(row.id), "delete thread")

        self.app.push_screen(confirm_delete(row.text, "Its messages go with it."), delete)

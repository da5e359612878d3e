"""The threads: search titles and texts, resume, rename, note, take out, delete with undo, clean up many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from playground_tui.tui.key_words import with_keys
from playground_tui.tui.lacking import why_not
from playground_tui.tui.screens.ask import AskText
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import LazyRows, Row
from playground_tui.tui.words import list_time, without_marks
from playground_tui.workspace.values import ThreadListing, ThreadRow

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.thread_search import ThreadHit
    from playground_tui.workspace.workspace import Workspace


class ThreadsScreen(PickScreen):
    heading = "Threads"
    search_hint = "Search titles and texts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "new", "new", id="threads.new"),
        Binding("f2", "rename", "rename", id="threads.rename"),
        Binding("f4", "metadata", "metadata", id="threads.metadata"),
        Binding("f5", "clean_up", "clean up", id="threads.clean"),
        Binding("f6", "mark", "mark", id="threads.mark"),
        Binding("f7", "export", "export", id="threads.export"),
        Binding("f8", "delete", "delete", id="threads.delete"),
        Binding("f9", "restore", "bring back", id="threads.restore"),
        Binding("f10", "import", "import", id="threads.import"),
    ]
    offers: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("enter", "resume", "screen.choose"),
        ("ctrl+t", "new", "screen.new"),
        ("f2", "rename", "screen.rename"),
        ("f4", "metadata", "screen.metadata"),
        ("f5", "clean up", "screen.clean_up"),
        ("f6", "mark", "screen.mark"),
        ("f7", "export", "screen.export"),
        ("f8", "delete", "screen.delete"),
        ("f9", "bring back", "screen.restore"),
        ("f10", "import", "screen.import"),
        ("esc", "close", "screen.leave"),
    )

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen) -> None:
        super().__init__(workspace)
        self._owner = owner
        self._end: Callable[[], None] = lambda: None
        self._hits: tuple[str, tuple[ThreadHit, ...]] = ("", ())
        """What was found for which text."""
        self._marked: set[str] = set()

    def on_mount(self) -> None:
        self._end = watch(self, self.workspace.threads.listing, lambda _listing: self._listing_changed())
        self._owner.start(self.workspace.threads.refresh(), "refresh threads")

    def on_unmount(self) -> None:
        self._end()

    def _listing_changed(self) -> None:
        self._hits = ("", ())
        self._marked &= {row.id for row in self._listing.rows}
        self.refill()

    @property
    def _listing(self) -> ThreadListing:
        return self.workspace.threads.listing.value

    @property
    def _open_id(self) -> str | None:
        return self.workspace.conversation.value.state.value.thread_id

    def why_not(self, action: str) -> str:
        return why_not(action, self.workspace.connection.value.lacking)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def found(self, text: str) -> Sequence[Row]:
        """Titles at once; what stands in the messages as soon as the store has read it."""
        if not text:
            return LazyRows(self._listing.rows, self._row)
        if self._hits[0] == text:
            return [row for hit in self._hits[1] for row in self._rows_of(hit)]
        finding = partial(self._find, text)  # no coroutine yet: the next letter may end it before it began
        self.run_worker(finding, exclusive=True, group="find", exit_on_error=False)  # type: ignore[arg-type]
        words = text.casefold().split()
        titled = [row for row in self._listing.rows if all(word in row.title.casefold() for word in words)]
        return LazyRows(titled, self._row)

    async def _find(self, text: str) -> None:
        hits = await self.workspace.threads.find(text)
        if self.is_mounted and self.search.value.strip() == text:
            self._hits = (text, hits)
            self.refill()

    def _rows_of(self, hit: ThreadHit) -> list[Row]:
        said = [Row("", f"      {snippet.text}", heading=True) for snippet in hit.snippets]
        return [self._row(hit.row), *said]

    def _row(self, item: ThreadRow) -> Row:
        unsent = " · unsent text" if item.has_unsent else ""
        sign = "✓" if item.id in self._marked else "●" if item.id == self._open_id else " "
        note = without_marks(item.preview) if item.preview != item.title else ""
        return Row(item.id, f"{item.title}{unsent}", note, list_time(item.used_at or item.created_at), sign)

    def start_index(self) -> int:
        return next((index for index, item in enumerate(self._listing.rows) if item.id == self._open_id), 0)

    def status(self, text: str, rows: Sequence[Row]) -> str:
        if self._listing.failure is not None:
            return f"! {self._listing.failure.sentence()}"
        if rows:
            marked = (
                f"✓ {len(self._marked)} marked: {{threads.export:f7}} exports them, {{threads.delete:f8}} deletes them."
            )
            return with_keys(self, marked) if self._marked else ""
        if text:
            return f"No thread matches “{text}”."
        return "Your conversations will be listed here, to be resumed. The first message starts one: esc, then write."

    # -- one thread ----------------------------------------------------------------------------------------------------

    def action_new(self) -> None:
        self.dismiss("")

    def _title(self, thread_id: str) -> str:
        return next((item.title for item in self._listing.rows if item.id == thread_id), thread_id)

    def action_rename(self) -> None:
        row = self.rows.row
        if row is None:
            return

        def rename(text: str | None) -> None:
            if text:
                self._owner.start(self.workspace.threads.rename(row.id, text), "rename thread")

        self.app.push_screen(AskText("Rename thread", self._title(row.id)), rename)

    def action_metadata(self) -> None:
        if self.rows.row is not None:
            from playground_tui.tui.threads.metadata import edit_metadata

            self._owner.start(edit_metadata(self._owner, self.rows.row.id), "metadata")

    # -- many ----------------------------------------------------------------------------------------------------------

    @property
    def _meant(self) -> tuple[str, ...]:
        """The marked threads in the list's order, else the one under the cursor."""
        if self._marked:
            return tuple(row.id for row in self._listing.rows if row.id in self._marked)
        return (self.rows.row.id,) if self.rows.row is not None else ()

    def action_mark(self) -> None:
        row = self.rows.row
        if row is not None:
            self._marked ^= {row.id}
            at = self.rows.marked
            self.refill()
            self.rows.marked = at
            self.rows.action_move(1)

    def action_clean_up(self) -> None:
        """Mark what may go; deleting is another key."""
        from playground_tui.tui.threads.clean_up import HEADING, clean_up_menu

        row = self.rows.row
        item = next((one for one in self._listing.rows if row is not None and one.id == row.id), None)
        assistants = self.workspace.assistants.listing.value
        names = {one.id: one.name for one in assistants.rows}
        all_known = assistants.source == "server" and assistants.failure is None
        heading = with_keys(self, HEADING)
        menu = clean_up_menu(heading, item, names, all_known=all_known, can_unmark=bool(self._marked))
        self.app.push_screen(menu, lambda which: self._mark_for(which, item))

    def _mark_for(self, which: str | None, item: ThreadRow | None) -> None:
        from playground_tui.tui.threads.clean_up import what_may_go

        if which is None:
            return
        names = frozenset(one.id for one in self.workspace.assistants.listing.value.rows)
        keep = (self._open_id,) if self._open_id else ()
        found = what_may_go(which, self._listing.rows, item, names, self.workspace.clock.now(), keep)
        self._marked = {row.id for row in found}
        self.refill()
        self._owner.tell(f"{len(found)} marked." if found else "No thread is marked.")

    def action_delete(self) -> None:
        meant = self._meant
        if meant:
            self._owner.start(self._delete(meant), "delete threads")

    async def _delete(self, meant: tuple[str, ...]) -> None:
        what = f"“{self._title(meant[0])}”" if len(meant) == 1 else f"{len(meant)} threads"
        await self.workspace.threads.discard(meant)
        self._marked.clear()
        back = with_keys(self, "{threads.restore:f9}")
        self._owner.tell(f"{what} deleted; {back} in the list of threads brings back what was deleted.")

    def action_restore(self) -> None:
        """What was deleted last, one press after the other."""
        discarded = self.workspace.threads.discarded
        if discarded:
            self._owner.start(self.workspace.threads.restore([discarded[0].id]), "bring thread back")
        else:
            self._owner.tell("Nothing was deleted since the program started.")

    def action_export(self) -> None:
        if self._meant:
            from playground_tui.tui.threads.export import export_threads

            export_threads(self._owner, self._meant, self._title(self._meant[0]))

    def action_import(self) -> None:
        self.dismiss(None)
        self._owner.call_next(self._owner.run_action, "import")

"""The assistants of the present server: search, open, new, duplicate, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from playground_tui.tui.key_words import with_keys
from playground_tui.tui.screens.ask import confirm_delete
from playground_tui.tui.screens.assistant_actions import DELETE_NOTE
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import LazyRows, Row
from playground_tui.workspace.documents import fields_of
from playground_tui.workspace.values import AssistantListing, AssistantRow

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace


EMPTY = (
    "Your assistants will be listed here: instructions, model and tools under a name. "
    "{assistants.new:ctrl+n} starts one."
)


class AssistantsScreen(PickScreen):
    heading = "Assistants"
    search_hint = "Search names, descriptions, instructions, models"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "new", "new", id="assistants.new"),
        Binding("f5", "duplicate", "duplicate", id="assistants.duplicate"),
        Binding("f8", "delete", "delete", id="assistants.delete"),
        Binding("ctrl+z", "undo_delete", "undo the deletion", id="assistants.undo"),
        Binding("f4", "sort", "sort", id="assistants.sort"),
        Binding("f6", "compare", "compare with the open one", id="assistants.compare"),
        Binding("f7", "import", "import", id="assistants.import"),
        Binding("f9", "export", "export", id="assistants.export"),
        Binding("f3", "servers", "other servers", id="assistants.servers"),
    ]
    offers: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("enter", "open", "screen.choose"),
        ("ctrl+n", "new", "screen.new"),
        ("f5", "duplicate", "screen.duplicate"),
        ("f8", "delete", "screen.delete"),
        ("f4", "sort", "screen.sort"),
        ("f6", "compare", "screen.compare"),
        ("f7", "import", "screen.import"),
        ("f9", "export", "screen.export"),
        ("f3", "servers", "screen.servers"),
        ("esc", "close", "screen.leave"),
    )

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen) -> None:
        super().__init__(workspace)
        self._owner = owner
        self._order = 0
        self._sorted: tuple[Sequence[AssistantRow], int, Sequence[AssistantRow]] = ((), 0, ())
        self._end: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self._end = watch(self, self.workspace.assistants.listing, lambda _listing: self.refill())
        self._owner.start(self.workspace.assistants.refresh(), "refresh assistants")

    def on_unmount(self) -> None:
        self._end()

    def found(self, text: str) -> Sequence[Row]:
        items = self.workspace.assistants.search(text) if text else self._listing.rows
        return LazyRows(self._in_order(items), self._row)

    def _in_order(self, items: Sequence[AssistantRow]) -> Sequence[AssistantRow]:
        """The listing comes with the last used first. One sort is kept: the list asks again with each key."""
        key = ORDERS[self._order][1]
        if key is None:
            return items
        if self._sorted[:2] != (items, self._order):
            self._sorted = (items, self._order, sorted(items, key=key))
        return self._sorted[2]

    @property
    def _listing(self) -> AssistantListing:
        return self.workspace.assistants.listing.value

    @property
    def _open_ids(self) -> tuple[str | None, str]:
        draft = self.workspace.editor.draft.value
        return draft.assistant_id, draft.id

    def _row(self, item: AssistantRow) -> Row:
        sign = "●" if item.id in self._open_ids else " "
        state = " · draft" if item.is_draft else " · unsaved" if item.unsaved else ""
        note = " ".join((item.description or item.instructions[:200]).split())
        name = item.name or ("New assistant" if item.is_draft else "Unnamed")
        return Row(item.id, f"{name}{state}", note, item.model, sign)

    def start_index(self) -> int:
        ids = self._open_ids
        return next((index for index, item in enumerate(self._listing.rows) if item.id in ids), 0)

    def status(self, text: str, rows: Sequence[Row]) -> str:
        if self._listing.failure is not None:
            return f"! {self._listing.failure.sentence()}"
        if rows:
            return f"Sorted by {ORDERS[self._order][0]}." if self._order else ""
        if text:
            return f"No assistant matches “{text}”."
        return with_keys(self, EMPTY)

    def action_new(self) -> None:
        self.dismiss("")

    def action_duplicate(self) -> None:
        if row := self.rows.row:
            self._owner.start(self._duplicate(row.id), "duplicate assistant")

    async def _duplicate(self, row_id: str) -> None:
        self.dismiss(await self.workspace.assistants.duplicate(row_id))

    def action_delete(self) -> None:
        row = self.rows.row
        if row is None:
            return

        def delete(answer: str | None) -> None:
            if answer == "delete":
                self._owner.start(self._delete(row.id, row.text), "delete assistant")

        self.app.push_screen(confirm_delete(row.text, DELETE_NOTE), delete)

    async def _delete(self, row_id: str, name: str) -> None:
        await self.workspace.assistants.delete(row_id)
        undo = with_keys(self, "{assistants.undo:ctrl+z}")
        self._owner.tell(f"{name} is deleted; {undo} in this list brings it back.")

    def action_undo_delete(self) -> None:
        if deleted := self.workspace.assistants.last_deleted:
            self._owner.start(self._undo(*deleted), "undo a deletion")

    async def _undo(self, row_id: str, name: str) -> None:
        await self.workspace.assistants.undo_delete(row_id)
        self._owner.tell(f"{name} is back, with its versions.")

    def action_sort(self) -> None:
        self._order = (self._order + 1) % len(ORDERS)
        self.refill(0)

    def action_compare(self) -> None:
        """The marked one with the open one, side by side."""
        row = self.rows.row
        if row is not None and row.id in self._open_ids:
            self._owner.tell(f"{row.text} is the open one: mark another to compare it with.")
        elif row is not None:
            self._owner.start(self._compare(row.id, row.text), "compare assistants")

    async def _compare(self, row_id: str, name: str) -> None:
        from playground_tui.tui.versions.diff_screen import DiffScreen
        from playground_tui.workspace.differences import compare

        left = dict(self.workspace.editor.draft.value.values)
        right = await self._fields(row_id)
        diffs = await asyncio.to_thread(compare, left, right)
        mine = str(left.get("name") or "the open one")
        self.app.push_screen(DiffScreen("Compare", (mine, name), diffs, same="The two are the same."))

    async def _fields(self, row_id: str) -> dict[str, Any]:
        return fields_of(await self.workspace.records().read(self._listed(row_id)))

    def _listed(self, row_id: str) -> AssistantRow:
        return next(row for row in self._listing.rows if row.id == row_id)

    def action_import(self) -> None:
        from playground_tui.tui.exchange.import_screen import ImportScreen

        self.app.push_screen(ImportScreen(self.workspace, self._owner))

    def action_export(self) -> None:
        if row := self.rows.row:
            self._owner.start(self._export(row.id), "export")

    async def _export(self, row_id: str) -> None:
        from playground_tui.tui.exchange.actions import export_assistant

        export_assistant(self._owner, await self._fields(row_id))

    def action_servers(self) -> None:
        from playground_tui.tui.exchange.actions import copy_between_servers

        row = self.rows.row
        copy_between_servers(self._owner, (row.id,) if row and not self._listed(row.id).is_draft else ())


ORDERS: tuple[tuple[str, Callable[[AssistantRow], Any] | None], ...] = (
    ("last use", None),
    ("name", lambda row: (row.name.casefold(), row.id)),
    ("model", lambda row: (row.model.casefold(), row.name.casefold())),
    ("age, newest first", lambda row: (-row.created_at, row.name.casefold())),
)

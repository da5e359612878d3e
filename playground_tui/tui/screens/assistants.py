"""The assistants of the present server: search, open, new, duplicate, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from playground_tui.tui.screens.ask import confirm_delete
from playground_tui.tui.screens.assistant_actions import DELETE_NOTE
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import LazyRows, Row
from playground_tui.workspace.values import AssistantListing, AssistantRow

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace


class AssistantsScreen(PickScreen):
    heading = "Assistants"
    search_hint = "Search names, descriptions, instructions, models"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "new", "new"),
        Binding("f5", "duplicate", "duplicate"),
        Binding("f8", "delete", "delete"),
    ]
    offers: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("enter", "open", "screen.choose"),
        ("ctrl+n", "new", "screen.new"),
        ("f5", "duplicate", "screen.duplicate"),
        ("f8", "delete", "screen.delete"),
        ("esc", "close", "screen.leave"),
    )

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen) -> None:
        super().__init__(workspace)
        self._owner = owner
        self._end: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self._end = self.workspace.assistants.listing.watch(lambda _listing: self.refill())
        self._owner.start(self.workspace.assistants.refresh(), "refresh assistants")

    def on_unmount(self) -> None:
        self._end()

    def found(self, text: str) -> Sequence[Row]:
        items = self.workspace.assistants.search(text) if text else self._listing.rows
        return LazyRows(items, self._row)

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
        return Row(item.id, f"{item.name or 'Unnamed'}{state}", note, item.model, sign)

    def start_index(self) -> int:
        ids = self._open_ids
        return next((index for index, item in enumerate(self._listing.rows) if item.id in ids), 0)

    def status(self, text: str, rows: Sequence[Row]) -> str:
        if self._listing.failure is not None:
            return f"! {self._listing.failure.sentence()}"
        if rows:
            return ""
        if text:
            return f"No assistant matches “{text}”."
        return "Your assistants will be listed here: instructions, model and tools under a name. ctrl+n starts one."

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
                self._owner.start(self.workspace.assistants.delete(row.id), "delete assistant")

        self.app.push_screen(confirm_delete(row.text, DELETE_NOTE), delete)

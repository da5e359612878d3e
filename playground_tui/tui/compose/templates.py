"""Messages worth keeping: insert, rename, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from playground_tui.tui.screens.ask import AskText, confirm_delete
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import Row

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace


class TemplatesScreen(PickScreen):
    """Answers the name of the template to insert."""

    heading = "Templates"
    search_hint = "Search names and texts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "rename", "rename", id="templates.rename"),
        Binding("f8", "delete", "delete", id="templates.delete"),
    ]
    offers: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("enter", "insert", "screen.choose"),
        ("f2", "rename", "screen.rename"),
        ("f8", "delete", "screen.delete"),
        ("esc", "close", "screen.leave"),
    )

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen) -> None:
        super().__init__(workspace)
        self._owner = owner

    def found(self, text: str) -> Sequence[Row]:
        words = text.casefold()
        return [
            Row(template.name, f"/{template.name}", template.summary)
            for template in self.workspace.templates.listing.value
            if words in f"{template.name} {template.text}".casefold()
        ]

    def status(self, text: str, rows: Sequence[Row]) -> str:
        if rows:
            return ""
        if text:
            return f"No template matches “{text}”."
        return "Messages worth keeping: choose one in the chat with enter, then Save as template. /name inserts it."

    def action_rename(self) -> None:
        if (row := self.rows.row) is not None:
            old = row.id

            def rename(new: str | None) -> None:
                if new:
                    self._owner.start(self._renamed(old, new), "rename template")

            self.app.push_screen(AskText("Rename template", old), rename)

    async def _renamed(self, old: str, new: str) -> None:
        await self.workspace.templates.rename(old, new)
        self.refill()

    def action_delete(self) -> None:
        if (row := self.rows.row) is not None:
            name = row.id

            def delete(answer: str | None) -> None:
                if answer == "delete":
                    self._owner.start(self._deleted(name), "delete template")

            self.app.push_screen(confirm_delete(f"/{name}", "Its text is gone then."), delete)

    async def _deleted(self, name: str) -> None:
        await self.workspace.templates.delete(name)
        self.refill()

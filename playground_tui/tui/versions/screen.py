"""The versions of the open assistant: when, what changed, side by side; labels, notes, restore."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.versions.diff_screen import FRAME, Sides
from playground_tui.tui.versions.diff_view import DiffView
from playground_tui.tui.versions.words import moment_words, note_words
from playground_tui.tui.widgets.row_list import LazyRows, Row, RowList
from playground_tui.workspace.differences import compare
from playground_tui.workspace.versions import VersionRow

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace

WIDE = 100
"""Columns from which list and difference stand side by side."""
EMPTY = (
    "Versions will be listed here: the whole assistant as it stood. The first comes with the first save; saves within "
    "ten minutes fold into one, and each run, ctrl+s or label begins another."
)


class VersionsScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="VersionsScreen")
        + """
    VersionsScreen #body { layout: horizontal; height: 1fr; }
    VersionsScreen #list { width: 40%; max-width: 56; height: 1fr; border-right: solid $border-blurred; }
    VersionsScreen #diff { width: 1fr; height: 1fr; layout: vertical; }
    VersionsScreen.-narrow #body { layout: vertical; }
    VersionsScreen.-narrow #list {
        width: 1fr; max-width: 100%; height: 7; border-right: none; border-bottom: solid $border-blurred;
    }
    VersionsScreen.-empty #body { display: none; }
    VersionsScreen #said { display: none; padding: 1 2; max-height: 100%; }
    VersionsScreen.-empty #said { display: block; height: 1fr; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("r", "restore", "restore", id="versions.restore"),
        Binding("l", "label", "label", id="versions.label"),
        Binding("n", "note", "note", id="versions.note"),
        Binding("m", "mark", "mark", id="versions.mark"),
        Binding("f", "against_form", "against the form", id="versions.form"),
        Binding("b", "against_before", "against the one before", show=False, id="versions.before"),
    ]
    OFFERS: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("r", "restore", "screen.restore"),
        ("l", "label", "screen.label"),
        ("n", "note", "screen.note"),
        ("m", "compare with this", "screen.mark"),
        ("f", "with the form", "screen.against_form"),
        ("b", "with the one before", "screen.against_before"),
        ("esc", "close", "screen.leave"),
    )
    AUTO_FOCUS = "RowList"

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.workspace = workspace
        self._owner = owner
        self._now = now
        draft = workspace.editor.draft.value
        self._draft_id = draft.id
        self._assistant = str(draft.values.get("name") or "this assistant")
        self._versions: list[VersionRow] = []
        self._base: int | None = None
        """The version that the marked one is compared with; None: the one before it, 0: the form."""
        self.rows = RowList(id="rows")
        self.view = DiffView("The same as before.")
        self.sides = Sides("", "")
        self._showing: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Versions of {self._assistant}")
            yield Static(EMPTY, id="said", markup=False)
            with Widget(id="body"):
                with Widget(id="list"):
                    yield self.rows
                with Widget(id="diff"):
                    yield self.sides
                    yield self.view
            yield Offers(self.OFFERS)

    def on_mount(self) -> None:
        self._owner.start(self._read(), "versions")

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    async def _read(self) -> None:
        self._versions = await self.workspace.versions.listing(self._draft_id)
        if self.is_mounted:
            self.set_class(not self._versions, "-empty")
            self.rows.show(LazyRows(self._versions, self._row), max(0, self.rows.marked))

    def _row(self, version: VersionRow) -> Row:
        newest = version is self._versions[0]
        sign = "◆" if version.number == self._base else "●" if newest else " "
        text = f"{version.number:>3}  {moment_words(version.saved_at, self._now())}"
        return Row(str(version.number), text, note_words(version), version.label, sign)

    @property
    def marked(self) -> VersionRow | None:
        index = self.rows.marked
        return self._versions[index] if 0 <= index < len(self._versions) else None

    # -- the difference ------------------------------------------------------------------------------------------------

    @on(RowList.Marked)
    def _show_marked(self) -> None:
        if self._showing is not None:
            self._showing.cancel()
        if (version := self.marked) is not None:
            self._showing = asyncio.create_task(self._show(version))

    async def _show(self, version: VersionRow) -> None:
        right = await self._body(version.number)
        left, name = await self._other(version)
        diffs = await asyncio.to_thread(compare, left, right)
        self.sides.show(name, f"version {version.number}")
        self.view.show(
            diffs, "This is where it began." if version.number == 1 and not left else "The two are the same."
        )

    async def _other(self, version: VersionRow) -> tuple[dict[str, Any], str]:
        if self._base == 0:
            return dict(self.workspace.editor.draft.value.values), "the form now"
        if self._base is not None:
            return await self._body(self._base), f"version {self._base}"
        older = [other.number for other in self._versions if other.number < version.number]
        if not older:
            return {}, "nothing before"
        return await self._body(older[0]), f"version {older[0]}"

    async def _body(self, number: int) -> dict[str, Any]:
        return await self.workspace.versions.body(self._draft_id, number) or {}

    def action_against_form(self) -> None:
        self._compare_with(None if self._base == 0 else 0)

    def action_against_before(self) -> None:
        self._compare_with(None)

    def action_mark(self) -> None:
        """Compare all others with this one."""
        if version := self.marked:
            self._compare_with(None if self._base == version.number else version.number)

    def _compare_with(self, base: int | None) -> None:
        self._base = base
        self.rows.refresh()
        self._show_marked()

    # -- what can be done ----------------------------------------------------------------------------------------------

    @on(RowList.Chosen)
    def action_restore(self) -> None:
        version = self.marked
        if version is None:
            return
        if self.workspace.editor.draft.value.id != self._draft_id:
            self.dismiss()  # another assistant was opened meanwhile
            return
        self._owner.start(self._restore(version.number), "restore version")
        self.dismiss()

    async def _restore(self, number: int) -> None:
        await self.workspace.editor.restore(number)
        self._owner.tell(f"Version {number} is back, as a new version; the others stay.")

    def action_label(self) -> None:
        from playground_tui.tui.screens.ask import AskText

        if version := self.marked:
            title = f"Label of version {version.number}: prod, dev, or any word; empty takes it off"
            self.app.push_screen(AskText(title, version.label), lambda text: self._label(version, text))

    def _label(self, version: VersionRow, text: str | None) -> None:
        if text is not None:
            self._then_read(self.workspace.versions.label(self._draft_id, version.number, text))

    def action_note(self) -> None:
        from playground_tui.tui.screens.ask import AskText

        if version := self.marked:
            ask = AskText(f"Note on version {version.number}", version.note)
            self.app.push_screen(ask, lambda text: self._note(version, text))

    def _note(self, version: VersionRow, text: str | None) -> None:
        if text is not None:
            self._then_read(self.workspace.versions.note(self._draft_id, version.number, text))

    def _then_read(self, work: Any) -> None:
        async def both() -> None:
            await work
            await self._read()

        self._owner.start(both(), "versions")

    def action_leave(self) -> None:
        self.dismiss()

    async def on_unmount(self) -> None:
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)

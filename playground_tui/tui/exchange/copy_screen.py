"""Assistants between the present server and another one: what would happen is shown first, one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.versions.diff_screen import FRAME, Sides
from playground_tui.tui.versions.diff_view import DiffView
from playground_tui.tui.versions.screen import WIDE
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.row_list import Row, RowList
from playground_tui.workspace.exchange.links import Links
from playground_tui.workspace.exchange.plan import PlanItem
from playground_tui.workspace.exchange.servers import Direction, ServerPlace, apply_plan, read_plan
from playground_tui.workspace.failures import FailureError

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.headless import Headless
    from playground_tui.workspace.workspace import Workspace

STEPS = {
    "create": ("+", "new there"),
    "update": ("~", "changes"),
    "same": (" ", "the same"),
    "collision": ("!", "left alone"),
}


class CopyScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="CopyScreen")
        + """
    CopyScreen #body { layout: horizontal; height: 1fr; }
    CopyScreen RowList { width: 40%; max-width: 56; border-right: solid $border-blurred; }
    CopyScreen #diff { width: 1fr; height: 1fr; layout: vertical; }
    CopyScreen.-narrow #body { layout: vertical; }
    CopyScreen.-narrow RowList {
        width: 1fr; max-width: 100%; height: 6; border-right: none; border-bottom: solid $border-blurred;
    }
    CopyScreen #said { padding: 0 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("ctrl+s", "apply", "do it", id="copies.apply"),
    ]
    AUTO_FOCUS = "RowList"

    def __init__(
        self,
        workspace: Workspace,
        owner: WorkspaceScreen,
        direction: Direction,
        server: str,
        title: str,
        only: Sequence[str] = (),
    ) -> None:
        """`server`: the other one's id; `only`: ids of the source's assistants, none means all."""
        super().__init__()
        self.workspace = workspace
        self._owner = owner
        self._direction = direction
        self._server = server
        self._other_title = title
        self._only = tuple(only)
        self._items: tuple[PlanItem, ...] = ()
        self._other: Headless | None = None
        self._working: asyncio.Task[None] | None = None
        self.rows = RowList()
        self.view = DiffView("Both are the same.")

    @property
    def _names(self) -> tuple[str, str]:
        """The server read from, and the one written to."""
        here = self.workspace.connection.value.title
        return (here, self._other_title) if self._direction == "push" else (self._other_title, here)

    def compose(self) -> ComposeResult:
        source, target = self._names
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"{'Push' if self._direction == 'push' else 'Pull'}: {source} → {target}")
            frame.border_subtitle = "ctrl+s does it · esc leaves all as it is"
            yield Static("◌ reading both servers…", id="said", markup=False)
            with Widget(id="body"):
                yield self.rows
                with Widget(id="diff"):
                    yield Sides(f"on {target} now", "afterwards")
                    yield self.view
            with Widget(id="buttons"):
                yield TextButton("Do it", id="apply", disabled=True)
                yield TextButton("Leave all as it is", id="leave")

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    def on_mount(self) -> None:
        self._working = asyncio.create_task(self._work(self._read()))

    async def _work(self, work: object) -> None:
        try:
            await work  # type: ignore[misc]
        except FailureError as error:
            self._say(f"! {error.failure.sentence()}")

    # -- planning ------------------------------------------------------------------------------------------------------

    def _places(self) -> tuple[ServerPlace, ServerPlace]:
        if self._other is None:
            self._other = self.workspace.other_server(self._server)
        there = ServerPlace(self._other.calls, self._other.records)
        here = self.workspace.place()
        return (here, there) if self._direction == "push" else (there, here)

    def _links(self) -> Links:
        here = self.workspace.connection.value.server
        ends = (here, self._server) if self._direction == "push" else (self._server, here)
        return Links(self.workspace.store, *ends)

    async def _read(self) -> None:
        source, target = self._places()
        self._items = await read_plan(source, target, self._links(), self._only)
        self._show_plan()

    def _show_plan(self) -> None:
        todo = [item for item in self._items if item.step in ("create", "update")]
        self.rows.show([_row(item) for item in self._items])
        self.query_one("#apply", TextButton).disabled = not todo
        left = sum(item.left_behind for item in self._items)
        words = f"{len(todo)} of {len(self._items)} would change." if todo else "Nothing would change."
        if left:
            words += f" Files and vector stores of {left} stay where they are."
        self._say(words)

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(text)

    @on(RowList.Marked)
    def _show_marked(self) -> None:
        index = self.rows.marked
        if 0 <= index < len(self._items):
            item = self._items[index]
            self.view.show(item.diffs if item.step != "collision" else (), item.why or "Both are the same.")

    # -- doing ---------------------------------------------------------------------------------------------------------

    @on(TextButton.Pressed, "#apply")
    def action_apply(self) -> None:
        todo = any(item.step in ("create", "update") for item in self._items)
        if todo and self._working is not None and self._working.done():
            self._working = asyncio.create_task(self._work(self._apply()))

    async def _apply(self) -> None:
        self._say("◌ working…")
        done = await apply_plan(self._items, self._places()[1], self._links())
        await self._read()
        why = "".join(f"\n! {name}: {reason}" for name, reason in done.failed)
        self._say(f"✓ {done.sentence()}.{why}")
        self._owner.start(self.workspace.assistants.refresh(), "refresh assistants")

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss()

    async def on_unmount(self) -> None:
        if self._working is not None:
            await asyncio.gather(self._working, return_exceptions=True)
        if self._other is not None:
            self._owner.start(self._other.close(), "leave the other server")


def _row(item: PlanItem) -> Row:
    sign, words = STEPS[item.step]
    return Row(item.source_id, item.name, item.why, words, sign)

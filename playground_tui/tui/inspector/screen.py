"""The inspector over the main screen: the timeline left, the marked row's story beside it. Digits go to the call of
that number, so a question about the third call takes two keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from playground_tui.tui.inspector.rows import ACTIVE, Item, items_of, slowest_call, so_far
from playground_tui.tui.inspector.texts import detail, raw_text, summary
from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import RowList
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.inspector.values import RunInspection

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.values import ConversationState, RunView
    from playground_tui.workspace.workspace import Workspace

WIDE = 100
"""Columns from which the story stands beside the timeline, not below it."""
LOOK_AGAIN = 1.0
"""Seconds between two looks at a run that goes on."""
SHOWN = 20_000
"""Characters of a text that are drawn; all of it is copied."""


class InspectorScreen(ModalScreen[None]):
    DEFAULT_CSS = """
    InspectorScreen { align: center middle; background: $background 60%; }
    InspectorScreen > #frame {
        width: 98%; height: 96%; background: $surface;
        border: round $accent; border-title-color: $foreground; border-title-style: bold;
    }
    InspectorScreen #summary { height: auto; max-height: 6; padding: 0 1; margin: 0 0 1 0; }
    InspectorScreen #body { height: 1fr; layout: vertical; }
    InspectorScreen.-wide #body { layout: horizontal; }
    InspectorScreen RowList { height: 45%; width: 1fr; }
    InspectorScreen.-wide RowList { height: 1fr; width: 58; }
    InspectorScreen #story { height: 1fr; width: 1fr; padding: 0 1; scrollbar-size-vertical: 1;
        border-top: solid $border-blurred; }
    InspectorScreen.-wide #story { border-top: none; border-left: solid $border-blurred; }
    InspectorScreen #story:focus { border-top: solid $accent; }
    InspectorScreen.-wide #story:focus { border-top: none; border-left: solid $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,shift+f7", "leave", "close"),
        Binding("r", "raw", "raw JSON", id="inspector.raw"),
        Binding("c", "copy", "copy", id="inspector.copy"),
        Binding("u", "curl", "copy as curl", id="inspector.curl"),
        Binding("d", "changes", "changes since", id="inspector.changes"),
        Binding("i", "copy_ids", "copy ids", id="inspector.ids"),
        Binding("f5", "read", "read again", id="inspector.read"),
        Binding("s", "slowest", "slowest call", id="inspector.slowest"),
    ]
    OFFERS = (
        ("1-9", "call", "screen.call(1)"),
        ("s", "slowest", "screen.slowest"),
        ("r", "raw JSON", "screen.raw"),
        ("c", "copy", "screen.copy"),
        ("u", "curl", "screen.curl"),
        ("d", "changes since", "screen.changes"),
        ("i", "ids", "screen.copy_ids"),
        ("f5", "read again", "screen.read"),
        ("esc", "close", "screen.leave"),
    )
    AUTO_FOCUS = "RowList"

    rows = getters.query_one(RowList)

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen, thread_id: str, run_id: str) -> None:
        super().__init__()
        self.workspace = workspace
        self._owner = owner
        self._ids = (thread_id, run_id)
        self._run: RunInspection | None = None
        self._items: dict[str, Item] = {}
        self._raw = False
        self._wanted = 0
        """The call that was asked for before the run was read."""
        self._text = ""
        self._told = ""
        """The row that is told of."""
        self._end: Callable[[], None] = lambda: None
        self._view: RunView | None = None
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Inspector"
            yield Static("◌ reading the run", id="summary", markup=False)
            with Container(id="body"):
                yield RowList()
                with VerticalScroll(id="story"):
                    yield Static("", markup=False)
            yield Offers(self.OFFERS)

    def on_mount(self) -> None:
        self.action_read()
        self._end = watch(self, self.workspace.conversation.value.state, self._conversation_changed)

    def on_unmount(self) -> None:
        self._end()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")

    # -- reading -------------------------------------------------------------------------------------------------------

    def action_read(self) -> None:
        self.run_worker(self._read, exclusive=True, exit_on_error=False)  # type: ignore[arg-type]

    def _conversation_changed(self, state: ConversationState) -> None:
        """Something was heard of a run that goes on."""
        if state.run is not self._view:
            self._view = state.run
            if self._goes_on:
                self.action_read()

    @property
    def _goes_on(self) -> bool:
        return self._run is None or self._run.status in ACTIVE

    def _look_again_later(self) -> None:
        """While the run goes on; its server may tell nothing by itself."""
        if self._goes_on and self._timer is None:
            self._timer = self.set_interval(LOOK_AGAIN, self.action_read)
        elif not self._goes_on and self._timer is not None:
            self._timer.stop()
            self._timer = None

    async def _read(self) -> None:
        try:
            run = await self.workspace.inspector.run(*self._ids)
        except FailureError as error:
            self.query_one("#summary", Static).update(Content(f"! {error.failure.sentence()}"))
            return
        self._run = run = so_far(run, self.workspace.clock.now())
        self._look_again_later()
        marked = self.rows.row.id if self.rows.row is not None else ""
        items = items_of(run)
        self._items = {item.row.id: item for item in items if item.row.id}
        self.query_one("#summary", Static).update(summary(run))
        place = next((i for i, item in enumerate(items) if marked and item.row.id == marked), 0)
        self.rows.show([item.row for item in items], place)
        if self._wanted:
            self.action_call(self._wanted)

    # -- the marked row ------------------------------------------------------------------------------------------------

    @property
    def _item(self) -> Item | None:
        return self._items.get(self.rows.row.id) if self.rows.row is not None else None

    @on(RowList.Marked)
    def _marked(self, event: RowList.Marked) -> None:
        """The same row again keeps what is shown of it, and where."""
        row_id = event.row.id if event.row is not None else ""
        if row_id != self._told:
            self._raw = False
        self._tell(keep_place=row_id == self._told)
        self._told = row_id

    def _tell(self, *, keep_place: bool = False) -> None:
        run, item = self._run, self._item
        if run is None or item is None:
            content = Content("")
        elif self._raw and item.exchange is None:
            content = Content(raw_text(run, item))
        else:
            content = detail(run, item)
        if keep_place and content.plain == self._text:
            return
        self._text = content.plain
        shown = content if len(content) <= SHOWN else content[:SHOWN] + Content("\n… c copies all of it")
        self.query_one("#story Static", Static).update(shown)
        if not keep_place:
            self.query_one("#story").scroll_home(animate=False)

    @on(RowList.Chosen)
    def _chosen(self) -> None:
        self.query_one("#story").focus()

    def on_key(self, event: events.Key) -> None:
        if event.key.isdecimal() and event.key != "0":
            event.stop()
            self.action_call(int(event.key))

    def action_call(self, number: int) -> None:
        """To the call of this number, as soon as the run is read."""
        self._wanted = number if self._run is None else 0
        self._mark(f"call-{number}")

    def _mark(self, row_id: str) -> None:
        place = next((i for i, row in enumerate(self.rows.rows) if row.id == row_id), None)
        if place is not None:
            self.rows.marked = place

    def action_slowest(self) -> None:
        slowest = slowest_call(self._run) if self._run is not None else None
        item = next((item for item in self._items.values() if slowest is not None and item.call is slowest), None)
        if item is not None:
            self._mark(item.row.id)

    def action_raw(self) -> None:
        """The JSON of the step, or of the run, and back."""
        self._raw = not self._raw
        self._tell()

    # -- copies and changes --------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        if self._text:
            self.app.copy_to_clipboard(self._text)

    def action_copy_ids(self) -> None:
        self.app.copy_to_clipboard("\n".join(self._ids))

    def action_curl(self) -> None:
        """The marked request, else the one that made the run."""
        from playground_tui.workspace.inspector.curl import curl_of

        said = self._item.exchange if self._item is not None else None
        if said is None and self._run is not None:
            said = next((x for x in self._run.exchanges if x.method.upper() == "POST"), None)
        if said is None:
            self._owner.tell("No request of this run was made since the program started.")
        else:
            self.app.copy_to_clipboard(curl_of(said))

    def action_changes(self) -> None:
        if self._run is not None:
            self._owner.start(self._changes(self._run), "changes since the run")

    async def _changes(self, run: RunInspection) -> None:
        from playground_tui.tui.inspector.changes import changes_screen

        self.app.push_screen(await changes_screen(self.workspace, run))

    def action_leave(self) -> None:
        self.dismiss()

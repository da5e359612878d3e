"""Servers, providers and aliases in one list; what is known of the marked one beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.settings.model import LOCAL_SERVER, Provider, Server
from playground_tui.tui.connections.detail import detail_of
from playground_tui.tui.connections.rows import alias_of, entry_of, row_id, rows_of
from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import RowList
from playground_tui.workspace.connections.values import Entry

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace

SIDE_BY_SIDE = 100
"""Columns from which the details stand beside the list."""
ALIAS_NOTE = "An assistant that names this model runs on the other one: for names that were retired."


class ConnectionOffers(Offers):
    """Only what can be done with the marked line."""

    def show(self, offers: Sequence[tuple[str, str, str]]) -> None:
        self._offers = offers
        self.refresh(layout=True)


class ConnectionsScreen(ModalScreen[None]):
    DEFAULT_CSS = """
    ConnectionsScreen { align: center middle; background: $background 60%; }
    ConnectionsScreen > #frame {
        width: 98%; max-width: 130; height: 90%; background: $surface;
        border: round $accent; border-title-color: $foreground; border-title-style: bold; padding: 0;
    }
    ConnectionsScreen #body { height: 1fr; layout: vertical; }
    ConnectionsScreen #body > RowList { height: 1fr; width: 1fr; }
    ConnectionsScreen #beside { height: 9; width: 1fr; padding: 0 2; margin: 1 0 0 0; scrollbar-size-vertical: 1; }
    ConnectionsScreen.-narrow > #frame { width: 100%; height: 100%; }
    ConnectionsScreen #beside:focus { background: $panel; }
    ConnectionsScreen.-wide #body { layout: horizontal; }
    ConnectionsScreen.-wide #beside { height: 1fr; width: 46%; margin: 0; padding: 0 1 0 2; }
    ConnectionsScreen #detail { height: auto; }
    ConnectionsScreen #problems { height: auto; max-height: 4; padding: 0 2; color: $text-warning; display: none; }
    ConnectionsScreen Offers { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("a,ctrl+n", "add", "add", id="connections.add"),
        Binding("e", "edit", "edit", id="connections.edit"),
        Binding("t", "test", "test", id="connections.test"),
        Binding("k", "key", "key", id="connections.key"),
        Binding("m", "model", "default model", id="connections.model"),
        Binding("d", "default", "make default", id="connections.default"),
        Binding("f8,delete", "remove", "remove", id="connections.remove"),
    ]
    AUTO_FOCUS = "RowList"

    rows = getters.query_one(RowList)

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen, marked: Entry | None = None) -> None:
        super().__init__()
        self.workspace = workspace
        self._connections = workspace.connections
        self._owner = owner
        self._first = marked or Entry("servers", workspace.connection.value.server)
        self._ends: list[Callable[[], None]] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Connections"
            with Container(id="body"):
                yield RowList()
                with VerticalScroll(id="beside"):
                    yield Static(id="detail", markup=False)
            yield Static(id="problems", markup=False)
            yield ConnectionOffers(())

    def on_mount(self) -> None:
        self._ends = [
            watch(self, self._connections.state, lambda _: self.refill()),
            watch(self, self._connections.probes, lambda _: self._show_detail()),
            watch(self, self.workspace.connection, lambda _: self.refill()),
        ]
        self.refill(self._first)
        self._owner.start(self._connections.take_up(), "reread settings")

    def on_unmount(self) -> None:
        for end in self._ends:
            end()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= SIDE_BY_SIDE, "-wide")
        self.set_class(event.size.width < SIDE_BY_SIDE, "-narrow")

    # -- pictures ------------------------------------------------------------------------------------------------------

    def refill(self, wanted: Entry | None = None) -> None:
        before = row_id(wanted) if wanted else self.rows.row.id if self.rows.row else ""
        rows = rows_of(self._connections.state.value, self.workspace.connection.value)
        place = next((n for n, row in enumerate(rows) if row.id == before), self.rows.marked)
        self.rows.show(rows, place)
        self._show_problems()
        self._show_detail()

    def _show_problems(self) -> None:
        problems = self._connections.state.value.problems
        shown = self.query_one("#problems", Static)
        shown.display = bool(problems)
        shown.update("\n".join(f"! {problem}" for problem in problems))

    @on(RowList.Marked)
    def _show_detail(self) -> None:
        item, entry = self._item, self._entry
        self.query_one("#detail", Static).update(self._detail(item, entry))
        self.query_one(ConnectionOffers).show(self._offers(item))

    def _detail(self, item: Provider | Server | None, entry: Entry | None) -> Content:
        if item is None or entry is None:
            return Content(ALIAS_NOTE if self._alias else "")
        probe = self._connections.probes.value.get(entry)
        return detail_of(item, self._connections.state.value, self.workspace.connection.value, probe)

    def _offers(self, item: Provider | Server | None) -> Sequence[tuple[str, str, str]]:
        offers = [("enter", "use" if isinstance(item, Server) else "edit", "screen.choose"), ("a", "add", "screen.add")]
        if isinstance(item, Server) and not self._is_local:
            offers.append(("e", "edit", "screen.edit"))
        if item is not None:
            offers.append(("t", "test", "screen.test"))
        if item is not None and not self._is_fixed:
            offers.append(("k", "key", "screen.key"))
        if isinstance(item, Provider):
            offers.append(("m", "model", "screen.model"))
        if item is not None:
            offers.append(("d", "default", "screen.default"))
        if not self._is_fixed:
            offers.append(("f8", "remove", "screen.remove"))
        return [*offers, ("esc", "close", "screen.leave")]

    # -- the marked line -----------------------------------------------------------------------------------------------

    @property
    def _entry(self) -> Entry | None:
        return entry_of(self.rows.row)

    @property
    def _alias(self) -> str:
        return alias_of(self.rows.row)

    @property
    def _item(self) -> Provider | Server | None:
        return self._connections.item(self._entry) if self._entry else None

    @property
    def _is_local(self) -> bool:
        return self._entry == Entry("servers", LOCAL_SERVER)

    @property
    def _is_fixed(self) -> bool:
        """What the program brings: nothing to give a key to, nothing to remove."""
        item = self._item
        return self._is_local or (isinstance(item, Provider) and item.kind == "demo")

    # -- what can be done ----------------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_choose(self) -> None:
        self.rows.action_choose()

    @on(RowList.Chosen)
    def _chosen(self) -> None:
        entry = self._entry
        if entry is not None and entry.section == "servers":
            self._owner.start(self.workspace.use_server(entry.id), "use server")
        else:
            self.action_edit()

    def action_add(self) -> None:
        from playground_tui.tui.connections.add import AddScreen, new_entry

        def take(choice: str | None) -> None:
            if choice == "alias":
                self._edit_alias("")
            elif choice:
                self._open_form(new_entry(choice, self._connections.state.value), new=True)

        self.app.push_screen(AddScreen(self.workspace), take)

    def action_edit(self) -> None:
        item = self._item
        if self._is_local:
            self._owner.tell("The local server is part of this app: there is nothing to set. Its models are providers.")
        elif item is not None:
            self._open_form(item, new=False)
        elif self._alias:
            self._edit_alias(self._alias)

    def _open_form(self, item: Provider | Server, *, new: bool) -> None:
        from playground_tui.tui.connections.form import EntryForm

        def saved(entry: Entry | None) -> None:
            if entry is not None:
                self.refill(entry)
                self.action_test()

        self.app.push_screen(EntryForm(self._connections, item, new=new), saved)

    def _edit_alias(self, name: str) -> None:
        from playground_tui.tui.connections.alias import AliasScreen

        aliases = self._connections.state.value.settings.aliases
        taken = tuple(alias for alias in aliases if alias != name)

        def take(answer: tuple[str, str] | None) -> None:
            if answer is not None:
                self._owner.start(self._put_alias(name, *answer), "alias")

        self.app.push_screen(AliasScreen(name, aliases.get(name, ""), taken), take)

    async def _put_alias(self, before: str, name: str, model: str) -> None:
        if before and before != name:
            await self._connections.put_alias(before, "")
        await self._connections.put_alias(name, model)

    def action_test(self) -> None:
        if self._entry is not None:
            self._connections.test(self._entry)

    def action_key(self) -> None:
        from playground_tui.tui.connections.key_screen import KeyScreen

        entry, item = self._entry, self._item
        if entry is None or item is None or self._is_fixed:
            self._owner.tell("It needs no key.")
            return
        has_one = entry in self._connections.state.value.session_keys
        self.app.push_screen(KeyScreen(self._connections, entry, item.title or item.id, forgettable=has_one))

    def action_model(self) -> None:
        from playground_tui.tui.connections.default_model import DefaultModelScreen

        item = self._item
        if not isinstance(item, Provider):
            return

        def take(model: str | None) -> None:
            if model:
                self._owner.start(self._connections.set_default_model(item.id, model), "default model")

        self.app.push_screen(DefaultModelScreen(self.workspace, item), take)

    def action_default(self) -> None:
        if self._entry is not None:
            self._owner.start(self._connections.set_default(self._entry), "make default")

    def action_remove(self) -> None:
        from playground_tui.tui.screens.ask import Ask

        entry, alias = self._entry, self._alias
        if self._is_fixed or not (entry or alias):
            self._owner.tell("That belongs to the program and stays.")
            return
        name = entry.id if entry else alias
        note = "Assistants and threads on it stay." if entry else "The name then goes to the default provider."
        question = Ask("Remove", f"Remove “{name}” from the settings? {note}", (("remove", "Remove"), ("keep", "Keep")))

        def take(answer: str | None) -> None:
            if answer == "remove":
                work = self._connections.remove(entry) if entry else self._connections.put_alias(alias, "")
                self._owner.start(work, "remove")

        self.app.push_screen(question, take)

"""The form of one provider or server. What is wrong is said at its field; nothing is written before all is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.settings.keys import check_reference
from playground_tui.settings.model import Provider, Server
from playground_tui.tui.connections.form_fields import FormRow, rows_for
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.connections.forms import PROVIDER_FIELDS, SERVER_FIELDS, Read, read_entry, texts_of
from playground_tui.workspace.connections.values import Entry, Section
from playground_tui.workspace.failures import FailureError

if TYPE_CHECKING:
    from playground_tui.workspace.connections.connections import Connections

NOT_A_REFERENCE = "Name the key instead of writing it here. To give the key itself, save and press k."


class EntryForm(ModalScreen[Entry | None]):
    """Answers what was saved, None when left."""

    DEFAULT_CSS = """
    EntryForm { align: center middle; background: $background 60%; }
    EntryForm > #frame {
        width: 84; max-width: 98%; height: auto; max-height: 94%; background: $surface;
        border: round $accent; border-title-color: $foreground; border-title-style: bold; padding: 0;
    }
    EntryForm VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    EntryForm #says { height: auto; padding: 0 1; color: $text-error; display: none; }
    EntryForm #buttons { height: 1; margin: 1 0 0 0; padding: 0 1; dock: bottom; }
    EntryForm #buttons TextButton { margin: 0 2 0 0; }
    EntryForm #space { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("ctrl+s", "save", "save", priority=True, id="connection.save"),
        Binding("up", "app.focus_previous", "field above", show=False),
        Binding("down", "app.focus_next", "field below", show=False),
    ]

    def __init__(self, connections: Connections, item: Provider | Server, *, new: bool) -> None:
        super().__init__()
        self._connections = connections
        self._item = item
        self._new = new
        self._section: Section = "providers" if isinstance(item, Provider) else "servers"
        self._tried = False
        """Once saving was tried, problems follow the typing."""

    def compose(self) -> ComposeResult:
        texts = texts_of(self._item)
        fields = PROVIDER_FIELDS if self._section == "providers" else SERVER_FIELDS
        what = "provider" if self._section == "providers" else "server"
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"New {what}" if self._new else f"Edit {what}")
            with VerticalScroll(can_focus=False):
                yield from rows_for(fields, texts, new=self._new)
                yield Static("", id="says", markup=False)
                yield Static("", id="space")
            with Horizontal(id="buttons"):
                yield TextButton("Save and test", id="save")
                yield TextButton("Cancel", id="cancel")

    def on_mount(self) -> None:
        self._note_key()
        first = "base_url" if not self._new or "YOUR-" in self._item.base_url else "id"
        self.query_one(f"#row-{first}", FormRow).control.focus()

    # -- while typing --------------------------------------------------------------------------------------------------

    @on(FormRow.Changed)
    def _changed(self, event: FormRow.Changed) -> None:
        if event.row.field == "key":
            self._note_key()
        if self._tried:
            self._show(self._read())

    def _note_key(self) -> None:
        row = self.query_one("#row-key", FormRow)
        ref = row.text.strip()
        is_reference = ":" in ref or "session".startswith(ref) or ref in ("env", "keyring", "command")
        wrong = not is_reference and check_reference(ref) is not None
        row.hide_text(wrong)
        note = NOT_A_REFERENCE if wrong else "" if check_reference(ref) else self._connections.key_note(ref)
        row.show_note(note, wrong=wrong)

    def _read(self) -> Read:
        texts = {row.field: row.text for row in self.query(FormRow)}
        settings = self._connections.state.value.settings
        taken = [i.id for i in (*settings.providers, *settings.servers) if isinstance(i, type(self._item))]
        preset = self._item.preset if isinstance(self._item, Provider) else ""
        return read_entry(self._section, texts, preset=preset, taken=taken if self._new else ())

    def _show(self, read: Read) -> None:
        for row in self.query(FormRow):
            problem = read.problems.get(row.field, "")
            if row.field != "key" or problem:
                row.show_note(problem, wrong=bool(problem))

    # -- saving --------------------------------------------------------------------------------------------------------

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    @on(TextButton.Pressed, "#save")
    def action_save(self) -> None:
        self._tried = True
        read = self._read()
        self._show(read)
        if read.item is not None:
            self.run_worker(self._save(read.item), exclusive=True, exit_on_error=False)
            return
        wrong = next(row for row in self.query(FormRow) if row.field in read.problems)
        wrong.control.focus()

    async def _save(self, item: Provider | Server) -> None:
        try:
            await self._connections.put(item)
        except FailureError as error:
            says = self.query_one("#says", Static)
            says.update(f"! {error.failure.sentence()}")
            says.display = True
        else:
            self.dismiss(Entry(self._section, item.id))

    @on(TextButton.Pressed, "#cancel")
    def action_leave(self) -> None:
        self.dismiss(None)

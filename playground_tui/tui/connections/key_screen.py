"""A key given by hand: for this session, or into the system keyring. It is masked, and never comes back out."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.screens.ask import FRAME
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.connections.values import Entry
from playground_tui.workspace.failures import FailureError

if TYPE_CHECKING:
    from playground_tui.workspace.connections.connections import Connections

SAYS = (
    "Paste the key. For this session it stays in memory and is forgotten when the program ends; the system keyring "
    "keeps it, and only its name goes into the settings."
)


class KeyScreen(ModalScreen[None]):
    DEFAULT_CSS = FRAME.format(name="KeyScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close")]

    def __init__(self, connections: Connections, entry: Entry, title: str, *, forgettable: bool) -> None:
        super().__init__()
        self._connections = connections
        self._entry = entry
        self._title = title
        self._forgettable = forgettable

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Key for {self._title}")
            yield Static(SAYS, id="says", markup=False)
            yield Input(password=True, placeholder="the key")
            with Horizontal():
                yield TextButton("For this session", id="session")
                yield TextButton("Into the keyring", id="keyring")
                if self._forgettable:
                    yield TextButton("Forget it", id="forget")
                yield TextButton("Cancel", id="cancel")

    def _taken(self) -> str:
        """The key, gone from the widget; empty when there is none that could be one."""
        box = self.query_one(Input)
        key = box.value.strip()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            self._say("A key has no spaces and only plain characters.")
            return ""
        with box.prevent(Input.Changed):
            box.value = ""
        return key

    @on(Input.Submitted)
    @on(TextButton.Pressed, "#session")
    def _for_session(self) -> None:
        if key := self._taken():
            self._start(self._give(key))

    @on(TextButton.Pressed, "#keyring")
    def _into_keyring(self) -> None:
        if key := self._taken():
            self._start(self._store(key))

    @on(TextButton.Pressed, "#forget")
    def _forget(self) -> None:
        self._start(self._give(""))

    def _start(self, work: Coroutine[object, object, None]) -> None:
        self.run_worker(work, exclusive=True, exit_on_error=False)

    async def _give(self, key: str) -> None:
        self._say("Taken; asking with it…")
        await self._connections.give_session_key(self._entry, key)
        self.dismiss(None)

    async def _store(self, key: str) -> None:
        self._say("Asking the keyring…")
        try:
            await self._connections.store_key(self._entry, key)
        except FailureError as error:
            self._say(error.failure.sentence())
            self.query_one(Input).focus()
        else:
            self.dismiss(None)

    def _say(self, sentence: str) -> None:
        self.query_one("#says", Static).update(sentence)

    @on(TextButton.Pressed, "#cancel")
    def action_leave(self) -> None:
        self.dismiss(None)

"""Which server the app talks to, how that stands, and which others there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from playground_tui.settings.model import LOCAL_SERVER, Server, Settings
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import Row
from playground_tui.tui.words import connection_words
from playground_tui.workspace.values import ConnectionState

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


class ConnectionsScreen(PickScreen):
    heading = "Connection"
    search_hint = "Search servers"

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        super().__init__(workspace)
        self._settings = settings
        self._end: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self._end = self.workspace.connection.watch(lambda _state: self.refill())

    def on_unmount(self) -> None:
        self._end()

    @property
    def _state(self) -> ConnectionState:
        return self.workspace.connection.value

    def found(self, text: str) -> Sequence[Row]:
        servers = (Server(LOCAL_SERVER, title="local"), *self._settings.servers)
        return [self._row(server) for server in servers if text.lower() in f"{server.id} {server.base_url}".lower()]

    def _row(self, server: Server) -> Row:
        here = server.id == self._state.server
        where = server.base_url or "carried by this app, no network between"
        return Row(
            server.id,
            server.title or server.id,
            where,
            connection_words(self._state) if here else "",
            "●" if here else " ",
        )

    def start_index(self) -> int:
        return next((index for index, row in enumerate(self.found("")) if row.id == self._state.server), 0)

    def status(self, text: str, rows: Sequence[Row]) -> str:
        lines = [f"Models of the local server come from: {_provider_words(self._settings)}."]
        if self._state.failure is not None:
            lines.append(f"! {self._state.failure.sentence()}")
        elif self._state.notice:
            lines.append(self._state.notice)
        return "\n".join(lines)


def _provider_words(settings: Settings) -> str:
    words = []
    for provider in settings.providers:
        mark = " (default)" if provider.id == settings.default_provider else ""
        words.append(f"{provider.id}{mark}")
    return ", ".join(words)

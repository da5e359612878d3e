"""Which way, and which server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from playground_tui.tui.config.choices import ChoiceList, Option
from playground_tui.tui.config.functions.dialog import FRAME
from playground_tui.workspace.exchange.servers import Direction


class ServerChoice(ModalScreen[tuple[Direction, str] | None]):
    DEFAULT_CSS = FRAME.format(name="ServerChoice")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close")]
    AUTO_FOCUS = "ChoiceList"

    def __init__(self, servers: Sequence[tuple[str, str]], *, one: bool) -> None:
        """`servers`: id and title; `one`: a single assistant is marked, and is what a push takes."""
        super().__init__()
        what = "this assistant" if one else "all assistants"
        pushes = [Option(f"Push {what} to {title}", ("push", server)) for server, title in servers]
        pulls = [Option(f"Pull all assistants from {title}", ("pull", server)) for server, title in servers]
        self._options = [*pushes, *pulls]

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Between servers"
            frame.border_subtitle = "enter shows what would change · esc closes"
            yield ChoiceList(self._options)

    @on(ChoiceList.Chosen)
    def _chosen(self, event: ChoiceList.Chosen) -> None:
        event.stop()
        self.dismiss(event.value)

    def action_leave(self) -> None:
        self.dismiss(None)

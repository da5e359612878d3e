"""Leaving while a reply is being written: wait for it, stop it, or leave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.settings.model import LOCAL_SERVER
from playground_tui.tui.screens.ask import FRAME
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.words import is_active

if TYPE_CHECKING:
    from playground_tui.workspace.values import ConversationState
    from playground_tui.workspace.workspace import Workspace

LEFT_HERE = "Leave ends the app now; what has come so far is kept."
LEFT_THERE = "Leave ends the app; the server goes on, and the reply is there when you come back."


class QuitScreen(ModalScreen[bool]):
    """Answers True when the app may end."""

    DEFAULT_CSS = FRAME.format(name="QuitScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", "stay"),
        Binding("w", "wait", "wait", show=False),
        Binding("s", "stop", "stop", show=False),
        Binding("l", "leave", "leave", show=False),
        Binding("left", "app.focus_previous", "previous", show=False),
        Binding("right", "app.focus_next", "next", show=False),
    ]

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._end: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        local = self._workspace.connection.value.server == LOCAL_SERVER
        with Vertical(id="frame") as frame:
            frame.border_title = "Quit"
            yield Static(f"A reply is being written. {LEFT_HERE if local else LEFT_THERE}", markup=False)
            with Horizontal():
                yield TextButton("Wait for it", id="wait")
                yield TextButton("Stop it", id="stop")
                yield TextButton("Leave", id="leave")
                yield TextButton("Stay", id="stay")

    def on_unmount(self) -> None:
        self._end()

    @on(TextButton.Pressed, "#wait")
    def action_wait(self) -> None:
        self.query_one(Static).update("Waiting for the reply; the app ends with it. Esc stays.")
        self.query_one("#wait").disabled = True
        self._end_when_idle()

    @on(TextButton.Pressed, "#stop")
    async def action_stop(self) -> None:
        self._end_when_idle()
        await self._workspace.conversation.value.stop()

    def _end_when_idle(self) -> None:
        def look(state: ConversationState) -> None:
            if not is_active(state.run) and self.is_current:
                self.dismiss(True)

        self._end()
        self._end = self._workspace.conversation.value.state.watch(look, now=True)

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(True)

    @on(TextButton.Pressed, "#stay")
    def action_stay(self) -> None:
        self.dismiss(False)

"""Leaving while a reply is being written: wait for it, stop it, or leave it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.screens.ask import FRAME
from playground_tui.tui.widgets.button import TextButton

if TYPE_CHECKING:
    from playground_tui.workspace.conversation import Conversation

LEFT_HERE = "Leave ends the app now; what has come so far is kept."
LEFT_THERE = "Leave ends the app; the server goes on, and the reply is there when you come back."
NOT_STOPPED = "This server cannot cancel it."


class QuitScreen(ModalScreen[bool]):
    """Answers True when the app may end."""

    DEFAULT_CSS = FRAME.format(name="QuitScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", "stay"),
        Binding("w", "wait", "wait", show=False, id="quit.wait"),
        Binding("s", "stop", "stop", show=False, id="quit.stop"),
        Binding("l", "leave", "leave", show=False, id="quit.leave"),
        Binding("left", "app.focus_previous", "previous", show=False),
        Binding("right", "app.focus_next", "next", show=False),
    ]

    def __init__(self, running: Sequence[Conversation], *, carried: bool, stoppable: bool = True) -> None:
        """`carried`: the runs belong to the service inside this app, and end with it. `stoppable`: the server can
        cancel them."""
        super().__init__()
        self._conversations = running
        self._carried = carried
        self._stoppable = stoppable

    def compose(self) -> ComposeResult:
        count = len(self._conversations)
        what = "A reply is being written." if count == 1 else f"{count} replies are being written."
        says = [what, LEFT_HERE if self._carried else LEFT_THERE, *([] if self._stoppable else [NOT_STOPPED])]
        with Vertical(id="frame") as frame:
            frame.border_title = "Quit"
            yield Static(" ".join(says), markup=False)
            with Horizontal():
                yield TextButton("Wait for it", id="wait")
                if self._stoppable:
                    yield TextButton("Stop it", id="stop")
                yield TextButton("Leave", id="leave")
                yield TextButton("Stay", id="stay")

    @on(TextButton.Pressed, "#wait")
    def action_wait(self) -> None:
        self.query_one(Static).update("The app ends when the reply is done. Esc stays.")
        self.query_one("#wait", TextButton).disabled = True
        self.run_worker(self._end_when_idle(), exclusive=True, exit_on_error=False)

    @on(TextButton.Pressed, "#stop")
    def action_stop(self) -> None:
        if not self._stoppable:
            return
        self.query_one(Static).update("Stopping…")
        self.run_worker(self._stop_and_end(), exclusive=True, exit_on_error=False)

    async def _stop_and_end(self) -> None:
        await asyncio.gather(*(conversation.stop() for conversation in self._conversations))
        await self._end_when_idle()

    async def _end_when_idle(self) -> None:
        await asyncio.gather(*(conversation.wait_idle() for conversation in self._conversations))
        self.dismiss(True)

    @on(TextButton.Pressed, "#leave")
    def action_leave(self) -> None:
        self.dismiss(True)

    @on(TextButton.Pressed, "#stay")
    def action_stay(self) -> None:
        self.dismiss(False)

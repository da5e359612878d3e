"""One sentence in, a difference out: what the model would make of the instructions, to be taken or dropped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.exact import visible
from playground_tui.tui.config.text_row import LineInput
from playground_tui.tui.versions.diff_screen import FRAME, Sides
from playground_tui.tui.versions.diff_view import DiffView
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.differences import compare
from playground_tui.workspace.failures import FailureError

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace

HINT = "Say in one sentence what the assistant is to do, or do better. Nothing changes until you take it."


class DraftingScreen(ModalScreen[str | None]):
    """Answers the instructions to take, None for none."""

    DEFAULT_CSS = (
        FRAME.format(name="DraftingScreen")
        + """
    DraftingScreen LineInput, DraftingScreen LineInput:focus { padding: 0 1; margin: 0 1 0 1; background: $panel; }
    DraftingScreen #said { padding: 1 2; }
    DraftingScreen #said.-wrong { color: $text-error; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("ctrl+s", "take", "take it", id="drafting.take"),
    ]
    AUTO_FOCUS = "LineInput"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        draft = workspace.editor.draft.value
        self._before = str(draft.values.get("instructions") or "")
        self._model = str(draft.values.get("model") or "")
        self._assistant_id = draft.assistant_id
        self._made: str | None = None
        self._writing: asyncio.Task[None] | None = None
        self._ticks: Timer | None = None
        self._seconds = 0
        self.view = DiffView("The model would leave the instructions as they are.")

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Improve the instructions" if self._before else "Draft instructions")
            frame.border_subtitle = "enter asks the model · ctrl+s takes it · esc drops it"
            yield LineInput(placeholder="Answer in the customer's language, and never promise a date.")
            yield Static(HINT, id="said", markup=False)
            yield Sides("the instructions now", f"drafted by {visible(self._model)}")
            yield self.view
            with Widget(id="buttons"):
                yield TextButton("Take it", id="take")
                yield TextButton("Drop it", id="drop")

    def on_mount(self) -> None:
        self._show_result(False)

    def _show_result(self, shown: bool) -> None:
        for widget in (self.view, self.query_one(Sides), self.query_one("#take")):
            widget.display = shown

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.display = bool(text)
        said.set_class(wrong, "-wrong")
        said.update(Content(text))

    # -- asking --------------------------------------------------------------------------------------------------------

    @on(Input.Submitted)
    def _ask(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() and (self._writing is None or self._writing.done()):
            self._show_result(False)
            self._seconds = 0
            self._tick()
            self._ticks = self.set_interval(1, self._tick)
            self._writing = asyncio.create_task(self._write(event.value))

    def _tick(self) -> None:
        self._say(f"◌ {visible(self._model)} writes · {self._seconds} s · esc stops it")
        self._seconds += 1

    async def _write(self, wish: str) -> None:
        try:
            made = await self.workspace.drafting.write(wish, self._before, self._model, self._assistant_id)
        except FailureError as error:
            self._say(f"! {error.failure.sentence()}", wrong=True)
        else:
            self._made = made
            self._say("")
            self.view.show(await asyncio.to_thread(compare, {"instructions": self._before}, {"instructions": made}))
            self._show_result(True)
            self.query_one("#take").focus()
        finally:
            if self._ticks is not None:
                self._ticks.stop()

    # -- deciding ------------------------------------------------------------------------------------------------------

    @on(TextButton.Pressed, "#take")
    def action_take(self) -> None:
        if self._made is not None:
            self.dismiss(self._made)

    @on(TextButton.Pressed, "#drop")
    def action_leave(self) -> None:
        self.dismiss(None)

    async def on_unmount(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

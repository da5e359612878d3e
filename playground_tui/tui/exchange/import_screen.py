"""Files and folders taken in: first the report, then the person's word, then what became of it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.config.model_row import is_listed
from playground_tui.tui.config.text_row import LineInput
from playground_tui.tui.exchange.report import report, unlisted
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.exchange.intake import Intake, Taken, read_paths
from playground_tui.workspace.failures import FailureError

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace

HINT = (
    "A file or a folder: assistants as the API has them (JSON), this program's own files (Markdown, JSON), thread "
    "dumps, prompt objects. Enter reads; nothing is made before you say so."
)


class ImportScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="ImportScreen")
        + """
    ImportScreen LineInput, ImportScreen LineInput:focus { padding: 0 1; margin: 0 1 1 1; background: $panel; }
    ImportScreen VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    ImportScreen #report { height: auto; padding: 0 2; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("f2", "alias", "map a model", priority=True, id="import.alias"),
        Binding("ctrl+s", "take", "take it in", id="import.take"),
    ]
    AUTO_FOCUS = "LineInput"

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen) -> None:
        super().__init__()
        self.workspace = workspace
        self._owner = owner
        self._found = Intake()
        self._done = Content("")
        self._working: asyncio.Task[None] | None = None
        self.report = Static(Content(HINT), id="report", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = "Import"
            frame.border_subtitle = "enter reads · ctrl+s takes it in · esc closes"
            yield LineInput(placeholder="~/assistants")
            with VerticalScroll(can_focus=True):
                yield self.report
            with Widget(id="buttons"):
                yield TextButton("Take it in", id="take", disabled=True)
                yield TextButton("Close", id="close")

    def _listed(self, model: str) -> bool | None:
        known = self.workspace.settings.current.aliases.get(model, model)
        return is_listed(self.workspace.models.listing.value, known)

    # -- reading -------------------------------------------------------------------------------------------------------

    @on(Input.Submitted)
    def _read(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() and not self._busy:
            self._working = asyncio.create_task(self._read_from(Path(event.value.strip()).expanduser()))

    @property
    def _busy(self) -> bool:
        return self._working is not None and not self._working.done()

    async def _read_from(self, path: Path) -> None:
        self._done = Content("")
        self._found = await asyncio.to_thread(read_paths, [path])
        self._show()
        if self._found.taken:
            self.query_one("#take").focus()

    def _show(self) -> None:
        self.report.update(Content.assemble(report(self._found, self._listed), self._done))
        button = self.query_one("#take", TextButton)
        button.disabled = not self._found.taken
        count = len(self._found.taken)
        button.label = f"Take {count} in" if count else "Take it in"
        button.refresh(layout=True)

    # -- models that nobody lists --------------------------------------------------------------------------------------

    def action_alias(self) -> None:
        from playground_tui.tui.screens.models import ModelScreen

        if models := unlisted(self._found, self._listed):
            screen = ModelScreen(self.workspace, "", heading=f"In place of {models[0]}")
            self.app.push_screen(screen, partial(self._take_alias, models[0]))

    def _take_alias(self, old: str, new: str | None) -> None:
        if new:
            self._owner.start(self._keep_alias(old, new), "keep an alias")

    async def _keep_alias(self, old: str, new: str) -> None:
        settings = self.workspace.settings
        await asyncio.to_thread(settings.set, "aliases", {**settings.current.aliases, old: new})
        self._owner.tell(f"{old} now means {new}, everywhere.")
        self._show()

    # -- taking in -----------------------------------------------------------------------------------------------------

    @on(TextButton.Pressed, "#take")
    def action_take(self) -> None:
        if self._found.taken and not self._busy:
            self._working = asyncio.create_task(self._take())

    async def _take(self) -> None:
        from playground_tui.workspace.exchange.taking import Taking

        model = str(self.workspace.editor.draft.value.values.get("model") or "")
        taking = Taking(self.workspace.records(), self.workspace.api, model)
        taken, self._found = self._found.taken, Intake(refused=self._found.refused)
        lines = [await self._take_one(taking, one) for one in taken]
        self._done = Content.assemble("\n", *lines)
        self._show()
        await self.workspace.threads.refresh()

    async def _take_one(self, taking: object, one: Taken) -> Content:
        from playground_tui.workspace.exchange.taking import Taking

        assert isinstance(taking, Taking)
        try:
            await taking.take(one)
        except FailureError as error:
            return Content.assemble((f"\n! {one.name}", "$text-error"), f": {error.failure.sentence()}")
        return Content(f"\n✓ {one.name} is on the server.")

    @on(TextButton.Pressed, "#close")
    def action_leave(self) -> None:
        self.dismiss()

    async def on_unmount(self) -> None:
        if self._working is not None and not self._working.done():
            await asyncio.gather(self._working, return_exceptions=True)

"""Which file or folder of this machine: typed with completion, or picked from the list below. Contract: answers what
was chosen; whether it can be used is for others to say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.tui.widgets.button import TextButton
from playground_tui.tui.widgets.input import Input
from playground_tui.tui.widgets.line import Line, Span
from playground_tui.tui.widgets.row_list import Row, RowList
from playground_tui.workspace.writing.attachment_check import Use
from playground_tui.workspace.writing.path_completion import complete_path

USES: dict[Use, str] = {
    "auto": "by its kind",
    "file_search": "file search",
    "code_interpreter": "code interpreter",
    "image": "a picture",
}


@dataclass(frozen=True, slots=True)
class PathChoice:
    path: Path = Path()
    is_folder: bool = False
    url: str = ""
    """An address instead of a path."""
    use: Use = "auto"


class UseLine(Line):
    """What the file is for."""

    DEFAULT_CSS = "UseLine { padding: 0 1; margin: 0 0 1 0; }"

    def __init__(self, uses: Sequence[Use]) -> None:
        super().__init__()
        self.uses = uses
        self.use: Use = uses[0]

    def left(self) -> list[Span]:
        spans = [Span("for  ", "$text-muted")]
        for use in self.uses:
            style = "bold underline" if use == self.use else "$text-muted"
            spans += [Span(USES[use], style, f"screen.use('{use}')"), Span("  ")]
        return spans

    def right(self) -> list[Span]:
        return [Span("f2", "bold", "screen.next_use"), Span(" changes it", "$text-muted", "screen.next_use")]


class AskPath(ModalScreen[PathChoice | None]):
    DEFAULT_CSS = (
        FRAME.format(name="AskPath")
        + """
    AskPath > #frame { width: 84; max-width: 96%; height: 80%; padding: 0; }
    AskPath Input { border: none; height: 1; padding: 0 1; margin: 0 0 1 0; background: $panel; }
    AskPath Input:focus { border: none; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("tab", "complete", "complete", priority=True),
        Binding("f2", "next_use", "for which tool", show=False, id="path.use"),
        Binding("f5", "folder", "whole folder", id="path.folder"),
        Binding("up", "list('move', -1)", "up", show=False),
        Binding("down", "list('move', 1)", "down", show=False),
        Binding("pageup", "list('move_page', -1)", "page up", show=False),
        Binding("pagedown", "list('move_page', 1)", "page down", show=False),
    ]
    AUTO_FOCUS = "Input"

    def __init__(
        self, title: str, start: Path, *, folders: bool = True, uses: Sequence[Use] = (), urls: bool = False
    ) -> None:
        """`start`: where relative paths begin. `folders`: a whole folder may be chosen. `uses`: the tools to choose
        from. `urls`: an address is an answer, too."""
        super().__init__()
        self._title = title
        self._start = start
        self._folders = folders
        self._urls = urls
        self.uses = UseLine(uses) if uses else None
        self.rows = RowList()
        self._matching: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        hint = "A path, or a picture's address" if self._urls else "A path"
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._title)
            frame.border_subtitle = "enter takes it · tab completes · esc closes"
            yield Input(placeholder=f"{hint}; below: {_shown(self._start)}", select_on_focus=False)
            if self.uses is not None:
                yield self.uses
            yield self.rows
            with Horizontal(id="buttons"):
                yield TextButton("Take it", id="take")
                if self._folders:
                    yield TextButton(with_keys(self, "Whole folder ({path.folder:f5})"), id="folder")
                yield TextButton("Cancel", id="cancel")

    def on_mount(self) -> None:
        self._match()

    async def on_unmount(self) -> None:
        if self._matching is not None:
            self._matching.cancel()
            await asyncio.gather(self._matching, return_exceptions=True)

    @property
    def typed(self) -> str:
        return self.query_one(Input).value

    # -- the list ------------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _match(self) -> None:
        if self._matching is not None:
            self._matching.cancel()
        self._matching = asyncio.create_task(self._show_matches(self.typed))

    async def _show_matches(self, typed: str) -> None:
        """A folder on a slow disk must not hold the keys."""
        found = await asyncio.to_thread(complete_path, typed, folder=self._start)
        self.rows.show([Row(match.text, match.label, sign="▸" if match.help else " ") for match in found])

    def action_list(self, action: str, by: int) -> None:
        getattr(self.rows, f"action_{action}")(by)

    def action_complete(self) -> None:
        if (row := self.rows.row) is not None:
            self._type(row.id)

    def _type(self, text: str) -> None:
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)

    # -- answering -----------------------------------------------------------------------------------------------------

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        self._take(event.row.id)

    @on(Input.Submitted)
    @on(TextButton.Pressed, "#take")
    def _submitted(self) -> None:
        """What is typed where it names a file, else the marked line."""
        typed, row = self.typed.strip(), self.rows.row
        if self._urls and typed.lower().startswith(("https://", "http://")):
            self.dismiss(PathChoice(url=typed, use=self._use))
        elif typed and self._path(typed).is_file():
            self._take(typed)
        elif row is not None:
            self._take(row.id)
        elif typed:
            self.app.notify(f"There is no {typed}.", severity="warning", markup=False)

    def _take(self, text: str) -> None:
        if text.endswith("/"):
            self._type(text)
            self.query_one(Input).focus()
        else:
            self.dismiss(PathChoice(self._path(text), use=self._use))

    @on(TextButton.Pressed, "#folder")
    def action_folder(self) -> None:
        """The folder that is typed, or whose contents are listed."""
        if not self._folders:
            return
        path = self._path(self.typed.strip())
        path = path if path.is_dir() else path.parent
        self.dismiss(PathChoice(path, is_folder=True, use=self._use))

    def _path(self, text: str) -> Path:
        try:
            return self._start / Path(text).expanduser()
        except RuntimeError:
            return self._start / text

    @property
    def _use(self) -> Use:
        return self.uses.use if self.uses is not None else "auto"

    def action_use(self, use: Use) -> None:
        if self.uses is not None:
            self.uses.use = use
            self.uses.refresh()

    def action_next_use(self) -> None:
        if self.uses is not None:
            uses = self.uses.uses
            self.action_use(uses[(uses.index(self.uses.use) + 1) % len(uses)])

    @on(TextButton.Pressed, "#cancel")
    def action_leave(self) -> None:
        self.dismiss(None)


def _shown(folder: Path) -> str:
    try:
        return f"~/{folder.relative_to(Path.home())}" if folder != Path.home() else "~"
    except (ValueError, RuntimeError):
        return str(folder)

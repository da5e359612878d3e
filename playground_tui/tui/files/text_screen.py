"""Passages and texts of files, over whatever screen asked for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.files.passage_view import PassageView, passage_words
from playground_tui.tui.screens.base import INTERNAL
from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.files.cited import Cited, Place

if TYPE_CHECKING:
    from playground_tui.workspace.files.library import Library

SHOWN: Final = 40_000
"""Characters of a file's text."""
FRAME_CSS = """
{name} > #frame {{ padding: 1 0 0 0; }}
{name} #where {{ height: auto; max-height: 3; padding: 0 2; margin: 0 0 1 0; color: $text-muted; }}
{name} Offers {{ margin: 1 0 0 0; }}
"""


class Reading(ModalScreen[str | None]):
    """What both have: a line that says where it is from, the text, and copying. Answers "download" when that is wanted,
    None else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "close"),
        Binding("c", "copy", "copy", id="passage.copy"),
    ]
    OFFERS: ClassVar[Sequence[tuple[str, str, str]]] = (("c", "copy", "screen.copy"), ("esc", "close", "screen.leave"))
    AUTO_FOCUS = "PassageView"

    def __init__(self, library: Library, title: str) -> None:
        super().__init__()
        self.library = library
        self._title = title
        self._text = ""
        self.view = PassageView()

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._title)
            yield Static("◌ reading…", id="where", markup=False)
            yield self.view
            yield Offers(self.OFFERS)

    def on_mount(self) -> None:
        self.run_worker(self._read_on(), exit_on_error=False)

    async def _read_on(self) -> None:
        try:
            await self.read()
        except FailureError as error:
            self._fail(error.failure)
        except Exception:
            self._fail(INTERNAL)

    async def read(self) -> None:
        """Fill the view. Raises FailureError."""
        raise NotImplementedError

    def _fail(self, failure: Failure) -> None:
        self.say(f"! {failure.sentence()}")

    def say(self, where: str) -> None:
        self.query_one("#where", Static).update(where)

    def show(self, text: str, before: str = "", after: str = "", spot: tuple[int, int] = (0, 0)) -> None:
        self._text = text
        self.view.show(text, before, after, spot)

    def action_copy(self) -> None:
        if self._text:
            self.app.copy_to_clipboard(self._text)

    def action_leave(self) -> None:
        self.dismiss(None)


class TextScreen(Reading):
    """What the server read from a file of a vector store."""

    DEFAULT_CSS = FRAME.format(name="TextScreen") + FRAME_CSS.format(name="TextScreen")

    def __init__(self, library: Library, store_id: str, file_id: str, name: str) -> None:
        super().__init__(library, name)
        self._store_id, self._file_id = store_id, file_id

    async def read(self) -> None:
        text = await self.library.stores.text(self._store_id, self._file_id)
        cut = f", the first {SHOWN:,} of them" if len(text) > SHOWN else ""
        self.say(f"{len(text):,} characters were read from it{cut}.")
        self.show(text[:SHOWN])


class CitedScreen(Reading):
    """The passage that a citation means, with the text around it."""

    DEFAULT_CSS = FRAME.format(name="CitedScreen") + FRAME_CSS.format(name="CitedScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("d", "download", "download the file", id="passage.download")]
    OFFERS: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("c", "copy the passage", "screen.copy"),
        ("d", "download the file", "screen.download"),
        ("esc", "close", "screen.leave"),
    )

    def __init__(self, library: Library, label: str, place: Place) -> None:
        super().__init__(library, label)
        self._place = place

    async def read(self) -> None:
        cited = await self.library.citations.find(self._place)
        self.say(_where(cited))
        self.show(cited.passage.text, cited.before, cited.after, cited.spot)

    def action_download(self) -> None:
        self.dismiss("download")


def _where(cited: Cited) -> str:
    facts = [cited.passage.name or cited.passage.file_id, passage_words(cited.passage, cited.spot)]
    line = " · ".join(part for part in facts if part)
    if not cited.sure:
        line += "\nThe mark names no passage: this is the best one of the file that the run found."
    if not cited.passage.text:
        line += "\nThe server does not give the passage's text."
    return line

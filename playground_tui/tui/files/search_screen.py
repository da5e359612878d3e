"""A vector store searched by hand: what a question finds, how well, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from playground_tui.tui.files.passage_view import PassageView, passage_words
from playground_tui.tui.screens.base import INTERNAL
from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.versions.diff_screen import FRAME
from playground_tui.tui.widgets.input import Input
from playground_tui.tui.widgets.row_list import Row, RowList
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.files.nearest import nearest
from playground_tui.workspace.files.values import Passage

if TYPE_CHECKING:
    from playground_tui.workspace.files.library import Library

WIDE = 100
HINT = (
    "Type what a person might ask, then enter: the passages that file search would give to the model, the best first."
)


class SearchScreen(ModalScreen[None]):
    DEFAULT_CSS = (
        FRAME.format(name="SearchScreen")
        + """
    SearchScreen Input { border: none; height: 1; padding: 0 1; margin: 0 0 1 0; background: $panel; }
    SearchScreen Input:focus { border: none; }
    SearchScreen #body { layout: horizontal; height: 1fr; }
    SearchScreen RowList { width: 40%; max-width: 56; border-right: solid $border-blurred; }
    SearchScreen #passage-side { width: 1fr; height: 1fr; layout: vertical; }
    SearchScreen #where { height: 1; padding: 0 2; color: $text-muted; }
    SearchScreen.-narrow #body { layout: vertical; }
    SearchScreen.-narrow RowList {
        width: 1fr; max-width: 100%; height: 6; border-right: none; border-bottom: solid $border-blurred;
    }
    SearchScreen.-empty #body { display: none; }
    SearchScreen #said { display: none; padding: 1 2; max-height: 100%; }
    SearchScreen.-empty #said { display: block; height: 1fr; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("up", "list('move', -1)", "passage above", show=False),
        Binding("down", "list('move', 1)", "passage below", show=False),
    ]
    OFFERS: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("enter", "search", "screen.search"),
        ("↑↓", "passages", "screen.list('move', 1)"),
        ("tab", "read", "app.focus_next"),
        ("esc", "close", "screen.leave"),
    )
    AUTO_FOCUS = "Input"

    def __init__(self, library: Library, store_id: str, name: str) -> None:
        super().__init__()
        self.library = library
        self._store_id, self._name = store_id, name
        self._found: tuple[Passage, ...] = ()
        self._query = ""
        self.rows = RowList()
        self.view = PassageView()

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Search {self._name}")
            yield Input(placeholder="What to find")
            yield Static(HINT, id="said", markup=False)
            with Widget(id="body"):
                yield self.rows
                with Widget(id="passage-side"):
                    yield Static(id="where", markup=False)
                    yield self.view
            yield Offers(self.OFFERS)

    def on_mount(self) -> None:
        self.add_class("-empty")

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    @on(Input.Submitted)
    def action_search(self) -> None:
        if query := self.query_one(Input).value.strip():
            self._say("◌ searching…")
            self.run_worker(self._search(query), exclusive=True, exit_on_error=False)

    async def _search(self, query: str) -> None:
        try:
            self._found = await self.library.stores.search(self._store_id, query)
        except FailureError as error:
            self._fail(error.failure)
        except Exception:
            self._fail(INTERNAL)
        else:
            self._show(query)

    def _show(self, query: str) -> None:
        if not self._found:
            self._say(f"Nothing in {self._name} has these words: {query}")
            return
        self._query = query
        self.remove_class("-empty")
        self.rows.show([_row(number, passage, query) for number, passage in enumerate(self._found)])

    def _fail(self, failure: Failure) -> None:
        self._found = ()
        self._say(f"! {failure.sentence()}")

    def _say(self, text: str) -> None:
        self.add_class("-empty")
        self.query_one("#said", Static).update(text)

    @on(RowList.Marked)
    def _show_passage(self) -> None:
        if 0 <= self.rows.marked < len(self._found):
            passage = self._found[self.rows.marked]
            spot = nearest(passage.text, self._query)
            where = " · ".join(part for part in (passage.name, passage_words(passage, spot)) if part)
            self.query_one("#where", Static).update(where)
            self.view.show(passage.text, spot=spot)

    @on(RowList.Chosen)
    def _read(self) -> None:
        self.view.focus()

    def action_list(self, action: str, by: int) -> None:
        getattr(self.rows, f"action_{action}")(by)

    def action_leave(self) -> None:
        self.dismiss()


def _row(number: int, passage: Passage, query: str) -> Row:
    """With what stands at the place that answers the query."""
    page = f" p. {passage.page}" if passage.page is not None else ""
    start = nearest(passage.text, query)[0]
    words = " ".join(passage.text[start : start + 200].split())
    return Row(str(number), f"{passage.score:.2f}  {passage.name}{page}", words)

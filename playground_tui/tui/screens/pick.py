"""A list to pick from, over the main screen: a search line, rows, and what can be done with the marked one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from playground_tui.tui.widgets.input import Input
from playground_tui.tui.widgets.line import Line, Span, width_of
from playground_tui.tui.widgets.row_list import Row, RowList

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


class Offers(Line):
    """The keys of the list, clickable, in as many rows as they need."""

    DEFAULT_CSS = "Offers { height: auto; color: $text-muted; padding: 0 1; }"

    def __init__(self, offers: Sequence[tuple[str, str, str]]) -> None:
        """`offers`: key as shown, word, action."""
        super().__init__()
        self._offers = offers

    def _why_not(self, action: str) -> str:
        """What the screen says against an action: it is greyed out with that reason."""
        asked = getattr(self.screen, "why_not", None)
        return str(asked(action.removeprefix("screen."))) if asked is not None else ""

    def _key(self, action: str) -> str:
        """What the person's keymap may have made of it; empty for keys that are not the screen's own."""
        name = action.removeprefix("screen.")
        active = self.screen.active_bindings.values()
        binding = next((one.binding for one in active if one.binding.action == name and one.binding.id), None)
        return self.app.get_key_display(binding) if binding is not None else ""

    def rows(self, width: int) -> list[list[Span]]:
        rows: list[list[Span]] = [[]]
        for key, word, action in self._offers:
            key, reason = self._key(action) or key, self._why_not(action)
            words = f" {word} ({reason})" if reason else f" {word}"
            styles = ("$text-disabled", "$text-disabled") if reason else ("bold $foreground", "")
            spans = [Span(key, styles[0], action), Span(words, styles[1], action), Span("   ")]
            if rows[-1] and width_of([*rows[-1], *spans[:2]]) > width:
                rows.append([])
            rows[-1] += spans
        return rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows(width))

    def render(self) -> Content:
        lines = [[span.content(self._hovered) for span in row] for row in self.rows(self.content_size.width)]
        return Content("\n").join(Content.assemble(*line) for line in lines)


class PickScreen(ModalScreen[str | None]):
    """Answers the id of the chosen row, "" for a new one, None when left."""

    DEFAULT_CSS = """
    PickScreen { align: center middle; background: $background 60%; }
    PickScreen > #frame {
        width: 94%; max-width: 104; height: 80%; background: $surface;
        border: round $accent; border-title-color: $foreground; border-title-style: bold; padding: 0;
    }
    PickScreen Input { border: none; height: 1; padding: 0 1; margin: 0 0 1 0; background: $panel; }
    PickScreen Input:focus { border: none; }
    PickScreen #status { height: auto; max-height: 6; padding: 0 2; color: $text-muted; display: none; }
    PickScreen.-empty RowList { display: none; }
    PickScreen.-empty #status { height: 1fr; max-height: 100%; }
    PickScreen Offers { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "close"),
        Binding("up", "list('move', -1)", "up", show=False),
        Binding("down", "list('move', 1)", "down", show=False),
        Binding("pageup", "list('move_page', -1)", "page up", show=False),
        Binding("pagedown", "list('move_page', 1)", "page down", show=False),
    ]
    AUTO_FOCUS = "Input"

    heading = ""
    search_hint = "Search"
    offers: ClassVar[Sequence[tuple[str, str, str]]] = (
        ("enter", "open", "screen.choose"),
        ("esc", "close", "screen.leave"),
    )

    rows = getters.query_one(RowList)
    search = getters.query_one(Input)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self._sentence = ""
        """What stands below the rows."""

    # -- what a list says of itself ------------------------------------------------------------------------------------

    def found(self, text: str) -> Sequence[Row]:
        """The rows for a search text; all of them for none."""
        return ()

    def start_index(self) -> int:
        """The row that is marked when the list opens."""
        return 0

    def status(self, text: str, rows: Sequence[Row]) -> str:
        """A sentence below the rows: what the list is for and which key fills it, or why it is not fresh."""
        return ""

    def offered(self) -> Sequence[tuple[str, str, str]]:
        """What can be done here now, in place of `offers`."""
        return self.offers

    # -- frame ---------------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self.heading)
            yield Input(placeholder=self.search_hint)
            yield RowList()
            yield Static(id="status", markup=False)
            yield Offers(self.offered())

    def on_mount(self) -> None:
        self.refill(self.start_index())

    def refill(self, marked: int | None = None) -> None:
        text = self.search.value.strip()
        rows = self.found(text)
        self.rows.show(rows, self.rows.marked if marked is None else marked)
        status = self.query_one("#status", Static)
        self.set_class(not rows, "-empty")
        sentence = self.status(text, rows)
        if sentence != self._sentence:  # an update lays out the screen anew, which costs as much as the key itself
            self._sentence = sentence
            status.display = bool(sentence)
            status.update(sentence)

    @on(Input.Changed)
    def _filter(self) -> None:
        self.refill(0)

    @on(Input.Submitted)
    def action_choose(self) -> None:
        self.rows.action_choose()

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        self.dismiss(event.row.id)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_list(self, action: str, by: int) -> None:
        getattr(self.rows, f"action_{action}")(by)

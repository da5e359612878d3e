"""A menu over the screen whose rows have a letter each: two keys for whatever can be done with a thing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.screens.pick import Offers
from playground_tui.tui.widgets.row_list import Row, RowList


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    """The letter that chooses it."""
    id: str
    text: str
    note: str = ""


class ActionMenu(ModalScreen[str | None]):
    """Answers the id of what was chosen, None when left."""

    DEFAULT_CSS = """
    ActionMenu { align: center middle; background: $background 60%; }
    ActionMenu > #frame {
        width: 68; max-width: 96%; height: auto; max-height: 96%; background: $surface;
        border: round $accent; border-title-color: $foreground; border-title-style: bold; padding: 1 0 0 0;
    }
    ActionMenu RowList { height: auto; max-height: 100%; }
    ActionMenu Offers { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "close")]
    OFFERS = (("letter", "or enter does it", "screen.choose"), ("esc", "close", "screen.leave"))
    AUTO_FOCUS = "RowList"

    rows = getters.query_one(RowList)

    def __init__(self, heading: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._heading = heading
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._heading)
            yield RowList()
            yield Offers(self.OFFERS)

    def on_mount(self) -> None:
        self.rows.one_click = True
        self.rows.styles.height = len(self._choices)
        width = max(len(choice.text) for choice in self._choices)
        rows = [Row(choice.id, choice.text.ljust(width), choice.note, "", choice.key) for choice in self._choices]
        self.rows.show(rows)

    def on_key(self, event: events.Key) -> None:
        choice = next((choice for choice in self._choices if choice.key == event.character), None)
        if choice is not None:
            event.stop()
            self.dismiss(choice.id)

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        self.dismiss(event.row.id)

    def action_choose(self) -> None:
        self.rows.action_choose()

    def action_leave(self) -> None:
        self.dismiss(None)

"""One of a few values: as a list of lines (in a fold-out), or as one line that is stepped through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.config.exact import visible
from playground_tui.tui.config.row import Row, muted, spread
from playground_tui.workspace.values import Json


@dataclass(frozen=True, slots=True)
class Option:
    words: str
    value: Any
    note: str = ""


def words_for(options: Sequence[Option], value: Json) -> str:
    found = next((option.words for option in options if option.value == value), None)
    return found if found is not None else visible(json.dumps(value, ensure_ascii=False))


class ChoiceList(Widget, can_focus=True):
    """Lines of which one is chosen. Moving chooses nothing; Enter, Space and a click do."""

    DEFAULT_CSS = "ChoiceList { height: auto; padding: 0 1 0 3; }"
    BINDINGS = [
        Binding("up", "move(-1)", "Line above", show=False),
        Binding("down", "move(1)", "Line below", show=False),
        Binding("enter,space", "choose", "Choose"),
    ]

    @dataclass
    class Chosen(Message):
        choices: ChoiceList
        value: Any

        @property
        def control(self) -> ChoiceList:
            return self.choices

    def __init__(self, options: Sequence[Option]) -> None:
        super().__init__()
        self._options = tuple(options)
        self._at = 0
        self._chosen: Json = None

    def show_choice(self, value: Json) -> None:
        self._chosen = value
        places = [n for n, option in enumerate(self._options) if option.value == value]
        self._at = places[0] if places else 0
        self.refresh()

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        return len(self._options)

    def render(self) -> Content:
        return Content("\n").join(self._line(n, option) for n, option in enumerate(self._options))

    def _line(self, place: int, option: Option) -> Content:
        chosen = option.value == self._chosen
        style = "bold $accent" if self.has_focus and place == self._at else "bold" if chosen else ""
        mark = (
            Content.styled(f"{'●' if chosen else '○'} {option.words}", style)
            if style
            else Content(f"{'●' if chosen else '○'} {option.words}")
        )
        return Content.assemble(mark, muted(f"  {option.note}") if option.note else "").truncate(
            self.content_size.width, ellipsis=True
        )

    def action_move(self, step: int) -> None:
        place = self._at + step
        if not 0 <= place < len(self._options):
            self.screen.focus_next() if step > 0 else self.screen.focus_previous()
            return
        self._at = place
        self.refresh()

    def action_choose(self) -> None:
        self._chosen = self._options[self._at].value
        self.refresh()
        self.post_message(self.Chosen(self, self._chosen))

    def on_click(self, event: events.Click) -> None:
        place = event.y - self.gutter.top
        if 0 <= place < len(self._options):
            self._at = place
            self.action_choose()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class ChoiceRow(Row):
    """Options: `choices`, a sequence of `Option`; the first is the unset one."""

    BINDINGS = [
        Binding("left", "turn(-1)", "Choice before", show=False),
        Binding("right,enter,space", "turn(1)", "Next choice"),
        Binding("delete,backspace", "unset", "Not set", show=False),
    ]

    def choices(self) -> Sequence[Option]:
        found: Sequence[Option] = self.spec.options["choices"]
        return found

    def fill(self, value: Json) -> None:
        self.refresh()

    def action_turn(self, step: int) -> None:
        values = [option.value for option in self.choices()]
        value = self.echo.shown.value
        place = values.index(value) if value in values else 0
        self.tell(values[(place + step) % len(values)])
        self.refresh()

    def action_unset(self) -> None:
        self.tell(None)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        width = self.content_size.width
        self.action_turn(-1 if event.x < width - 3 and event.x >= width - 6 else 1)

    def value_content(self, width: int) -> Content:
        value = self.echo.shown.value
        words = words_for(self.choices(), value)
        return spread(muted(words) if value is None else Content(words), muted(" ◂ ▸"), width)

"""A fold-out: one line that says what is inside; its controls are made when it first opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.row import MUTED, RowLine, muted

_TITLE_WIDTH = 19


class FoldBody(Widget):
    """Stands below its fold's line."""

    DEFAULT_CSS = "FoldBody { layout: vertical; height: auto; }"


class Fold(RowLine):
    BINDINGS = [
        Binding("enter,space", "turn", "Open or close"),
        Binding("right", "set_open(True)", "Open", show=False),
        Binding("left", "set_open(False)", "Close", show=False),
    ]

    def __init__(
        self,
        title: str,
        help_line: str,
        make: Callable[[], Sequence[FieldControl]],
        take: Callable[[FieldControl], None],
    ) -> None:
        """`take` is called with each of what `make` made, once it is mounted and wants its value."""
        super().__init__()
        self.title, self.help_line = title, help_line
        self._make = make
        self._take = take
        self._body: FoldBody | None = None
        self._summary = ""
        self._wrong = False
        self.is_open = False

    def show_summary(self, summary: str, *, wrong: bool) -> None:
        if (summary, wrong) != (self._summary, self._wrong):
            self._summary, self._wrong = summary, wrong
            self.refresh()

    def render(self) -> Content:
        style = "bold $accent" if self.has_focus else MUTED
        title = Content.styled(f"{'▾' if self.is_open else '▸'} {self.title}", style)
        gap = " " * max(1, _TITLE_WIDTH - title.cell_length)
        mark = Content.styled("! ", "$text-error") if self._wrong else Content("")
        summary = muted(self._summary) if self._summary in ("not set", "none") else Content(self._summary)
        return Content.assemble(title, gap, mark, summary).truncate(self.content_size.width, ellipsis=True)

    async def set_open(self, is_open: bool) -> None:
        if is_open == self.is_open or not isinstance(self.parent, Widget):
            return
        self.is_open = is_open
        self.refresh()
        if self._body is None:
            controls = self._make()
            self._body = FoldBody(*controls)
            await self.parent.mount(self._body, after=self)
            for control in controls:
                self._take(control)
        self._body.display = is_open
        if is_open:
            self.call_after_refresh(self._body.scroll_visible, animate=False)

    async def action_turn(self) -> None:
        await self.set_open(not self.is_open)

    async def action_set_open(self, is_open: bool) -> None:
        await self.set_open(is_open)

    async def on_click(self) -> None:
        await self.action_turn()

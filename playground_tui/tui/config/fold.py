"""A fold-out: one line that says what is inside; its controls are made when it first opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.row import MUTED, RowLine, muted

_TITLE_WIDTH = 19


class FoldLine(RowLine):
    BINDINGS = [
        Binding("enter,space", "turn", "Open or close"),
        Binding("right", "set_open(True)", "Open", show=False),
        Binding("left", "set_open(False)", "Close", show=False),
    ]

    def __init__(self, title: str, help_line: str) -> None:
        super().__init__()
        self.title, self.help_line = title, help_line
        self.summary = ""
        self.wrong = False
        self.is_open = False

    @property
    def fold(self) -> Fold:
        assert isinstance(self.parent, Fold)
        return self.parent

    def render(self) -> Content:
        width = self.content_size.width
        style = "bold $accent" if self.has_focus else MUTED
        title = Content.styled(f"{'▾' if self.is_open else '▸'} {self.title}", style)
        gap = " " * max(1, _TITLE_WIDTH - title.cell_length)
        mark = Content.styled("! ", "$text-error") if self.wrong else Content("")
        unset = self.summary in ("not set", "none")
        summary = muted(self.summary) if unset else Content(self.summary)
        return Content.assemble(title, gap, mark, summary).truncate(width, ellipsis=True)

    async def action_turn(self) -> None:
        await self.fold.set_open(not self.is_open)

    async def action_set_open(self, is_open: bool) -> None:
        await self.fold.set_open(is_open)

    async def on_click(self) -> None:
        await self.action_turn()


class FoldBody(Widget):
    DEFAULT_CSS = "FoldBody { layout: vertical; height: auto; }"


class Fold(Widget):
    DEFAULT_CSS = "Fold { layout: vertical; height: auto; }"

    def __init__(
        self,
        title: str,
        help_line: str,
        make: Callable[[], Sequence[FieldControl]],
        take: Callable[[FieldControl], None],
    ) -> None:
        """`take` is called with each of what `make` made, once it is mounted and wants its value."""
        super().__init__()
        self.line = FoldLine(title, help_line)
        self._make = make
        self._take = take
        self._body: FoldBody | None = None

    def compose(self) -> ComposeResult:
        yield self.line

    def show_summary(self, summary: str, *, wrong: bool) -> None:
        if (summary, wrong) != (self.line.summary, self.line.wrong):
            self.line.summary, self.line.wrong = summary, wrong
            self.line.refresh()

    async def set_open(self, is_open: bool) -> None:
        if is_open == self.line.is_open:
            return
        self.line.is_open = is_open
        self.line.refresh()
        if self._body is None:
            controls = self._make()
            self._body = FoldBody(*controls)
            await self.mount(self._body)
            for control in controls:
                self._take(control)
        self._body.display = is_open
        if is_open:
            self.call_after_refresh(self.scroll_visible, animate=False)

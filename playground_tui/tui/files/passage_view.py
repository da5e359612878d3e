"""A passage with what stands around it: to read, to scroll, to copy."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from playground_tui.tui.chat_view.clean import clean, tame
from playground_tui.workspace.files.values import Passage


class PassageView(VerticalScroll, can_focus=True):
    DEFAULT_CSS = """
    PassageView { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    PassageView > Static { height: auto; }
    PassageView > #passage { border-left: outer $accent; padding: 0 0 0 1; }
    PassageView > .beside { padding: 0 0 0 2; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._before = Static(classes="beside", markup=False)
        self._passage = Static(id="passage", markup=False)
        self._after = Static(classes="beside", markup=False)

    def compose(self) -> ComposeResult:
        yield from (self._before, self._passage, self._after)

    def show(self, text: str, before: str = "", after: str = "") -> None:
        """The passage at the top of the view; what stands before it is above."""
        for part, widget in ((before, self._before), (text, self._passage), (after, self._after)):
            widget.display = bool(part)
            widget.update(Content(_tidy(part)))
        self.call_after_refresh(self._go_to_passage)

    def _go_to_passage(self) -> None:
        top = self._passage.virtual_region.y
        self.scroll_to(y=max(0, top - 2) if self._before.display else 0, animate=False)


def passage_words(passage: Passage) -> str:
    """`page 12 · score 0.82`."""
    page = f"page {passage.page}" if passage.page is not None else ""
    score = f"score {passage.score:.2f}" if passage.score else ""
    return " · ".join(part for part in (page, score) if part)


def _tidy(text: str) -> str:
    return tame(clean(text)).expandtabs(4)

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
    PassageView > .passage { border-left: outer $accent; padding: 0 0 0 1; }
    PassageView > #spot { text-style: bold; }
    PassageView > .beside { padding: 0 0 0 2; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._parts = (
            Static(classes="beside", markup=False),
            Static(classes="passage", id="head", markup=False),
            Static(classes="passage", id="spot", markup=False),
            Static(classes="passage", id="tail", markup=False),
            Static(classes="beside", markup=False),
        )

    def compose(self) -> ComposeResult:
        yield from self._parts

    def show(self, text: str, before: str = "", after: str = "", spot: tuple[int, int] = (0, 0)) -> None:
        """The passage `text` with what stands around it; `spot`: the part of it that is shown first, and in bold."""
        start, end = spot if spot[1] > spot[0] else (0, 0)
        tail = text[end:].lstrip(" ") if end else text
        texts = (before, text[:start], text[start:end].strip(), tail, after)
        for part, widget in zip(texts, self._parts, strict=True):
            widget.display = bool(part.strip())
            widget.update(Content(_tidy(part.strip("\n"))))
        self.call_after_refresh(self._go_to_spot)

    def _go_to_spot(self) -> None:
        """Two rows of what stands before it stay in sight."""
        spot = self._parts[2]
        first = spot if spot.display else next((part for part in self._parts[1:] if part.display), spot)
        self.scroll_to(y=max(0, first.virtual_region.y - 2), animate=False)


def passage_words(passage: Passage, spot: tuple[int, int] = (0, 0)) -> str:
    """`page 12 · score 0.82`; `spot`: the part of it that is meant. A passage may go over several pages."""
    page = page_words(passage, passage.page_at(spot[0]) if spot[1] else passage.page)
    score = f"score {passage.score:.2f}" if passage.score else ""
    return " · ".join(part for part in (page, score) if part)


def page_words(passage: Passage, page: int | None) -> str:
    if page is None:
        return ""
    if not passage.pages:
        return f"from page {page}"
    first, last = passage.pages[0][1], passage.pages[-1][1]
    return f"page {page}" + (f" (the passage: {first}–{last})" if first != last else "")


def _tidy(text: str) -> str:
    return tame(clean(text)).expandtabs(4)

"""What is typed last is on the screen, also where it begins a new row below the edge."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import TextArea

from playground_tui.tui.config.editor import Editor
from playground_tui.tui.widgets.message_box import MessageBox

WORDS = " ".join(f"v{number}" for number in range(200))


class Small(App[None]):
    CSS = "TextArea { width: 40; height: 8; }"

    def __init__(self, area: TextArea) -> None:
        super().__init__()
        self.area = area

    def compose(self) -> ComposeResult:
        yield self.area


@pytest.mark.parametrize("make", [MessageBox, Editor])
async def test_a_new_row_at_the_end_is_seen_at_once(make: type[TextArea]) -> None:
    app = Small(make(WORDS))
    async with app.run_test() as pilot:
        area = app.area
        area.focus()
        area.move_cursor(area.document.end)
        await pilot.pause()
        rows = area.wrapped_document.height
        while area.wrapped_document.height == rows:
            await pilot.press("w")
        assert area.scroll_offset.y == area.wrapped_document.height - area.size.height

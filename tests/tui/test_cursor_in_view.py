"""What is typed last is on the screen, also where it begins a new row below the edge."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import TextArea

from playground_tui.tui.config.editor import Editor
from playground_tui.tui.widgets.message_box import MessageBox
from playground_tui.tui.widgets.text_box import TextBox

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


@pytest.mark.parametrize("make", [MessageBox, Editor, TextBox])
@pytest.mark.parametrize("before", ["", "Some words"])
async def test_a_paste_of_many_lines_is_undone_and_done_again(make: type[TextArea], before: str) -> None:
    """The scroll bar that goes with the lines asked for a row that was no more."""
    app = Small(make(before))
    async with app.run_test() as pilot:
        area = app.area
        area.focus()
        area.move_cursor(area.document.end)
        lines = "\n".join(f"line {number}" for number in range(30))
        app.post_message(events.Paste(lines))
        await pilot.pause()
        assert area.show_vertical_scrollbar
        await pilot.press("ctrl+z")
        assert area.text == before
        await pilot.press("ctrl+y")
        assert area.text == before + lines

"""A list that becomes shorter and longer: its mark, its scroll bar, and what a key in its filter costs."""

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from playground_tui.tui.widgets.input import Input
from playground_tui.tui.widgets.row_list import Row, RowList


class ListApp(App[None]):
    def compose(self) -> ComposeResult:
        yield RowList()


async def test_a_mark_beyond_the_list_is_the_last_row() -> None:
    app = ListApp()
    async with app.run_test():
        rows = app.query_one(RowList)
        rows.show([Row("a", "A"), Row("b", "B")])
        rows.marked = 7
        assert rows.row == Row("b", "B")
        rows.show([])
        rows.marked = 1
        assert rows.row is None


async def test_the_scroll_bar_stands_where_the_list_is_after_a_filter() -> None:
    """It was away while the list had few rows, and did not hear that the list went to its start."""
    app = ListApp()
    many = [Row(str(n), str(n)) for n in range(100)]
    async with app.run_test(size=(20, 8)) as pilot:
        rows = app.query_one(RowList)
        rows.focus()
        rows.show(many)
        await pilot.press("end")
        assert rows.vertical_scrollbar.position == rows.scroll_y > 0
        rows.show(many[:3])
        await pilot.pause()
        assert not rows.show_vertical_scrollbar
        rows.show(many)
        await pilot.pause()
        assert rows.vertical_scrollbar.position == rows.scroll_y == 0


class FilterApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Input()
        yield RowList()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(RowList).show([Row(str(n), str(n)) for n in range(100) if event.value in str(n)])


async def test_a_key_in_a_filter_lays_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FilterApp()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.press("1")
        await pilot.pause()
        laid_out = []
        lay_out = Screen._refresh_layout
        monkeypatch.setattr(
            Screen, "_refresh_layout", lambda *args, **kinds: (laid_out.append(1), lay_out(*args, **kinds))
        )
        await pilot.press("backspace", "2")
        await pilot.pause()
        assert len(app.query_one(RowList).rows) == 19
        assert laid_out == []

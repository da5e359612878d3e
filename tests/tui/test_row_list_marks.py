"""A mark that was remembered from a longer list."""

from textual.app import App, ComposeResult

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

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

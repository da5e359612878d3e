"""Undo of a text that no longer fits: the scroll bar goes before the cursor is moved."""

from textual.app import App, ComposeResult

from playground_tui.tui.config.editor import Editor


class EditorApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Editor("one")


async def test_undo_of_more_lines_than_there_is_room_for() -> None:
    app = EditorApp()
    async with app.run_test(size=(40, 8)) as pilot:
        editor = app.query_one(Editor)
        editor.focus()
        editor.replace("line\n" * 30, (0, 0), editor.document.end, maintain_selection_offset=False)
        editor.move_cursor((30, 0))
        await pilot.pause()
        assert editor.show_vertical_scrollbar
        editor.undo()
        await pilot.pause()
        assert editor.text == "one"
        assert not editor.show_vertical_scrollbar


async def test_a_page_down_by_a_wrapping_that_is_behind_the_text() -> None:
    app = EditorApp()
    async with app.run_test(size=(40, 8)) as pilot:
        editor = app.query_one(Editor)
        editor.focus()
        editor.replace("line\n" * 30, (0, 0), editor.document.end, maintain_selection_offset=False)
        editor.move_cursor((0, 0))
        await pilot.pause()
        editor.document.replace_range((1, 0), editor.document.end, "")
        await pilot.press("pagedown")
        assert editor.cursor_location[0] < editor.document.line_count

from __future__ import annotations

import pytest

from tests.tui.conftest import Open
from tests.tui.test_main_flow import main


@pytest.mark.parametrize("width", [80, pytest.param(120, marks=pytest.mark.slow)])
async def test_each_key_keeps_to_a_line(open_app: Open, width: int) -> None:
    async with open_app(width, 60) as opened:
        await opened.press("f1")
        lines = opened.text().split("\n")
        for what, binding_id in (
            ("alt+enter  New line", "message.newline"),
            ("Save or create assistant", "assistant.save"),
            ("Versions", "assistant.versions"),
        ):
            assert [line for line in lines if what in line and binding_id in line], what


async def test_a_widget_is_named_in_words(open_app: Open) -> None:
    async with open_app() as opened:
        main(opened).config.focus_field("model")
        await opened.press("f1")
        assert "Model row" in opened.text()


async def test_a_search_line_passes_on_the_keys_of_its_list(open_app: Open) -> None:
    async with open_app(120, 50) as opened:
        await opened.press("ctrl+o", "f1")
        shown = " ".join(opened.text().split())
        assert "│ ↑ Up │" in shown
        assert "│ pgdn Page down │" in shown


async def test_a_key_is_named_by_its_widget(open_app: Open) -> None:
    """The main screen, too, has an action `find`."""
    async with open_app(120, 50) as opened:
        main(opened).config.focus_field("instructions")
        await opened.press("f1")
        found = [line for line in opened.text().split("\n") if "instructions.find" in line]
        assert len(found) == 1
        assert "Find in thread" not in found[0]


async def test_the_keys_of_a_dialog_are_shown_over_it(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+o")
        opened.app.screen.query_one("Input")
        dialog = opened.app.screen
        await opened.press("f1")
        assert "assistants.duplicate" in opened.text()
        await opened.press("f1")
        assert opened.app.screen is dialog

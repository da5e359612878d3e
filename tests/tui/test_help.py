from __future__ import annotations

from tests.tui.conftest import Open
from tests.tui.test_main_flow import main


async def test_the_help_speaks_words_and_keeps_each_key_to_a_line(open_app: Open) -> None:
    async with open_app() as opened:
        main(opened).config.focus_field("model")
        await opened.press("f1")
        assert "Model row" in opened.text()
        lines = opened.text().split("\n")
        assert [line for line in lines if "Save or create assistant" in line and "assistant.save" in line]
        assert [line for line in lines if "Versions" in line and "assistant.versions" in line]

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from playground_tui.tui.harmless_lines import HarmlessLines
from playground_tui.workspace.failures import Failure
from tests.tui.conftest import Open

HOSTILE = "\x1b[2J\x1b]0;t\x07 \x9b5m [bold]red[/bold] \u202eabc\u202c \r\x08\x00\x7f end"


def filtered(*segments: Segment) -> list[Segment]:
    return HarmlessLines().apply(list(segments), Color(0, 0, 0))


def test_what_a_terminal_obeys_is_taken_out_and_the_width_stays() -> None:
    before = Segment(HOSTILE, Style(bold=True))
    (after,) = filtered(before)
    assert after.text == "[2J]0;t 5m [bold]red[/bold] abc  end"
    assert after.style == before.style
    assert Strip([after]).cell_length == Strip([before]).cell_length


@pytest.mark.parametrize("text", ["plain", "é 漢字", "👩\u200d👩\u200d👧", "می\u200cخواهم", "a\u00a0b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert [segment.text for segment in filtered(Segment(text))] == [text]


def test_half_a_character_becomes_one_that_can_be_written() -> None:
    (after,) = filtered(Segment("a\ud800b"))
    assert after.text == "a\ufffdb"


async def test_no_failure_name_or_title_reaches_the_terminal_as_an_order(open_app: Open) -> None:
    async with open_app() as opened:
        opened.workspace.conversation.value.become(
            title=f"title {HOSTILE}", failure=Failure("server", f"what {HOSTILE}")
        )
        draft = opened.workspace.editor.draft
        draft.set(replace(draft.value, values={**draft.value.values, "name": HOSTILE}))
        await opened.until(lambda: "what" in opened.text())
        assert not set(opened.text()) & set("\x1b\x07\x9b\x08\x00\x7f\r\u202e")

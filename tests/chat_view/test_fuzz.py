"""Any text draws: within the width, without a character that a terminal obeys, the same however it was cut."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from playground_tui.tui.chat_view.blocks import Splitter
from playground_tui.tui.chat_view.clean import Cleaner, clean
from playground_tui.tui.chat_view.document import Document
from playground_tui.workspace.values import ChatMessage, ReplyFacts
from tests.chat_view.drawn import AT, message, parsed_at_once, picture, streamed, texts, whole

OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")

PIECES = [
    "\n", "\n", "\n\n", " ", "  ", "    ", "\t", "a", "word ", "# ", "- ", "* ", "+ ", "1. ", "2) ", "> ",
    "```", "```py\n", "~~~", "|", "| a | b |\n", "|---|---|\n", "-|-", "---\n", "===\n", "[a]", "[a]: /x\n",
    "[^1]", "[^1]: n\n", "[x](y)", "**", "*", "_", "`", "~~", "<div>\n", "</div>", "<!--", "-->", "<br>", "\\",
    "&amp;", "http://a.b ", "日本", "\U0001f468\u200d\U0001f469", "e\u0301", "[ ] ", "\r\n", "\r",
]  # fmt: skip
markdowns = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
anything = st.text(st.characters(), max_size=300)
bounded = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cut(text: str, places: list[int]) -> list[str]:
    at = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(at)]


@bounded
@given(markdowns, st.lists(st.integers(0, 10_000), max_size=6))
def test_cut_markdown_draws_as_the_whole(text: str, places: list[int]) -> None:
    assert picture(streamed(cut(text, places))) == whole(text)


@bounded
@given(markdowns)
@example("- \n[a]: /x\n- ")
def test_blocks_draw_as_one_parse(text: str) -> None:
    assert texts(streamed([text]))[2:] == parsed_at_once(clean(text))


@bounded
@given(anything, st.lists(st.integers(0, 10_000), max_size=4), st.integers(8, 50))
def test_anything_is_drawn_harmless(text: str, places: list[int], width: int) -> None:
    for document in (streamed(cut(text, places), width), Document(plain_message(text), width, AT)):
        for row in texts(document)[2:]:
            assert OBEYED.search(row) is None
            assert cell_len(row) <= width


@bounded
@given(anything)
def test_names_and_notes_are_harmless_too(text: str) -> None:
    document = Document(message("x", "failed", note=text, run_id=text), 40, AT)
    facts = ReplyFacts(text, 1, overrides=(text,))
    named = Document(ChatMessage("m", "assistant", "", AT, author=text, remark=text, facts=facts), 40, AT)
    for row in texts(document) + texts(named):
        assert OBEYED.search(row) is None


@bounded
@given(anything, st.lists(st.integers(0, 10_000), max_size=4))
def test_cleaning_does_not_depend_on_the_cut(text: str, places: list[int]) -> None:
    cleaner = Cleaner()
    assert "".join([cleaner.feed(part) for part in cut(text, places)]) + cleaner.finish() == clean(text)


@bounded
@given(markdowns, st.lists(st.integers(0, 10_000), max_size=6))
def test_forced_cuts_do_not_depend_on_the_fragments(text: str, places: list[int]) -> None:
    def blocks(parts: list[str]) -> list[tuple[object, ...]]:
        splitter, made = Splitter(limit=40), []
        for part in parts:
            splitter.feed(part)
            made += splitter.advance()
        made += splitter.advance(final=True)
        return [(block.kind, block.source, block.number, block.code and block.code.lines) for block in made]

    text = clean(text)
    assert blocks(cut(text, places)) == blocks([text])


def plain_message(text: str) -> ChatMessage:
    return ChatMessage("msg", "user", text, AT)

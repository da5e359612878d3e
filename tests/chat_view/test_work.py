"""Work counted, not timed: what is parsed and drawn depends on what is new and what is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from textual._compositor import CompositorUpdate
from textual.geometry import Region

from playground_tui.tui.chat_view import ChatView
from playground_tui.tui.chat_view.blocks import LIMIT
from playground_tui.tui.chat_view.document import Document
from playground_tui.tui.chat_view.layout import KEPT_DOCUMENTS, KEPT_LINES, TRIM_EVERY
from tests.chat_view.conftest import ChatApp, reply, talk, user
from tests.chat_view.drawn import AT, message
from tests.chat_view.samples import LONG_CODE

TOKEN = 4
SECTION = (
    "## Head\n\nSome **text** to read.\n\n- one\n- two\n\n```python\nx = 1\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n"
)


def feed(document: Document, text: str, step: int = TOKEN) -> int:
    """Characters that the parser was given for it."""
    before = document.parsed
    for at in range(0, len(text), step):
        document.grow(text[at : at + step])
        document.flush()
    return document.parsed - before


def drawn_units(document: Document) -> int:
    return sum(index in document.drawn for index in range(len(document.units)))


def test_a_token_costs_the_same_parsing_however_long_the_reply_is() -> None:
    document = Document(message("", "streaming"), 80, AT)
    first = feed(document, SECTION * 5)
    feed(document, SECTION * 200, step=4_000)
    assert feed(document, SECTION * 5) <= first * 1.05


@pytest.mark.parametrize(
    ("begin", "line"),
    [
        ("```python\n", lambda row: f"x{row} = {row}\n"),
        ("| a | b |\n|---|---|\n", lambda row: f"| {row} | value |\n"),
        ("", lambda row: f"- item number {row}\n"),
        pytest.param("", lambda row: f"{row + 1}. item number {row}\n\n", marks=pytest.mark.slow),
        ("", lambda row: "one paragraph without end goes on and on "),
        ("", lambda row: "one paragraph of many lines\n"),
        pytest.param("> ", lambda row: "a quotation that goes on\n> ", marks=pytest.mark.slow),
        ("<div>\n", lambda row: "html that goes on\n"),
    ],
    ids=["code", "table", "list", "loose list", "line", "paragraph", "quote", "html"],
)
def test_an_open_block_is_not_parsed_again_and_again(begin: str, line: Callable[[int], str]) -> None:
    document = Document(message("", "streaming"), 80, AT)
    feed(document, begin)
    costs, step = [], 2_000
    for part in range(3):
        text = "".join(line(row) for row in range(part * 1_500, part * 1_500 + 1_500))
        costs.append(feed(document, text, step) / len(text))
    assert max(costs) <= LIMIT / step * 1.5


def test_a_closed_code_is_coloured_in_slices() -> None:
    code = "'''" + "x = 1\n" * 20_000 + "'''\n"
    document = Document(message(f"```python\n{code}```\n"), 80, AT)
    assert document.is_refining
    last = len(document.units) - 2
    assert any("code-number" in key for line in document.lines(last - 1) for _, key in line.runs)
    slices = 0
    while document.is_refining:
        document.refine(0.001)
        slices += 1
    assert slices > 3
    assert all(key in ("code", "code code-string") for line in document.lines(last - 1) for _, key in line.runs)


async def test_opening_a_long_thread_draws_only_its_end(app: ChatApp) -> None:
    async with app.run_test(size=(80, 30)) as pilot:
        counts = []
        for count in (100, 10_000):
            app.view.show(talk(count))
            await pilot.pause()
            counts.append(opened(app.view, range(count)))
        assert counts[0] == counts[1]
        assert counts[1] < 30


def opened(view: ChatView, numbers: Iterable[int]) -> int:
    return sum(view._thread.opened(f"msg_{number}") is not None for number in numbers)


async def test_a_long_message_is_drawn_where_it_is_looked_at(app: ChatApp) -> None:
    async with app.run_test(size=(80, 30)) as pilot:
        app.view.show([user(0), reply(1, SECTION * 300)])
        await pilot.pause()
        document = app.view._thread.opened("msg_1")
        assert document is not None
        assert len(document.units) > 1_500
        assert drawn_units(document) < 60


@pytest.mark.slow
async def test_memory_is_bounded_by_what_was_looked_at(app: ChatApp) -> None:
    async with app.run_test(size=(80, 30)) as pilot:
        app.view.show(talk(1_000))
        await pilot.pause()
        for _ in range(200):
            app.view.action_page_up()
        assert opened(app.view, range(1_000)) <= KEPT_DOCUMENTS + TRIM_EVERY * 20
        app.view.show([reply(1, SECTION * 600)])
        for _ in range(200):
            app.view.action_page_up()
        document = app.view._thread.opened("msg_1")
        assert document is not None
        assert sum(map(len, document.drawn.values())) <= KEPT_LINES + TRIM_EVERY * 40


async def test_growing_out_of_sight_draws_nothing(app: ChatApp) -> None:
    async with app.run_test(size=(80, 20)) as pilot:
        app.view.show([*talk(40), reply(99, "", "streaming")])
        await pilot.pause()
        for _ in range(6):
            app.view.action_page_up()
        app.view.grow("msg_99", SECTION * 20)
        while not app.view.settled:
            await pilot.pause(0.02)
        document = app.view._thread.opened("msg_99")
        assert document is not None
        assert len(document.units) > 80
        assert drawn_units(document) <= 3


async def test_a_line_that_grows_repaints_that_line(app: ChatApp) -> None:
    async with app.run_test(size=(80, 30)) as pilot:
        app.view.show([user(0), reply(99, "", "streaming")])
        app.view.grow("msg_99", "para\n\n" + LONG_CODE[:60])
        await pilot.pause(0.1)
        asked: list[tuple[Region, ...]] = []
        original = app.view.refresh
        app.view.refresh = lambda *regions, **more: (asked.append(regions), original(*regions, **more))[1]  # type: ignore[method-assign]
        app.view.grow("msg_99", "!")
        while not app.view.settled:
            await pilot.pause(0.02)
        assert [[region.height for region in regions] for regions in asked] == [[1]]


@pytest.fixture
def written(app: ChatApp, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Characters of each update that a terminal would get."""
    sizes: list[int] = []

    def display(_screen: object, update: object) -> None:
        if isinstance(update, CompositorUpdate):
            sizes.append(len(update.render_segments(app.console)))

    monkeypatch.setattr(app, "_display", display)
    return sizes


async def test_a_token_writes_as_little_however_long_the_reply_is(app: ChatApp, written: list[int]) -> None:
    """A token in an open line writes that line, be the reply short or long; and nothing comes after it."""
    costs = []
    async with app.run_test(size=(80, 30)) as pilot:
        app.view.show([user(0), reply(99, "", "streaming")])
        for before in (SECTION, SECTION * 20):
            app.view.grow("msg_99", before + "A line that ")
            while not app.view.settled:
                await pilot.pause(0.02)
            await pilot.pause()
            written.clear()
            for _ in range(8):
                app.view.grow("msg_99", "word")
                while not app.view.settled:
                    await pilot.pause(0.02)
            await pilot.pause()
            costs.append(sorted(written)[len(written) // 2])
            assert 0 < len(written) <= 8 + 2
    assert max(costs) < 80 * 2.5

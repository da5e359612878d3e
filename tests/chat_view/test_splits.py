"""A text cut anywhere draws in the end as the whole does, and as one parse of all of it would."""

from __future__ import annotations

import random

import pytest

from playground_tui.tui.chat_view.clean import clean
from playground_tui.workspace.values import Citation
from tests.chat_view.drawn import parsed_at_once, picture, streamed, texts, whole
from tests.chat_view.samples import LONG_CODE, LONG_LINE, LONG_LIST, LONG_TABLE, SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_cut_once_at_every_place(name: str) -> None:
    text = SAMPLES[name]
    expected = whole(text)
    for at in range(len(text) + 1):
        assert picture(streamed([text[:at], text[at:]])) == expected, (at, text[:at])


@pytest.mark.parametrize("name", SAMPLES)
def test_letter_by_letter(name: str) -> None:
    text = SAMPLES[name]
    assert picture(streamed(text)) == whole(text)


@pytest.mark.parametrize("name", SAMPLES)
def test_blocks_draw_as_one_parse_does(name: str) -> None:
    text = SAMPLES[name]
    body = texts(streamed([text]))[2:]
    assert body == parsed_at_once(clean(text)), name


@pytest.mark.parametrize("text", [LONG_TABLE, LONG_CODE, LONG_LIST, LONG_LINE], ids=["table", "code", "list", "line"])
def test_long_blocks_cut_at_random(text: str) -> None:
    expected = whole(text)
    rng = random.Random(1)
    for _ in range(3):
        places = sorted(rng.sample(range(len(text)), 40))
        parts = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
        assert picture(streamed(parts)) == expected


def test_citations_that_come_with_the_end_mark_what_was_drawn() -> None:
    text = "Refunds take a week【1†source】.\n\nAsk for one [here](sandbox:/mnt/a.csv).\n"
    citations = (
        Citation("【1†source】", "[1] policy.pdf", "file_1"),
        Citation("sandbox:/mnt/a.csv", "[2] a.csv", "file_2"),
    )
    assert picture(streamed([text[:20], text[20:]], citations=citations)) == whole(text, citations=citations)
    shown = texts(streamed([text], citations=citations))
    assert "Refunds take a week[1]." in shown
    assert shown[-2:] == ["[1] policy.pdf", "[2] a.csv"]


def test_a_definition_that_comes_late_makes_the_link() -> None:
    document = streamed(["Read [the docs][d].\n\nThen wait.\n\n", "[d]: http://a.b\n"])
    assert "Read the docs." in texts(document)
    assert not any("[d]" in row for row in texts(document))

"""Server-Sent Events from bytes that are cut anywhere."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from playground_tui.service.engines.sse import SSEDecoder

STREAM = (
    'event: a\ndata: {"ü": 1}\n\n: comment\n\ndata:no space\n\n'
    "data: two\ndata: lines\n\nid: 3\n\ndata: 🎉\n\ndata: rest"
)
EVENTS = ['{"ü": 1}', "no space", "two\nlines", "🎉", "rest"]


def decode(blocks: list[bytes]) -> list[str]:
    decoder = SSEDecoder()
    found = [data for block in blocks for data in decoder.feed(block)]
    return [data.decode() for data in found + decoder.end()]


@settings(deadline=None)
@given(st.sets(st.integers(0, 200)), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_any_cut_gives_the_same_events(cuts: set[int], end: str, mark: bool) -> None:
    data = (b"\xef\xbb\xbf" if mark else b"") + STREAM.replace("\n", end).encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    blocks = [data[a:b] for a, b in pairwise(places)]
    assert decode(blocks) == EVENTS


def test_nothing_gives_nothing() -> None:
    assert decode([]) == []
    assert decode([b"", b"\n\n", b": only a comment"]) == []

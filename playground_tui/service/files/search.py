"""Passages for a question: BM25 over the store's index finds them, `weigh` puts them in order.

A score says how much of the question a passage has, words that are rare in the store weighing more; so it means the
same in a store of one passage and of a million.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.files.filters import Fits
from playground_tui.service.files.weigh import BEGIN, END, found_in, place, score
from playground_tui.service.files.words import original_place, terms
from playground_tui.service.store import Connection, chunks

POOL: Final = 200
"""Passages that are weighed, at least."""


@dataclass(frozen=True, slots=True)
class Hit:
    store_id: str
    file_id: str
    name: str
    score: float
    """0 to 1."""
    text: str
    pages: chunks.Pages
    """The pages of its text, for PDF files."""
    page: int | None
    """The page on which most of the question stands."""
    attributes: dict[str, Any]


def search(
    conn: Connection,
    store_ids: Sequence[str],
    queries: Sequence[str],
    most: int,
    threshold: float = 0.0,
    fits: Fits | None = None,
) -> list[Hit]:
    """The best first; a passage found by several queries counts once, with its best score."""
    best: dict[int, _Weighed] = {}
    for store_id in store_ids:
        for query in queries:
            for one in _weighed(conn, store_id, query, most, fits):
                chunk = one.candidate.chunk
                if one.score >= threshold and (chunk not in best or one.score > best[chunk].score):
                    best[chunk] = one
    ranked = sorted(best.values(), key=lambda one: (-one.score, one.candidate.chunk))[:most]
    texts = chunks.texts(conn, [one.candidate.chunk for one in ranked])
    names = chunks.names(conn, {one.candidate.file_id for one in ranked})
    return [_hit(one, *texts[one.candidate.chunk], names) for one in ranked]


@dataclass(frozen=True, slots=True)
class _Weighed:
    score: float
    store_id: str
    candidate: chunks.Candidate
    marked: str
    at: int
    """Where most of the question stands in the indexed text."""


def _hit(one: _Weighed, pages: chunks.Pages, text: str, names: Mapping[str, str]) -> Hit:
    at = original_place(one.marked, one.at) if len(pages) > 1 else 0
    page = next((page for start, page in reversed(pages) if start <= at), None)
    file_id = one.candidate.file_id
    return Hit(one.store_id, file_id, names.get(file_id, ""), one.score, text, pages, page, one.candidate.attributes)


def _weighed(conn: Connection, store_id: str, query: str, most: int, fits: Fits | None) -> list[_Weighed]:
    words = terms(query)
    if not words:
        return []
    pool = chunks.candidates(conn, store_id, words, max(POOL, 2 * most), fits)
    weights = _weights(conn, store_id, words)
    marked = chunks.marked(conn, store_id, words, pool, (BEGIN, END))
    found = [(candidate, text := marked[candidate.chunk], found_in(text, words)) for candidate in pool]
    mean = sum(one.length for _, _, one in found) / max(1, len(found))
    return [
        _Weighed(round(score(one, weights, mean), 6), store_id, candidate, text, place(one, weights))
        for candidate, text, one in found
    ]


def _weights(conn: Connection, store_id: str, words: Sequence[str]) -> dict[str, float]:
    """The rarer a word in the store, the heavier."""
    total = max(chunks.count(conn, store_id), 1)
    counts = {word: chunks.count_with(conn, store_id, word) for word in words}
    return {word: math.log(1 + (max(total, n) - n + 0.5) / (n + 0.5)) for word, n in counts.items()}

"""Passages for a question: BM25 over the store's index, put in order by how much of the question each one holds.

A score says which share of the question's weight the passage has, words that are rare in the store weighing more; so
it means the same in a store of one passage and of a million.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.files.filters import Fits
from playground_tui.service.files.words import pairs, terms
from playground_tui.service.store import Connection, chunks

POOL: Final = 100
"""Passages that are weighed, at least."""
_BY_RANK: Final = 0.4
"""How much of a score is the passage's place in the index's own order."""
_BY_PAIRS: Final = 0.4
"""How much of it is whether words that are neighbours in the question are close in the passage."""


@dataclass(frozen=True, slots=True)
class Hit:
    store_id: str
    file_id: str
    name: str
    score: float
    """0 to 1."""
    text: str
    page: int | None
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
    best: dict[int, tuple[float, str, chunks.Candidate]] = {}
    for store_id in store_ids:
        for query in queries:
            for score, found in _weighed(conn, store_id, query, most, fits):
                if score >= threshold and score > best.get(found.chunk, (-1.0,))[0]:
                    best[found.chunk] = (score, store_id, found)
    ranked = sorted(best.values(), key=lambda one: (-one[0], one[2].chunk))[:most]
    texts = chunks.texts(conn, [found.chunk for _, _, found in ranked])
    names = chunks.names(conn, {found.file_id for _, _, found in ranked})
    return [
        Hit(store_id, c.file_id, names.get(c.file_id, ""), score, text, page, c.attributes)
        for score, store_id, c in ranked
        for page, text in (texts[c.chunk],)
    ]


def _weighed(
    conn: Connection, store_id: str, query: str, most: int, fits: Fits | None
) -> list[tuple[float, chunks.Candidate]]:
    words = terms(query)
    if not words:
        return []
    pool = chunks.candidates(conn, store_id, words, max(POOL, 2 * most), fits)
    if not pool:
        return []
    by_word = _shares(conn, store_id, words, pool)
    by_pair = _shares(conn, store_id, pairs(words), pool)
    top = max(c.bm25 for c in pool)
    scored = []
    for candidate in pool:
        rank = max(0.0, candidate.bm25 / top) if top > 0 else 1.0
        near = by_pair.get(candidate.chunk, 0.0) if len(words) > 1 else 1.0
        score = by_word.get(candidate.chunk, 0.0) * (1 - _BY_RANK - _BY_PAIRS + _BY_RANK * rank + _BY_PAIRS * near)
        scored.append((round(min(1.0, score), 6), candidate))
    return scored


def _shares(
    conn: Connection, store_id: str, words: Sequence[str], pool: Sequence[chunks.Candidate]
) -> dict[int, float]:
    """How much of the weight of all the words each passage has; the rarer a word in the store, the heavier."""
    total = max(chunks.count(conn, store_id), 1)
    shares: dict[int, float] = {}
    whole = 0.0
    for word in words:
        count, having = chunks.holders(conn, store_id, word, [c.chunk for c in pool])
        weight = math.log(1 + (max(total, count) - count + 0.5) / (count + 0.5))
        whole += weight
        for chunk in having:
            shares[chunk] = shares.get(chunk, 0.0) + weight
    return {chunk: share / whole for chunk, share in shares.items()}

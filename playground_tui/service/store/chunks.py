"""Passages of files, and the index over them. A `doc` is what one file gave in one store."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.store.database import Connection

Pages = tuple[tuple[int, int], ...]
"""(where in the passage's text it begins, page): every page that it has something of."""
GARBAGE_STEP: Final = 200
"""Passages dropped in one transaction, so that other writes need not wait long."""


@dataclass(frozen=True, slots=True)
class Passage:
    n: int
    start: int
    """Characters from the start of the file's text."""
    pages: Pages
    text: str
    indexed: str
    """The text as the index reads it."""


def add(conn: Connection, store_id: str, doc: int, passages: Sequence[Passage]) -> None:
    word = store_word(conn, store_id)
    for passage in passages:
        page = passage.pages[0][1] if passage.pages else None
        values = (doc, passage.n, passage.start, page, json.dumps(passage.pages), passage.text)
        sql = "INSERT INTO chunks (doc, n, start, page, pages, text) VALUES (?, ?, ?, ?, ?, ?)"
        row = conn.execute(sql, values).lastrowid
        conn.execute("INSERT INTO chunks_index (rowid, store, text) VALUES (?, ?, ?)", (row, word, passage.indexed))


def store_word(conn: Connection, store_id: str) -> str:
    """The word that stands for the store in the index; none has it when the store is gone."""
    row = conn.execute("SELECT seq FROM vector_stores WHERE id = ?", (store_id,)).fetchone()
    return f"s{row[0] if row else 0}"


def text_of(conn: Connection, store_id: str, file_id: str) -> str:
    """A file's text put together from its passages; what they share counts once."""
    rows = conn.execute(
        "SELECT c.start, c.page, c.text FROM chunks c JOIN vector_store_files v ON v.doc = c.doc "
        "WHERE v.vector_store_id = ? AND v.id = ? AND v.status = 'completed' ORDER BY c.n",
        (store_id, file_id),
    )
    parts: list[str] = []
    end, last_page = 0, None
    for start, page, text in rows:
        if parts and start >= end:
            parts.append("\n" if page != last_page else " ")
        parts.append(text[max(0, end - start) :])
        end, last_page = max(end, start + len(text)), page
    return "".join(parts)


_GARBAGE: Final = (
    "SELECT id FROM docs WHERE NOT EXISTS (SELECT 1 FROM vector_store_files v WHERE v.doc = docs.id) LIMIT 1"
)


def has_garbage(conn: Connection) -> bool:
    return conn.execute(_GARBAGE).fetchone() is not None


def drop_garbage(conn: Connection) -> bool:
    """Drop some of the passages that nothing points to. True: there may be more."""
    row = conn.execute(_GARBAGE).fetchone()
    if row is None:
        return False
    found = conn.execute("SELECT id FROM chunks WHERE doc = ? LIMIT ?", (row[0], GARBAGE_STEP)).fetchall()
    conn.executemany("DELETE FROM chunks_index WHERE rowid = ?", found)
    conn.executemany("DELETE FROM chunks WHERE id = ?", found)
    if len(found) < GARBAGE_STEP:
        conn.execute("DELETE FROM docs WHERE id = ?", row)
    return True


def forget_expired(conn: Connection, now: int) -> None:
    """Let go of the passages of stores that have expired."""
    conn.execute(
        "UPDATE vector_store_files SET doc = NULL WHERE doc IS NOT NULL AND vector_store_id IN "
        "(SELECT id FROM vector_stores WHERE expires_at <= ?)",
        (now,),
    )


# -- search ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    chunk: int
    bm25: float
    """Higher is better."""
    file_id: str
    attributes: dict[str, Any]


def candidates(
    conn: Connection, store_id: str, terms: Sequence[str], most: int, fits: Callable[[dict[str, Any]], bool] | None
) -> list[Candidate]:
    """The best passages of the store's indexed files by BM25. `terms`: quoted already. `fits`: of a file's
    attributes."""
    match = _match(conn, store_id, terms)
    limit = 2 * most if fits is None else 8 * most
    while True:
        rows = conn.execute(
            "SELECT rowid, -rank FROM chunks_index WHERE chunks_index MATCH ? AND rank MATCH 'bm25(0.0, 1.0)' "
            "ORDER BY rank LIMIT ?",
            (match, limit),
        ).fetchall()
        found = [c for c in _located(conn, store_id, rows) if fits is None or fits(c.attributes)]
        if len(found) >= most or len(rows) < limit:
            return found[:most]
        limit *= 8


def _located(conn: Connection, store_id: str, rows: Sequence[tuple[int, float]]) -> list[Candidate]:
    """Without those of files that are not, or no longer, indexed."""
    sql = (
        "SELECT v.id, json_extract(v.body, '$.attributes') FROM chunks c JOIN vector_store_files v ON v.doc = c.doc "
        "WHERE c.id = ? AND v.status = 'completed' AND v.vector_store_id = ?"
    )
    found = []
    for chunk, score in rows:
        file = conn.execute(sql, (chunk, store_id)).fetchone()
        if file is not None:
            found.append(Candidate(chunk, score, file[0], json.loads(file[1] or "{}")))
    return found


def marked(
    conn: Connection, store_id: str, terms: Sequence[str], found: Sequence[Candidate], signs: tuple[str, str]
) -> dict[int, str]:
    """The candidates' texts as they are indexed, with `signs` around what matches."""
    rows = conn.execute(
        "SELECT rowid, highlight(chunks_index, 1, ?3, ?4) FROM chunks_index WHERE chunks_index MATCH ?1 "
        "AND +rowid IN (SELECT value FROM json_each(?2))",
        (_match(conn, store_id, terms), json.dumps([candidate.chunk for candidate in found]), *signs),
    )
    return dict(rows)


def count_with(conn: Connection, store_id: str, term: str) -> int:
    """How many of the store's passages have the term."""
    sql = "SELECT count(*) FROM chunks_index WHERE chunks_index MATCH ?"
    return int(conn.execute(sql, (_match(conn, store_id, (term,)),)).fetchone()[0])


def _match(conn: Connection, store_id: str, terms: Sequence[str]) -> str:
    return f'store : "{store_word(conn, store_id)}" AND text : ({" OR ".join(terms)})'


def count(conn: Connection, store_id: str) -> int:
    sql = "SELECT coalesce(sum(chunks), 0) FROM vector_store_files WHERE vector_store_id = ? AND status = 'completed'"
    return int(conn.execute(sql, (store_id,)).fetchone()[0])


def texts(conn: Connection, chunks: Sequence[int]) -> dict[int, tuple[Pages, str]]:
    """(pages, text) of each."""
    sql = "SELECT page, pages, text FROM chunks WHERE id = ?"
    rows = {chunk: row for chunk in chunks if (row := conn.execute(sql, (chunk,)).fetchone())}
    return {chunk: (_pages(page, pages), text) for chunk, (page, pages, text) in rows.items()}


def _pages(first: int | None, pages: str | None) -> Pages:
    """Passages that were indexed before their pages were kept have the first one only."""
    if pages is None:
        return () if first is None else ((0, first),)
    return tuple((at, page) for at, page in json.loads(pages))


def names(conn: Connection, file_ids: set[str]) -> dict[str, str]:
    sql = "SELECT json_extract(body, '$.filename') FROM files WHERE id = ?"
    return {file_id: row[0] for file_id in file_ids if (row := conn.execute(sql, (file_id,)).fetchone())}

"""Files in vector stores, and batches of them. A row's `status` and bytes are columns; `body` is kept in step.

`owner` is the service that indexes it, `doc` the passages made of it (see `chunks`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.errors import not_found
from playground_tui.service.ids import new_id
from playground_tui.service.store import objects
from playground_tui.service.store.database import Connection
from playground_tui.service.store.objects import Object, Page, PageQuery, dump
from playground_tui.service.store.tables import BATCHES, STORE_FILES
from playground_tui.service.store.vector_stores import file_counts

AUTO = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}

# -- files -------------------------------------------------------------------------------------------------------------


def add(conn: Connection, store_id: str, wanted: Object, now: int, batch_id: str | None = None) -> Object:
    """Put a file into a store, to be indexed; one that is there already is indexed anew. `wanted`: `file_id`,
    `chunking_strategy`, `attributes`."""
    chunking = wanted.get("chunking_strategy") or {"type": "auto"}
    body = {
        "id": wanted["file_id"],
        "object": "vector_store.file",
        "usage_bytes": 0,
        "created_at": now,
        "vector_store_id": store_id,
        "status": "in_progress",
        "last_error": None,
        "chunking_strategy": {"type": "static", "static": chunking.get("static") or AUTO},
        "attributes": wanted.get("attributes") or {},
    }
    conn.execute(
        "INSERT INTO vector_store_files (id, vector_store_id, batch_id, created_at, status, body) "
        "VALUES (?, ?, ?, ?, 'in_progress', ?) ON CONFLICT (vector_store_id, id) DO UPDATE SET "
        "batch_id = excluded.batch_id, created_at = excluded.created_at, status = 'in_progress', owner = NULL, "
        "doc = NULL, chunks = 0, usage_bytes = 0, body = excluded.body",
        (body["id"], store_id, batch_id, now, dump(body)),
    )
    return body


def require(conn: Connection, store_id: str, file_id: str) -> Object:
    """Raises the API's 404."""
    return objects.require(conn, STORE_FILES, file_id, vector_store_id=store_id)


def page(conn: Connection, query: PageQuery, **where: str) -> Page:
    return objects.page(conn, STORE_FILES, query, **where)


def set_attributes(conn: Connection, store_id: str, file_id: str, attributes: Object | None) -> Object:
    """Raises the API's 404."""
    body = {**require(conn, store_id, file_id), "attributes": attributes or {}}
    sql = "UPDATE vector_store_files SET body = ? WHERE vector_store_id = ? AND id = ?"
    conn.execute(sql, (dump(body), store_id, file_id))
    return body


def remove(conn: Connection, store_id: str, file_id: str) -> None:
    """The file itself stays. Raises the API's 404."""
    if not objects.delete(conn, STORE_FILES, file_id, vector_store_id=store_id):
        raise not_found(STORE_FILES.noun, file_id)


# -- batches -----------------------------------------------------------------------------------------------------------


def add_batch(conn: Connection, store_id: str, files: Sequence[Object], now: int) -> Object:
    batch_id = new_id("vsfb")
    batch = {"id": batch_id, "object": "vector_store.files_batch", "created_at": now, "vector_store_id": store_id}
    objects.insert(conn, BATCHES, batch)
    for wanted in files:
        add(conn, store_id, wanted, now, batch_id)
    return require_batch(conn, store_id, batch_id)


def require_batch(conn: Connection, store_id: str, batch_id: str) -> Object:
    """With its status and counts as they are now. Raises the API's 404."""
    batch = objects.require(conn, BATCHES, batch_id, vector_store_id=store_id)
    counts, _ = file_counts(conn, "batch_id", batch_id)
    cancelled = conn.execute("SELECT cancelled FROM file_batches WHERE id = ?", (batch_id,)).fetchone()[0]
    status = "cancelled" if cancelled else "completed"
    if counts["in_progress"]:
        status = "in_progress"
    elif counts["total"] and counts["failed"] == counts["total"]:
        status = "failed"
    return {**batch, "status": status, "file_counts": counts}


def cancel_batch(conn: Connection, store_id: str, batch_id: str) -> Object:
    """What is not indexed yet will not be. Raises the API's 404."""
    require_batch(conn, store_id, batch_id)
    conn.execute("UPDATE file_batches SET cancelled = 1 WHERE id = ?", (batch_id,))
    conn.execute(
        "UPDATE vector_store_files SET status = 'cancelled', doc = NULL, owner = NULL, "
        "body = json_set(body, '$.status', 'cancelled') WHERE batch_id = ? AND status = 'in_progress'",
        (batch_id,),
    )
    return require_batch(conn, store_id, batch_id)


# -- indexing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """A file that this service is to index, and the `doc` it is to fill."""

    seq: int
    store_id: str
    file_id: str
    name: str
    doc: int
    size: int
    overlap: int


def has_work(conn: Connection) -> bool:
    sql = "SELECT 1 FROM vector_store_files WHERE status = 'in_progress' AND owner IS NULL LIMIT 1"
    return conn.execute(sql).fetchone() is not None


def claim(conn: Connection, owner: str) -> Job | None:
    """The next file that nobody is at work on."""
    row = conn.execute(
        "SELECT v.seq, v.vector_store_id, v.id, v.body, f.body FROM vector_store_files v JOIN files f ON f.id = v.id "
        "WHERE v.status = 'in_progress' AND v.owner IS NULL ORDER BY v.seq LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    seq, store_id, file_id, body, file = row
    doc = conn.execute("INSERT INTO docs DEFAULT VALUES").lastrowid
    conn.execute("UPDATE vector_store_files SET owner = ?, doc = ? WHERE seq = ?", (owner, doc, seq))
    chunking = json.loads(body)["chunking_strategy"]["static"]
    size, overlap = chunking["max_chunk_size_tokens"], chunking["chunk_overlap_tokens"]
    return Job(seq, store_id, file_id, json.loads(file)["filename"], doc or 0, size, overlap)


def is_wanted(conn: Connection, job: Job) -> bool:
    """False once it was cancelled, deleted, or added anew."""
    sql = "SELECT 1 FROM vector_store_files WHERE seq = ? AND doc = ? AND status = 'in_progress'"
    return conn.execute(sql, (job.seq, job.doc)).fetchone() is not None


def finish(conn: Connection, job: Job, chunks: int, used: int) -> None:
    _settle(conn, job, "completed", chunks, used, None)


def fail(conn: Connection, job: Job, code: str, message: str) -> None:
    _settle(conn, job, "failed", 0, 0, {"code": code, "message": message})


def _settle(conn: Connection, job: Job, status: str, chunks: int, used: int, error: Any) -> None:
    if not is_wanted(conn, job):
        return
    conn.execute(
        "UPDATE vector_store_files SET status = ?1, owner = NULL, chunks = ?2, usage_bytes = ?3, "
        "doc = iif(?1 = 'completed', doc, NULL), body = json_set(body, '$.status', ?1, '$.usage_bytes', ?3, "
        "'$.last_error', json(?4)) WHERE seq = ?5",
        (status, chunks, used, json.dumps(error), job.seq),
    )


def owners(conn: Connection) -> set[str]:
    """Services that are, or were, at work on a file."""
    sql = "SELECT DISTINCT owner FROM vector_store_files WHERE status = 'in_progress' AND owner IS NOT NULL"
    return {owner for (owner,) in conn.execute(sql)}


def disown(conn: Connection, owner: str) -> None:
    """Its files are to be indexed from their beginning."""
    sql = "UPDATE vector_store_files SET owner = NULL, doc = NULL WHERE status = 'in_progress' AND owner = ?"
    conn.execute(sql, (owner,))


def count_in_progress(conn: Connection, store_ids: Sequence[str]) -> int:
    return sum(file_counts(conn, "vector_store_id", store_id)[0]["in_progress"] for store_id in store_ids)

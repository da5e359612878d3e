"""Vector stores. What moves by itself (status, counts, bytes) is not stored but worked out whenever one is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from playground_tui.service.errors import ApiError
from playground_tui.service.ids import new_id
from playground_tui.service.store import objects
from playground_tui.service.store.database import Connection
from playground_tui.service.store.objects import Object, Page, PageQuery
from playground_tui.service.store.tables import VECTOR_STORES

DAY: Final = 86_400
STATUSES: Final = ("in_progress", "completed", "failed", "cancelled")


def new_store(body: Object, now: int) -> Object:
    """`body`: checked. Only what is stored; `shown` adds the rest."""
    store = {
        "id": new_id("vs"),
        "object": "vector_store",
        "created_at": now,
        "name": body.get("name") or "",
        "description": body.get("description"),
        "expires_at": None,
        "last_active_at": now,
        "metadata": body.get("metadata") or {},
    }
    return _expiring(store, body.get("expires_after"))


def changed(store: Object, body: Object) -> Object:
    """Only the keys that were sent change; null clears."""
    store = dict(store)
    if "name" in body:
        store["name"] = body["name"] or ""
    if "metadata" in body:
        store["metadata"] = body["metadata"] or {}
    return _expiring(store, body["expires_after"]) if "expires_after" in body else store


def _expiring(store: Object, after: Object | None) -> Object:
    """The description knows no null here: without an expiry the key is left out."""
    store = {key: value for key, value in store.items() if key != "expires_after"}
    if after is None:
        return {**store, "expires_at": None}
    return {**store, "expires_after": after, "expires_at": store["last_active_at"] + after["days"] * DAY}


def is_expired(store: Object, now: int) -> bool:
    return store["expires_at"] is not None and now >= store["expires_at"]


def require_live(conn: Connection, store_id: str, now: int) -> Object:
    """Raises the API's 404, and 400 for an expired one."""
    store = objects.require(conn, VECTOR_STORES, store_id)
    if is_expired(store, now):
        raise expired_error(store_id)
    return store


def expired_error(store_id: str) -> ApiError:
    message = f"The vector store '{store_id}' has expired; make a new one from its files."
    return ApiError(400, message, code="vector_store_expired")


def touch(conn: Connection, store_id: str, now: int) -> None:
    """It was used: its expiry counts from now on."""
    store = objects.get(conn, VECTOR_STORES, store_id)
    if store is not None and store["last_active_at"] < now and not is_expired(store, now):
        store["last_active_at"] = now
        objects.update(conn, VECTOR_STORES, _expiring(store, store.get("expires_after")))


def known(conn: Connection, store_ids: Iterable[str]) -> dict[str, Object]:
    """Those of the stores that the service has."""
    found = ((store_id, objects.get(conn, VECTOR_STORES, store_id)) for store_id in store_ids)
    return {store_id: store for store_id, store in found if store is not None}


# -- as they are shown -------------------------------------------------------------------------------------------------


def shown(conn: Connection, store: Object, now: int) -> Object:
    return _all_shown(conn, [store], now)[0]


def page(conn: Connection, query: PageQuery, now: int) -> Page:
    found = objects.page(conn, VECTOR_STORES, query)
    stores = _all_shown(conn, [json.loads(body) for _, body in found.rows], now)
    return Page([(store["id"], objects.dump(store)) for store in stores], found.has_more)


def _all_shown(conn: Connection, stores: Sequence[Object], now: int) -> list[Object]:
    made = []
    for store in stores:
        counts, used = file_counts(conn, "vector_store_id", store["id"])
        status = "in_progress" if counts["in_progress"] else "completed"
        status = "expired" if is_expired(store, now) else status
        made.append({**store, "usage_bytes": used, "status": status, "file_counts": counts})
    return made


def file_counts(conn: Connection, column: str, value: str) -> tuple[dict[str, int], int]:
    """(counts by status and in total, bytes used) of the files of a store or a batch."""
    counts, used = dict.fromkeys((*STATUSES, "total"), 0), 0
    sql = f"SELECT status, count(*), sum(usage_bytes) FROM vector_store_files WHERE {column} = ? GROUP BY status"
    for status, count, size in conn.execute(sql, (value,)):
        counts[status] = count
        counts["total"] += count
        used += size
    return counts, used

"""Vector stores that are made on the way: inline ones of assistants and threads, and the one that a thread gets for the
files attached to its messages. Everything here belongs into one transaction with what it is made for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from playground_tui.limits.assistant import MAX_CODE_FILES
from playground_tui.service.errors import ApiError
from playground_tui.service.store import THREADS, VECTOR_STORES, Connection, files, objects, store_files, vector_stores
from playground_tui.service.store.objects import Object

THREAD_STORE_DAYS: Final = 7
"""Days after its last use that a store made for a thread's attachments lives."""


def add_store(conn: Connection, body: Object, now: int) -> Object:
    """A new store with its first files; `body`: checked. Raises the API's 404 for a file that is not there."""
    store = vector_stores.new_store(body, now)
    objects.insert(conn, VECTOR_STORES, store)
    for file_id in dict.fromkeys(body.get("file_ids") or ()):
        files.require(conn, file_id, now, param="file_ids")
        wanted = {"file_id": file_id, "chunking_strategy": body.get("chunking_strategy")}
        store_files.add(conn, store["id"], wanted, now)
    return store


def with_stores(conn: Connection, owner: Object, now: int) -> Object:
    """An assistant or thread whose inline `vector_stores` have become `vector_store_ids`. Raises the API's 404."""
    resources = owner["tool_resources"]
    search = resources.get("file_search")
    if not search or "vector_stores" not in search:
        return owner
    made = [add_store(conn, body, now)["id"] for body in search["vector_stores"]]
    ids = made or search.get("vector_store_ids") or []
    return {**owner, "tool_resources": {**resources, "file_search": {"vector_store_ids": ids}}}


def attach(conn: Connection, thread_id: str, messages: Iterable[Object], now: int) -> None:
    """Put the files attached to messages where the thread's tools find them. Raises the API's 404 and 400."""
    wanted: dict[str, dict[str, None]] = {"file_search": {}, "code_interpreter": {}}
    for message in messages:
        for attachment in message["attachments"]:
            for tool in attachment["tools"]:
                wanted[tool["type"]][attachment["file_id"]] = None
    if not any(wanted.values()):
        return
    thread = objects.require(conn, THREADS, thread_id)
    resources = dict(thread["tool_resources"])
    if wanted["file_search"]:
        resources["file_search"] = {"vector_store_ids": [_add_to_store(conn, resources, wanted["file_search"], now)]}
    if wanted["code_interpreter"]:
        resources["code_interpreter"] = {"file_ids": _with_code_files(resources, wanted["code_interpreter"])}
    objects.update(conn, THREADS, {**thread, "tool_resources": resources})


def _add_to_store(conn: Connection, resources: Object, file_ids: Iterable[str], now: int) -> str:
    for file_id in file_ids:
        files.require(conn, file_id, now, param="attachments")
    store_id = _store_of(conn, resources, now)
    for file_id in file_ids:
        store_files.add(conn, store_id, {"file_id": file_id}, now)
    vector_stores.touch(conn, store_id, now)
    return store_id


def _store_of(conn: Connection, resources: Object, now: int) -> str:
    """The thread's own store, or a new one when it has none or an expired one."""
    given: list[str] = (resources.get("file_search") or {}).get("vector_store_ids") or []
    for store_id in given:
        store = objects.get(conn, VECTOR_STORES, store_id)
        if store is None:
            message = f"The thread's vector store '{store_id}' is not kept here, so no file can be added to it."
            raise ApiError(400, message, param="attachments", code="foreign_vector_store")
        if not vector_stores.is_expired(store, now):
            return store_id
    after: dict[str, Any] = {"anchor": "last_active_at", "days": THREAD_STORE_DAYS}
    return str(add_store(conn, {"expires_after": after}, now)["id"])


def _with_code_files(resources: Object, file_ids: Iterable[str]) -> list[str]:
    """Files that the service does not know may be the endpoint's own."""
    given = (resources.get("code_interpreter") or {}).get("file_ids") or []
    together = list(dict.fromkeys([*given, *file_ids]))
    if len(together) > MAX_CODE_FILES:
        message = f"The thread would have {len(together)} files for its code interpreter; at most {MAX_CODE_FILES} fit."
        raise ApiError(400, message, param="attachments", code="array_above_max_length")
    return together

"""Files in vector stores, one by one and in batches."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.limits.file_bodies import CREATE_FILE_BATCH, CREATE_STORE_FILE, MODIFY_STORE_FILE
from playground_tui.limits.rules import Choice
from playground_tui.service.answers import deleted_answer, json_answer, list_answer
from playground_tui.service.decode import read_body, refuse
from playground_tui.service.queries import page_query
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service
from playground_tui.service.shapes import Object
from playground_tui.service.store import VECTOR_STORES, Connection, chunks, files, objects, store_files, vector_stores
from playground_tui.service.store.objects import Page
from playground_tui.service.store.vector_stores import STATUSES

POLL_AFTER_MS: Final = 100
"""What a polling client is told to wait while files are indexed."""
_FILTER: Final = Choice(STATUSES)


async def create_file(request: Request, service: Service) -> Response:
    body = await read_body(request, CREATE_STORE_FILE)
    store_id, now = request.path_params["vector_store_id"], service.now()

    def add(conn: Connection) -> Object:
        vector_stores.require_live(conn, store_id, now)
        files.require(conn, body["file_id"], now, param="file_id")
        vector_stores.touch(conn, store_id, now)
        return store_files.add(conn, store_id, body, now)

    file = await service.db.write(add)
    service.library.indexer.wake()
    return _moving(file)


async def list_files(request: Request, service: Service) -> Response:
    store_id = request.path_params["vector_store_id"]
    query, where = page_query(request), _filter(request)

    def read(conn: Connection) -> Page:
        objects.require_text(conn, VECTOR_STORES, store_id)
        return store_files.page(conn, query, vector_store_id=store_id, **where)

    return list_answer(await service.db.read(read))


async def get_file(request: Request, service: Service) -> Response:
    store_id, file_id = _ids(request)
    return _moving(await service.db.read(lambda conn: store_files.require(conn, store_id, file_id)))


async def modify_file(request: Request, service: Service) -> Response:
    store_id, file_id = _ids(request)
    attributes = (await read_body(request, MODIFY_STORE_FILE))["attributes"]
    file = await service.db.write(lambda conn: store_files.set_attributes(conn, store_id, file_id, attributes))
    return json_answer(file)


async def delete_file(request: Request, service: Service) -> Response:
    store_id, file_id = _ids(request)
    await service.db.write(lambda conn: store_files.remove(conn, store_id, file_id))
    service.library.indexer.wake()
    return deleted_answer(file_id, "vector_store.file")


async def file_content(request: Request, service: Service) -> Response:
    store_id, file_id = _ids(request)

    def read(conn: Connection) -> str:
        store_files.require(conn, store_id, file_id)
        return chunks.text_of(conn, store_id, file_id)

    data = [{"type": "text", "text": await service.db.read(read)}]
    page = {"object": "vector_store.file_content.page", "data": data, "has_more": False, "next_page": None}
    return json_answer(page)


# -- batches -----------------------------------------------------------------------------------------------------------


async def create_batch(request: Request, service: Service) -> Response:
    """What is given for the whole batch holds for the files named by id only."""
    body = await read_body(request, CREATE_FILE_BATCH)
    store_id, now = request.path_params["vector_store_id"], service.now()
    shared = {key: body[key] for key in ("chunking_strategy", "attributes") if key in body}
    wanted = body.get("files") or [{"file_id": file_id, **shared} for file_id in dict.fromkeys(body["file_ids"])]

    def add(conn: Connection) -> Object:
        vector_stores.require_live(conn, store_id, now)
        for file in wanted:
            files.require(conn, file["file_id"], now, param="file_ids")
        vector_stores.touch(conn, store_id, now)
        return store_files.add_batch(conn, store_id, wanted, now)

    batch = await service.db.write(add)
    service.library.indexer.wake()
    return _moving(batch)


async def get_batch(request: Request, service: Service) -> Response:
    store_id, batch_id = _batch_ids(request)
    return _moving(await service.db.read(lambda conn: store_files.require_batch(conn, store_id, batch_id)))


async def cancel_batch(request: Request, service: Service) -> Response:
    store_id, batch_id = _batch_ids(request)
    batch = await service.db.write(lambda conn: store_files.cancel_batch(conn, store_id, batch_id))
    service.library.indexer.wake()
    return _moving(batch)


async def list_batch_files(request: Request, service: Service) -> Response:
    store_id, batch_id = _batch_ids(request)
    query, where = page_query(request), _filter(request)

    def read(conn: Connection) -> Page:
        store_files.require_batch(conn, store_id, batch_id)
        return store_files.page(conn, query, batch_id=batch_id, vector_store_id=store_id, **where)

    return list_answer(await service.db.read(read))


# -- small things ------------------------------------------------------------------------------------------------------


def _moving(value: Object) -> Response:
    headers = {"openai-poll-after-ms": str(POLL_AFTER_MS)} if value["status"] == "in_progress" else {}
    return json_answer(value, headers=headers)


def _filter(request: Request) -> dict[str, str]:
    status = request.query_params.get("filter")
    if not status:
        return {}
    refuse(_FILTER.check(status, "filter"))
    return {"status": status}


def _ids(request: Request) -> tuple[str, str]:
    return request.path_params["vector_store_id"], request.path_params["file_id"]


def _batch_ids(request: Request) -> tuple[str, str]:
    return request.path_params["vector_store_id"], request.path_params["batch_id"]


_STORE = "/vector_stores/{vector_store_id}"
routes = [
    route(f"{_STORE}/files", get=list_files, post=create_file),
    route(f"{_STORE}/files/{{file_id}}", get=get_file, post=modify_file, delete=delete_file),
    route(f"{_STORE}/files/{{file_id}}/content", get=file_content),
    route(f"{_STORE}/file_batches", post=create_batch),
    route(f"{_STORE}/file_batches/{{batch_id}}", get=get_batch),
    route(f"{_STORE}/file_batches/{{batch_id}}/cancel", post=cancel_batch),
    route(f"{_STORE}/file_batches/{{batch_id}}/files", get=list_batch_files),
]

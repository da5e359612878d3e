from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.limits.file_bodies import CREATE_VECTOR_STORE, MODIFY_VECTOR_STORE, SEARCH_VECTOR_STORE
from playground_tui.service.answers import deleted_answer, json_answer, list_answer
from playground_tui.service.decode import read_body
from playground_tui.service.errors import not_found
from playground_tui.service.files.attachments import add_store
from playground_tui.service.files.filters import fits_of
from playground_tui.service.files.search import Hit
from playground_tui.service.files.tool import told_pages
from playground_tui.service.queries import page_query
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service
from playground_tui.service.shapes import Object
from playground_tui.service.store import VECTOR_STORES, Connection, objects, vector_stores


async def create_store(request: Request, service: Service) -> Response:
    body, now = await read_body(request, CREATE_VECTOR_STORE, optional=True), service.now()
    store = await service.db.write(lambda conn: vector_stores.shown(conn, add_store(conn, body, now), now))
    service.library.indexer.wake()
    return json_answer(store)


async def list_stores(request: Request, service: Service) -> Response:
    query, now = page_query(request), service.now()
    return list_answer(await service.db.read(lambda conn: vector_stores.page(conn, query, now)))


async def get_store(request: Request, service: Service) -> Response:
    store_id, now = request.path_params["vector_store_id"], service.now()

    def read(conn: Connection) -> Object:
        return vector_stores.shown(conn, objects.require(conn, VECTOR_STORES, store_id), now)

    return json_answer(await service.db.read(read))


async def modify_store(request: Request, service: Service) -> Response:
    """An expired one stays expired: its passages are gone."""
    store_id, now = request.path_params["vector_store_id"], service.now()
    body = await read_body(request, MODIFY_VECTOR_STORE, optional=True)

    def change(conn: Connection) -> Object:
        store = vector_stores.changed(vector_stores.require_live(conn, store_id, now), body)
        objects.update(conn, VECTOR_STORES, store)
        return vector_stores.shown(conn, store, now)

    return json_answer(await service.db.write(change))


async def delete_store(request: Request, service: Service) -> Response:
    """Its files stay."""
    store_id = request.path_params["vector_store_id"]
    if not await service.db.write(lambda conn: objects.delete(conn, VECTOR_STORES, store_id)):
        raise not_found(VECTOR_STORES.noun, store_id)
    service.library.indexer.wake()
    return deleted_answer(store_id, "vector_store")


async def search_store(request: Request, service: Service) -> Response:
    body = await read_body(request, SEARCH_VECTOR_STORE)
    queries = [body["query"]] if isinstance(body["query"], str) else body["query"]
    fits = fits_of(body["filters"]) if "filters" in body else None
    threshold = body.get("ranking_options", {}).get("score_threshold", 0.0)
    store_id, most = request.path_params["vector_store_id"], body.get("max_num_results", 10)
    found = await service.library.search((store_id,), queries, most, threshold, fits)
    data = [_result(hit, request) for hit in found]
    page = {"search_query": queries, "data": data, "has_more": False, "next_page": None}
    return json_answer({"object": "vector_store.search_results.page", **page})


def _result(hit: Hit, request: Request) -> Object:
    """With its pages for who asks for them."""
    content = [{"type": "text", "text": hit.text}]
    attributes = hit.attributes
    asked = request.headers.get("playground-tui-results") == "page"
    return {
        **(told_pages(hit) if asked else {}),
        "file_id": hit.file_id,
        "filename": hit.name,
        "score": hit.score,
        "attributes": attributes,
        "content": content,
    }


routes = [
    route("/vector_stores", get=list_stores, post=create_store),
    route("/vector_stores/{vector_store_id}", get=get_store, post=modify_store, delete=delete_store),
    route("/vector_stores/{vector_store_id}/search", post=search_store),
]

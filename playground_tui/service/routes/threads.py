from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.limits.bodies import CREATE_THREAD, MODIFY_THREAD
from playground_tui.service.answers import deleted_answer, json_answer, list_answer, text_answer
from playground_tui.service.decode import read_body
from playground_tui.service.errors import not_found
from playground_tui.service.files.attachments import attach, with_stores
from playground_tui.service.queries import page_query
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service
from playground_tui.service.shapes import Object, new_message, new_thread
from playground_tui.service.store import THREADS, Connection, objects, runs
from playground_tui.service.store.tables import MESSAGES


async def create_thread(request: Request, service: Service) -> Response:
    body = await read_body(request, CREATE_THREAD, optional=True, messages=True)
    return json_answer(await store_thread(service, body))


async def store_thread(service: Service, body: Object) -> Object:
    """A new thread with its first messages, all or nothing."""
    now = service.now()
    made = new_thread(body, now)
    messages = [new_message(made["id"], message, now) for message in body.get("messages") or []]

    def add(conn: Connection) -> Object:
        objects.insert(conn, THREADS, with_stores(conn, made, now))
        runs.refuse_messages_when_full(conn, made["id"], len(messages))
        for message in messages:
            objects.insert(conn, MESSAGES, message)
        attach(conn, made["id"], messages, now)
        return objects.require(conn, THREADS, made["id"])

    thread = await service.db.write(add)
    service.library.indexer.wake()
    return thread


async def list_threads(request: Request, service: Service) -> Response:
    """An extension: the API has no list of threads."""
    query = page_query(request)
    return list_answer(await service.db.read(lambda conn: objects.page(conn, THREADS, query)))


async def get_thread(request: Request, service: Service) -> Response:
    thread_id = request.path_params["thread_id"]
    return text_answer(await service.db.read(lambda conn: objects.require_text(conn, THREADS, thread_id)))


async def modify_thread(request: Request, service: Service) -> Response:
    thread_id = request.path_params["thread_id"]
    body = await read_body(request, MODIFY_THREAD, optional=True)

    def change(conn: Connection) -> Object:
        thread = {**objects.require(conn, THREADS, thread_id), **{key: value or {} for key, value in body.items()}}
        objects.update(conn, THREADS, thread)
        return thread

    return json_answer(await service.db.write(change))


async def delete_thread(request: Request, service: Service) -> Response:
    """With its messages and runs; an active run is cancelled first."""
    thread_id = request.path_params["thread_id"]
    await service.end_active_run(thread_id)
    if not await service.db.write(lambda conn: objects.delete(conn, THREADS, thread_id)):
        raise not_found(THREADS.noun, thread_id)
    return deleted_answer(thread_id, "thread")


routes = [
    route("/threads", get=list_threads, post=create_thread),
    route("/threads/{thread_id}", get=get_thread, post=modify_thread, delete=delete_thread),
]

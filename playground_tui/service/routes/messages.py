from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.limits.bodies import CREATE_MESSAGE, MODIFY_METADATA
from playground_tui.service.answers import deleted_answer, json_answer, list_answer, text_answer
from playground_tui.service.decode import read_body
from playground_tui.service.errors import not_found
from playground_tui.service.files.attachments import attach
from playground_tui.service.queries import page_query, run_filter
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service
from playground_tui.service.shapes import new_message
from playground_tui.service.store import MESSAGES, THREADS, Connection, objects, runs
from playground_tui.service.store.objects import Page


async def create_message(request: Request, service: Service) -> Response:
    thread_id = request.path_params["thread_id"]
    message = new_message(thread_id, await read_body(request, CREATE_MESSAGE, messages=True), service.now())
    await service.runs.settle(thread_id)

    def add(conn: Connection) -> None:
        objects.require_text(conn, THREADS, thread_id)
        runs.refuse_messages_when_active(conn, thread_id)
        runs.refuse_messages_when_full(conn, thread_id, 1)
        objects.insert(conn, MESSAGES, message)
        attach(conn, thread_id, (message,), message["created_at"])

    await service.db.write(add)
    if message["attachments"]:
        service.library.indexer.wake()
    return json_answer(message)


async def list_messages(request: Request, service: Service) -> Response:
    thread_id = request.path_params["thread_id"]
    query, only = page_query(request), run_filter(request)
    await service.runs.settle(thread_id)

    def read(conn: Connection) -> Page:
        objects.require_text(conn, THREADS, thread_id)
        return objects.page(conn, MESSAGES, query, thread_id=thread_id, **only)

    return list_answer(await service.db.read(read))


async def get_message(request: Request, service: Service) -> Response:
    thread_id, message_id = _ids(request)
    await service.runs.settle(thread_id)
    body = await service.db.read(lambda conn: objects.require_text(conn, MESSAGES, message_id, thread_id=thread_id))
    return text_answer(body)


async def modify_message(request: Request, service: Service) -> Response:
    thread_id, message_id = _ids(request)
    body = await read_body(request, MODIFY_METADATA, optional=True)

    def change(conn: Connection) -> str:
        if "metadata" not in body:
            return objects.require_text(conn, MESSAGES, message_id, thread_id=thread_id)
        return objects.set_metadata(conn, MESSAGES, message_id, body["metadata"], thread_id=thread_id)

    return text_answer(await service.db.write(change))


async def delete_message(request: Request, service: Service) -> Response:
    thread_id, message_id = _ids(request)
    if not await service.db.write(lambda conn: objects.delete(conn, MESSAGES, message_id, thread_id=thread_id)):
        raise not_found(MESSAGES.noun, message_id)
    return deleted_answer(message_id, "thread.message")


def _ids(request: Request) -> tuple[str, str]:
    return request.path_params["thread_id"], request.path_params["message_id"]


routes = [
    route("/threads/{thread_id}/messages", get=list_messages, post=create_message),
    route("/threads/{thread_id}/messages/{message_id}", get=get_message, post=modify_message, delete=delete_message),
]

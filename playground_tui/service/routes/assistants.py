from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.limits.bodies import CREATE_ASSISTANT, MODIFY_ASSISTANT
from playground_tui.service.answers import deleted_answer, json_answer, list_answer, text_answer
from playground_tui.service.decode import read_body
from playground_tui.service.errors import not_found
from playground_tui.service.files.attachments import with_stores
from playground_tui.service.queries import page_query
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service
from playground_tui.service.shapes import Object, changed_assistant, new_assistant
from playground_tui.service.store import ASSISTANTS, Connection, objects


async def create_assistant(request: Request, service: Service) -> Response:
    body = await read_body(request, CREATE_ASSISTANT)
    now = service.now()
    made = new_assistant(body, now)

    def add(conn: Connection) -> Object:
        assistant = with_stores(conn, made, now)
        objects.insert(conn, ASSISTANTS, assistant)
        return assistant

    assistant = await service.db.write(add)
    service.library.indexer.wake()
    return json_answer(assistant)


async def list_assistants(request: Request, service: Service) -> Response:
    query = page_query(request)
    return list_answer(await service.db.read(lambda conn: objects.page(conn, ASSISTANTS, query)))


async def get_assistant(request: Request, service: Service) -> Response:
    assistant_id = request.path_params["assistant_id"]
    return text_answer(await service.db.read(lambda conn: objects.require_text(conn, ASSISTANTS, assistant_id)))


async def modify_assistant(request: Request, service: Service) -> Response:
    assistant_id = request.path_params["assistant_id"]
    body = await read_body(request, MODIFY_ASSISTANT, optional=True)

    def change(conn: Connection) -> Object:
        assistant = changed_assistant(objects.require(conn, ASSISTANTS, assistant_id), body)
        objects.update(conn, ASSISTANTS, assistant)
        return assistant

    return json_answer(await service.db.write(change))


async def delete_assistant(request: Request, service: Service) -> Response:
    """Its threads and runs stay."""
    assistant_id = request.path_params["assistant_id"]
    if not await service.db.write(lambda conn: objects.delete(conn, ASSISTANTS, assistant_id)):
        raise not_found(ASSISTANTS.noun, assistant_id)
    return deleted_answer(assistant_id, "assistant")


routes = [
    route("/assistants", get=list_assistants, post=create_assistant),
    route("/assistants/{assistant_id}", get=get_assistant, post=modify_assistant, delete=delete_assistant),
]

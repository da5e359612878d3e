from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.service.answers import list_answer, text_answer
from playground_tui.service.queries import include_contents, page_query
from playground_tui.service.routes.common import route
from playground_tui.service.service import Service
from playground_tui.service.shapes import without_contents
from playground_tui.service.store import RUNS, STEPS, Connection, objects
from playground_tui.service.store.objects import Page


async def list_steps(request: Request, service: Service) -> Response:
    thread_id, run_id = request.path_params["thread_id"], request.path_params["run_id"]
    query, contents = page_query(request), include_contents(request)
    await service.runs.settle(thread_id)

    def read(conn: Connection) -> Page:
        objects.require_text(conn, RUNS, run_id, thread_id=thread_id)
        return objects.page(conn, STEPS, query, run_id=run_id)

    page = await service.db.read(read)
    return list_answer(page if contents else Page([(i, without_contents(b)) for i, b in page.rows], page.has_more))


async def get_step(request: Request, service: Service) -> Response:
    ids = request.path_params
    step_id, where = ids["step_id"], {"thread_id": ids["thread_id"], "run_id": ids["run_id"]}
    contents = include_contents(request)
    await service.runs.settle(ids["thread_id"])
    body = await service.db.read(lambda conn: objects.require_text(conn, STEPS, step_id, **where))
    return text_answer(body if contents else without_contents(body))


routes = [
    route("/threads/{thread_id}/runs/{run_id}/steps", get=list_steps),
    route("/threads/{thread_id}/runs/{run_id}/steps/{step_id}", get=get_step),
]

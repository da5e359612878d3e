"""Runs are made, cancelled and answered by the run manager; here they are read, and spoken of over HTTP."""

from __future__ import annotations

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from playground_tui.limits.bodies import CREATE_RUN, CREATE_THREAD_AND_RUN, MODIFY_METADATA, SUBMIT_TOOL_OUTPUTS
from playground_tui.service.answers import EventAnswer, json_answer, list_answer, text_answer
from playground_tui.service.decode import read_body
from playground_tui.service.queries import include_contents, page_query
from playground_tui.service.routes.common import route
from playground_tui.service.routes.threads import store_thread
from playground_tui.service.service import RunHandle, Service
from playground_tui.service.shapes import Object
from playground_tui.service.store import RUNS, THREADS, Connection, objects
from playground_tui.service.store.objects import Page
from playground_tui.service.store.tables import ACTIVE

PROGRESS_HEADER: Final = "playground-tui-events"
POLL_AFTER_MS: Final = 200
"""What a polling client is told to wait while a run is active."""


async def create_run(request: Request, service: Service) -> Response:
    contents = include_contents(request)
    body = await read_body(request, CREATE_RUN, messages=True)
    stream = bool(body.pop("stream", None))
    handle = await service.runs.create(request.path_params["thread_id"], body, stream=stream, contents=contents)
    return _started(request, handle, stream=stream)


async def create_thread_and_run(request: Request, service: Service) -> Response:
    body = await read_body(request, CREATE_THREAD_AND_RUN, messages=True)
    stream = bool(body.pop("stream", None))
    thread_body, resources = body.pop("thread", None) or {}, body.pop("tool_resources", None)
    if resources and not thread_body.get("tool_resources"):
        thread_body = {**thread_body, "tool_resources": resources}
    thread = await store_thread(service, thread_body)
    try:
        handle = await service.runs.create(thread["id"], body, stream=stream, thread_created=thread)
    except Exception:
        await service.db.write(lambda conn: objects.delete(conn, THREADS, thread["id"]))
        raise
    return _started(request, handle, stream=stream)


async def list_runs(request: Request, service: Service) -> Response:
    thread_id = request.path_params["thread_id"]
    query = page_query(request)
    await service.runs.settle(thread_id)

    def read(conn: Connection) -> Page:
        objects.require_text(conn, THREADS, thread_id)
        return objects.page(conn, RUNS, query, thread_id=thread_id)

    return list_answer(await service.db.read(read))


async def get_run(request: Request, service: Service) -> Response:
    thread_id, run_id = _ids(request)
    await service.runs.settle(thread_id)
    body = await service.db.read(lambda conn: objects.require_text(conn, RUNS, run_id, thread_id=thread_id))
    return text_answer(body, headers=_poll_headers(json.loads(body)))


async def modify_run(request: Request, service: Service) -> Response:
    thread_id, run_id = _ids(request)
    body = await read_body(request, MODIFY_METADATA, optional=True)

    def change(conn: Connection) -> str:
        if "metadata" not in body:
            return objects.require_text(conn, RUNS, run_id, thread_id=thread_id)
        return objects.set_metadata(conn, RUNS, run_id, body["metadata"], thread_id=thread_id)

    return text_answer(await service.db.write(change))


async def cancel_run(request: Request, service: Service) -> Response:
    run = await service.runs.cancel(*_ids(request))
    return json_answer(run, headers=_poll_headers(run))


async def submit_tool_outputs(request: Request, service: Service) -> Response:
    body = await read_body(request, SUBMIT_TOOL_OUTPUTS, messages=True)
    handle = await service.runs.submit(*_ids(request), body["tool_outputs"])
    return _started(request, handle, stream=bool(body.get("stream")))


async def follow_run(request: Request, service: Service) -> Response:
    """An extension: the events of a run from its start, for a listener who comes late."""
    return EventAnswer(await service.runs.follow(*_ids(request), progress=_wants_progress(request)))


def _started(request: Request, handle: RunHandle, *, stream: bool) -> Response:
    if stream:
        return EventAnswer(handle.events(progress=_wants_progress(request)))
    return json_answer(handle.run, headers=_poll_headers(handle.run))


def _wants_progress(request: Request) -> bool:
    """An extension: only who asks for them gets `playground.progress` events."""
    return request.headers.get(PROGRESS_HEADER) == "progress"


def _poll_headers(run: Object) -> dict[str, str]:
    return {"openai-poll-after-ms": str(POLL_AFTER_MS)} if run["status"] in ACTIVE else {}


def _ids(request: Request) -> tuple[str, str]:
    return request.path_params["thread_id"], request.path_params["run_id"]


routes = [
    route("/threads/runs", post=create_thread_and_run),
    route("/threads/{thread_id}/runs", get=list_runs, post=create_run),
    route("/threads/{thread_id}/runs/{run_id}", get=get_run, post=modify_run),
    route("/threads/{thread_id}/runs/{run_id}/cancel", post=cancel_run),
    route("/threads/{thread_id}/runs/{run_id}/submit_tool_outputs", post=submit_tool_outputs),
    route("/threads/{thread_id}/runs/{run_id}/events", get=follow_run),
]

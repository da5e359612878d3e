"""Answers: stored objects go out as the text they are stored as, events as the bytes they come in."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from playground_tui.service.errors import ApiError
from playground_tui.service.store.objects import Page, dump


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return text_answer(dump(value), status, headers)


def text_answer(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` is JSON already."""
    return Response(body, status, headers, "application/json")


def error_answer(error: ApiError) -> Response:
    return json_answer(error.body(), error.status, error.headers)


def list_answer(page: Page) -> Response:
    """A page in the API's shape; on an empty one `first_id` and `last_id` are null."""
    first, last = (page.rows[0][0], page.rows[-1][0]) if page.rows else (None, None)
    data = ",".join(body for _, body in page.rows)
    tail = f'"first_id":{json.dumps(first)},"last_id":{json.dumps(last)},"has_more":{json.dumps(page.has_more)}'
    return text_answer(f'{{"object":"list","data":[{data}],{tail}}}')


def deleted_answer(object_id: str, kind: str) -> Response:
    return json_answer({"id": object_id, "object": f"{kind}.deleted", "deleted": True})


class EventAnswer(Response):
    """A stream of ready SSE frames. It ends with the frames or when the client leaves, whichever is first; the frames'
    source is closed in either case."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[bytes]) -> None:
        self.status_code = 200
        self.background = None
        self.frames = frames
        self.init_headers({"cache-control": "no-cache", "x-accel-buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        pump = asyncio.create_task(self._pump(send))
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await asyncio.wait((pump, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, gone):
                task.cancel()
            await asyncio.wait((pump, gone))
        if not pump.cancelled():
            with contextlib.suppress(OSError):  # the client left between two frames
                pump.result()

    async def _pump(self, send: Send) -> None:
        try:
            async for frame in self.frames:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if (close := getattr(self.frames, "aclose", None)) is not None:
                await close()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

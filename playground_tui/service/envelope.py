"""What is around every request: who may ask, its id, its time, errors in the API's shape, one line in the access log.

Contents, queries, headers and keys are never logged.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from pathlib import PurePath
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground_tui.service.answers import error_answer
from playground_tui.service.auth import check_key, check_origin
from playground_tui.service.config import ServiceConfig
from playground_tui.service.errors import ApiError
from playground_tui.service.ids import new_id

PREFIX: Final = "/v1"
BODY_PATIENCE: Final = 60.0
"""Seconds between two parts of a request's body."""
log = logging.getLogger("playground_tui.service")
access = logging.getLogger("playground_tui.service.access")


class Envelope:
    """ASGI middleware. `local_only`: the service listens on loopback and answers only to this machine."""

    def __init__(self, app: ASGIApp, config: ServiceConfig, *, local_only: bool = False) -> None:
        self._app = app
        self._config = config
        self._local_only = local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            self._admit(scope)
            await self._app(_without_prefix(scope), _Body(receive).receive, answer.send)
        except Exception as error:
            await self._answer_error(error, answer, scope, receive)
        finally:
            if self._config.serve:
                access.info("%s %s %s %d ms %s", scope["method"], _shown(scope), answer.status, answer.ms, answer.id)

    def _admit(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if self._local_only:
            check_origin(headers)
        check_key(headers, self._config.api_key)

    async def _answer_error(self, error: Exception, answer: _Answer, scope: Scope, receive: Receive) -> None:
        if isinstance(error, OSError) and answer.status:
            return  # the client left
        known = as_api_error(error, scope)
        if known is None:
            log.error("%s %s failed (%s): %s", scope["method"], _shown(scope), answer.id, where(error))
            message = f"The service failed at this request. Its log has the details under {answer.id}."
            known = ApiError(500, message, type="server_error")
        if not answer.status:
            await error_answer(known)(scope, receive, answer.send)


class _Answer:
    """Adds the headers every answer has, and remembers what it was."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = time.perf_counter()
        self.id = new_id("req")
        self.status = 0

    @property
    def ms(self) -> int:
        return round((time.perf_counter() - self._begun) * 1000)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            more = [
                (b"x-request-id", self.id.encode()),
                (b"openai-processing-ms", str(self.ms).encode()),
                (b"openai-version", b"2020-10-01"),
            ]
            message = {**message, "headers": [*message["headers"], *more]}
        await self._send(message)


class _Body:
    """Gives up on a client that begins a body and does not go on."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole = False

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                message = await self._receive()
        except TimeoutError:
            said = f"The request's body did not go on for {BODY_PATIENCE:g} seconds."
            raise ApiError(408, said, code="request_timeout", headers={"connection": "close"}) from None
        self._whole = not message.get("more_body", False)
        return message


def as_api_error(error: Exception, scope: Scope) -> ApiError | None:
    """The error as it is answered; None for one that nobody foresaw."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, HTTPException):
        url = f"{scope['method']} {_shown(scope)}"
        if error.status_code == 405:
            message = f"Not allowed to {scope['method']} on {_shown(scope)}."
            return ApiError(405, message, code="method_not_supported", headers=dict(error.headers or {}))
        if error.status_code == 404:
            return ApiError(404, f"Invalid URL ({url})", code="unknown_url")
        return ApiError(error.status_code, f"The request was refused ({url}).")
    return None


def where(error: BaseException) -> str:
    """An exception for the log: its kind and its places, without its text, which may hold contents."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}"


def _without_prefix(scope: Scope) -> Scope:
    path: str = scope["path"]
    if path == PREFIX or path.startswith(PREFIX + "/"):
        return {**scope, "path": path[len(PREFIX) :] or "/"}
    return scope


def _shown(scope: Scope) -> str:
    return "".join(c if c.isprintable() else "�" for c in scope["path"][:200])

"""The client's side of the in-process service: an httpx2 transport, usable from any event loop and thread.

Body parts are handed over as they come, both ways, with a bounded number of bytes between. Time-outs are httpx2's own:
`pool` bounds the wait until the service is ready, `write` each part of the request, `read` the wait for the answer's
head and for each of its parts. Closing the response tells the application that the client left.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import httpx2

from playground_tui.service.exchange import Exchange

if TYPE_CHECKING:
    from playground_tui.service.carried import Carried


class CarriedTransport(httpx2.AsyncBaseTransport):
    def __init__(self, carried: Carried) -> None:
        self._carried = carried

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        timeouts = request.extensions.get("timeout", {})
        await self._ready(request, timeouts.get("pool"))
        exchange = Exchange(_scope(request), _whole_body(request))
        try:
            if not self._carried.begin(exchange):
                raise httpx2.ConnectError("The local service is closed.", request=request)
            await _upload(exchange, request, timeouts.get("write"))
            status, headers = await _head(exchange, request, timeouts.get("read"))
        except BaseException:
            self._carried.leave(exchange)
            raise
        stream = _Answer(self._carried, exchange, request, timeouts.get("read"))
        return httpx2.Response(status, headers=headers, stream=stream, extensions={"http_version": b"HTTP/1.1"})

    async def _ready(self, request: httpx2.Request, timeout: float | None) -> None:
        try:
            await self._carried.ready(timeout)
        except TimeoutError as error:
            raise httpx2.PoolTimeout("The local service is not ready yet.", request=request) from error
        except Exception as error:
            raise httpx2.ConnectError(f"The local service could not start: {error}", request=request) from error


def _scope(request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "server": (url.host, url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }


def _whole_body(request: httpx2.Request) -> bytes | None:
    """The body when it is in memory already."""
    try:
        return request.content
    except httpx2.RequestNotRead:
        return None


async def _upload(exchange: Exchange, request: httpx2.Request, timeout: float | None) -> None:
    """Send a body that comes in parts, until it is sent or the application has begun to answer."""
    if _whole_body(request) is not None:
        return
    sending = asyncio.ensure_future(_send_parts(exchange, request, timeout))
    try:
        await asyncio.wait((sending, exchange.head), return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not sending.done():
            sending.cancel()
            await asyncio.wait((sending,))
    if not sending.cancelled():
        sending.result()


async def _send_parts(exchange: Exchange, request: httpx2.Request, timeout: float | None) -> None:
    assert isinstance(request.stream, httpx2.AsyncByteStream)
    with contextlib.suppress(BrokenPipeError):  # the application wants no more of it
        async for part in request.stream:
            try:
                await asyncio.wait_for(exchange.upload.put(part), timeout)
            except TimeoutError as error:
                raise httpx2.WriteTimeout("The local service takes no more of the body.", request=request) from error
    exchange.upload.end()


async def _head(exchange: Exchange, request: httpx2.Request, timeout: float | None) -> tuple[int, Any]:
    done, _ = await asyncio.wait((exchange.head,), timeout=timeout)
    if not done:
        raise httpx2.ReadTimeout("The local service did not answer in time.", request=request)
    try:
        return exchange.head.result()
    except ConnectionError as error:
        raise httpx2.ReadError("The local service ended before it answered.", request=request) from error


class _Answer(httpx2.AsyncByteStream):
    def __init__(self, carried: Carried, exchange: Exchange, request: httpx2.Request, timeout: float | None) -> None:
        self._carried = carried
        self._exchange = exchange
        self._request = request
        self._timeout = timeout
        self._open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while part := await self._exchange.answer.get(self._timeout):
                yield part
        except TimeoutError as error:
            raise httpx2.ReadTimeout("The local service fell silent.", request=self._request) from error

    async def aclose(self) -> None:
        self._leave()

    def __del__(self) -> None:
        self._leave()  # a response that was dropped without closing must not keep its sender waiting

    def _leave(self) -> None:
        if self._open:
            self._open = False
            self._carried.leave(self._exchange)

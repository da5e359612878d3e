"""One request to an ASGI application whose event loop runs in another thread: the application's side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

from playground_tui.service.pipe import Pipe

App = Callable[..., Any]
Headers = list[tuple[bytes, bytes]]
_END: Final[dict[str, Any]] = {"type": "http.disconnect"}


class Exchange:
    """Made on the client's loop, begun on the application's. `head` is completed on the client's loop; what the
    application raises before its answer begins is raised there, what it raises later just ends the answer."""

    def __init__(self, scope: dict[str, Any], body: bytes | None) -> None:
        """`body` None: it comes through `upload`."""
        self._scope = scope
        self._body = body
        self.upload = Pipe()
        self.answer = Pipe()
        self._client = asyncio.get_running_loop()
        self.head: asyncio.Future[tuple[int, Headers]] = self._client.create_future()
        self._gone = asyncio.Event()
        self._sent = False

    # -- on the application's loop -------------------------------------------------------------------------------------

    def begin(self, app: App, tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.get_running_loop().create_task(self._run(app))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _run(self, app: App) -> None:
        failure: Exception | None = None
        try:
            await app(self._scope, self._receive, self._send)
        except Exception as error:
            failure = error
        finally:
            self.answer.end()
            self.upload.close()
            self._tell(None, failure or ConnectionAbortedError("The service gave no answer."))

    async def _receive(self) -> dict[str, Any]:
        if not self._sent:
            body, self._body = self._body, None
            part = body if body is not None else await self.upload.get()
            self._sent = body is not None or not part
            if not self._gone.is_set():
                return {"type": "http.request", "body": part, "more_body": not self._sent}
        await self._gone.wait()
        return _END

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._tell((message["status"], list(message.get("headers", ()))), None)
            return
        if (body := message.get("body", b"")) and self._scope["method"] != "HEAD":
            await self.answer.put(bytes(body))
        if not message.get("more_body", False):
            self.answer.end()
            self._gone.set()

    def leave(self) -> None:
        """The client wants no more of the answer."""
        self._gone.set()
        self.upload.end()

    # -- across --------------------------------------------------------------------------------------------------------

    def _tell(self, head: tuple[int, Headers] | None, failure: Exception | None) -> None:
        with contextlib.suppress(RuntimeError):  # the client's loop is closed
            self._client.call_soon_threadsafe(self._complete, head, failure)

    def _complete(self, head: tuple[int, Headers] | None, failure: Exception | None) -> None:
        if self.head.done():
            return
        if head is not None:
            self.head.set_result(head)
        elif failure is not None:
            self.head.set_exception(failure)
            self.head.exception()  # seen: a client that left does not ask

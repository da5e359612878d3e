"""A scripted server behind a real socket, for programs in other processes. Contract: a connection error or time-out
that the script asks for is a connection closed without an answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

from tests.support.server import Gate, ScriptedServer

WAIT_SECONDS = 30.0


class ScriptedHttp:
    """Loopback, a free port. `tell` runs on the server's own loop, where its script lives."""

    def __init__(self, script: ScriptedServer) -> None:
        self.script = script
        script.now = int(time.time())  # other processes have the machine's clock, not the scripted one
        self._loop = asyncio.new_event_loop()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._threads = [
            threading.Thread(target=self._run_loop, name="scripted-loop", daemon=True),
            threading.Thread(target=self._http.serve_forever, args=(0.05,), name="scripted-http", daemon=True),
        ]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def tell(self, fn: Callable[[ScriptedServer], Any]) -> Any:
        async def told() -> Any:
            return fn(self.script)

        return asyncio.run_coroutine_threadsafe(told(), self._loop).result(WAIT_SECONDS)

    def arrived(self, gate: Gate) -> bool:
        """Whether the request that the gate holds came; waits a while for it."""

        async def wait() -> bool:
            try:
                await asyncio.wait_for(gate.arrived.wait(), 5)
            except TimeoutError:
                return False
            return True

        return asyncio.run_coroutine_threadsafe(wait(), self._loop).result(WAIT_SECONDS)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Raises what the script raises."""
        return asyncio.run_coroutine_threadsafe(self._asked(request), self._loop).result(WAIT_SECONDS)

    async def _asked(self, request: httpx2.Request) -> httpx2.Response:
        return await self.script.handle_async_request(request)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def __enter__(self) -> ScriptedHttp:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join(WAIT_SECONDS)
        self._loop.close()


def _handler(server: ScriptedHttp) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = httpx2.Request(self.command, server.base_url.removesuffix("/v1") + self.path, content=body)
            self.close_connection = True
            try:
                response = server.answer(request)
            except httpx2.TransportError:
                return
            try:
                self.send_response(response.status_code)
                for name in ("content-type", "retry-after"):
                    if name in response.headers:
                        self.send_header(name, response.headers[name])
                self.send_header("content-length", str(len(response.content)))
                self.end_headers()
                self.wfile.write(response.content)
            except OSError:
                return  # whoever asked was killed

        do_GET = do_POST = do_DELETE = _do

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the screen."""

    return Handler

"""The service over HTTP: the same application behind uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

import uvicorn

from playground_tui.service.app import create_app
from playground_tui.service.auth import is_loopback
from playground_tui.service.config import ServiceConfig
from playground_tui.service.connection import protocol_for
from playground_tui.service.service import Service

GRACE: Final = 60.0
"""Seconds that runs have to end after the first signal."""
KEEP_ALIVE: Final = 75
"""Seconds an idle connection is kept: longer than clients keep theirs, so that they are the ones who close."""
OPEN_FILES: Final = 16_384
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def serve(
    config: ServiceConfig,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[str], None] = lambda base_url: None,
    *,
    grace: float = GRACE,
) -> None:
    """Serve until SIGINT or SIGTERM; runs get `grace` seconds to end, a second signal stops at once. `on_ready` gets
    the base URL; port 0 picks a free one. Raises ValueError without a key, OSError when the address is taken, and what
    `Service.start` raises."""
    server = HttpServer(Service(_checked(config)), host, port, on_ready, grace=grace)
    _allow_many_connections()
    asyncio.run(_with_signals(server))


def _checked(config: ServiceConfig) -> ServiceConfig:
    if not config.api_key:
        raise ValueError("The service needs a key to be served over HTTP.")
    return dataclasses.replace(config, serve=True)


def _allow_many_connections() -> None:
    """The usual limit of 1,024 open files is one on connections too; a process may raise it up to its hard limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _open_files() -> int:
    try:
        import resource
    except ImportError:
        return OPEN_FILES
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return OPEN_FILES if soft == resource.RLIM_INFINITY else min(soft, OPEN_FILES)


class HttpServer:
    """Owns the service while it runs."""

    def __init__(
        self, service: Service, host: str, port: int, on_ready: Callable[[str], None], *, grace: float = GRACE
    ) -> None:
        self._service = service
        self._host = host
        self._port = port
        self._on_ready = on_ready
        self._grace = grace
        self._server: uvicorn.Server | None = None
        self._stops = 0
        self._deadline: float | None = None
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`. Raises OSError, and what `Service.start` raises."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        with socket.create_server((self._host, self._port), family=family) as listener:
            try:
                await self._service.start()
                await self._answer(listener)
            finally:
                await self._service.close(self._grace_left(), self._hurry)

    def _grace_left(self) -> float:
        if self._deadline is None:
            return self._grace
        return max(0.0, self._deadline - asyncio.get_running_loop().time())

    def stop(self) -> None:
        """The first call lets answers and runs end, the second does not. On the server's loop."""
        self._stops += 1
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._grace
        if self._server is not None:
            self._server.should_exit = True
        if self._stops > 1:
            self._hurry.set()

    async def _answer(self, listener: socket.socket) -> None:
        app = create_app(self._service, local_only=is_loopback(self._host))
        config = uvicorn.Config(
            app,
            # A run needs a connection to its model endpoint too.
            http=protocol_for(_open_files() // 3, lambda: self._stops > 0),
            backlog=min(2048, _open_files() // 4),  # so many are accepted at once before any of them can be refused
            loop="none",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=max(1, round(self._grace)),
        )
        self._server = _Server(config, lambda: self._on_ready(base_url(self._host, listener)))
        if not self._stops:
            await self._serve_until_stopped(self._server, listener)

    async def _serve_until_stopped(self, server: uvicorn.Server, listener: socket.socket) -> None:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        hurried = asyncio.ensure_future(self._hurry.wait())
        await asyncio.wait((serving, hurried), return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if serving.done():
            serving.result()
        else:
            serving.cancel()
            await asyncio.wait((serving,))
        for connection in tuple(server.server_state.connections):
            connection.transport.abort()


class _Server(uvicorn.Server):
    """Tells when it listens; leaves signals to its owner."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def base_url(host: str, listener: socket.socket) -> str:
    """What clients on this machine call."""
    port = listener.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}/v1" if ":" in name else f"http://{name}:{port}/v1"


async def _with_signals(server: HttpServer) -> None:
    loop = asyncio.get_running_loop()

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(server.stop)

    # `signal.signal` and not the loop's own handlers: those do not exist on Windows.
    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        await server.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

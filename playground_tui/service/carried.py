"""The service carried inside the app: a thread with an event loop of its own, no port.

Contract: cheap to import and to start; everything heavy is loaded in the thread. Requests made before it is ready
wait. A failure to start is raised by `wait_ready` and by every request.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

    from playground_tui.service.config import ServiceConfig
    from playground_tui.service.exchange import Exchange
    from playground_tui.service.service import Service

log = logging.getLogger("playground_tui.service.carried")
BASE_URL = "http://playground.local/v1"
"""What clients of the transport call; the name is never looked up."""


class Carried:
    """Every method may be called from any thread."""

    def __init__(self, make: Callable[[], Service]) -> None:
        """`make` is called in the thread."""
        self._make = make
        self._ready = _promise()
        self._stop: concurrent.futures.Future[float] = _promise()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="service", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def transport(self) -> httpx2.AsyncBaseTransport:
        from playground_tui.service.transport import CarriedTransport

        return CarriedTransport(self)

    def wait_ready(self, timeout: float | None = None) -> None:
        """Block until requests are answered at once. Raises TimeoutError, or what the service failed with."""
        self._ready.result(timeout)

    async def ready(self, timeout: float | None = None) -> None:
        """As `wait_ready`, without blocking the caller's loop."""
        if self._ready.done():
            self._ready.result()
            return
        await asyncio.wait_for(asyncio.wrap_future(self._ready), timeout)

    def stop(self, timeout: float) -> None:
        """Let active runs end for most of `timeout` seconds, then leave them to the next start; blocks until done."""
        with contextlib.suppress(concurrent.futures.InvalidStateError):  # asked before
            self._stop.set_result(timeout * 0.8)
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._thread.is_alive():
            log.warning("the service did not stop within %.1f s", timeout)

    # -- for the transport ---------------------------------------------------------------------------------------------

    def begin(self, exchange: Exchange) -> bool:
        """Hand a request to the application. False when the service is stopping or closed."""
        return not self._stop.done() and self._call(exchange.begin, self._app, self._tasks)

    def leave(self, exchange: Exchange) -> None:
        """Tell the application that nobody waits for this answer any more."""
        exchange.answer.close()
        self._call(exchange.leave)

    def _call(self, function: Callable[..., None], *args: Any) -> bool:
        try:
            if self._loop is None:
                return False
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:  # closed
            return False
        return True

    # -- in the thread -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.done():
                log.error("the service ended with %s", type(error).__name__)
            else:
                self._ready.set_exception(error)

    async def _serve(self) -> None:
        from playground_tui.service.app import create_app

        service = self._make()
        try:
            await service.start()
            self._app = create_app(service)
            self._loop = asyncio.get_running_loop()
            self._ready.set_result(None)
            grace = await asyncio.wrap_future(self._stop)
        except BaseException:
            with contextlib.suppress(Exception):  # what was not opened cannot be closed, and is not the reason
                await service.close(0)
            raise
        await service.close(grace)
        await self._end_requests()

    async def _end_requests(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _promise() -> Any:
    """A future that several may wait for: one who gives up does not cancel it for the others."""
    promise: concurrent.futures.Future[Any] = concurrent.futures.Future()
    promise.set_running_or_notify_cancel()
    return promise


def start_carried(config: ServiceConfig) -> Carried:
    """Start the service in its thread and return at once."""

    def make() -> Service:
        from playground_tui.service.service import Service

        return Service(config)

    carried = Carried(make)
    carried.start()
    return carried

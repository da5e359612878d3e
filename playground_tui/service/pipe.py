"""Bytes from one event loop to another, with a bounded number of them waiting between."""

from __future__ import annotations

import asyncio
import threading
from typing import Final

LIMIT: Final = 256 * 1024
"""Bytes that may wait; a chunk larger than that passes alone."""


class Pipe:
    """One producer (`put`, `end`) on one loop, one consumer (`get`, `close`) on another or the same."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._chunks: list[bytes] = []
        self._size = 0
        self._ended = False
        self._closed = False
        self._reader: _Waiter | None = None
        self._writer: _Waiter | None = None

    async def put(self, chunk: bytes) -> None:
        """Hand a chunk over; waits while too much waits already. Raises BrokenPipeError once the consumer is gone.

        An empty chunk is passed over: to the consumer it would be the end (an empty file in a form is such a chunk)."""
        if not chunk:
            return
        while True:
            with self._lock:
                if self._closed:
                    raise BrokenPipeError("nobody reads any more")
                if self._size < self._limit:
                    self._chunks.append(chunk)
                    self._size += len(chunk)
                    reader, self._reader = self._reader, None
                    break
                waiter = self._writer = _Waiter()
            await waiter.future
        if reader is not None and not reader.wake():
            self.close()

    def end(self) -> None:
        """The producer has no more. Callable from any thread, more than once."""
        with self._lock:
            self._ended = True
            reader, self._reader = self._reader, None
        if reader is not None:
            reader.wake()

    async def get(self, timeout: float | None = None) -> bytes:
        """All that waits, as one piece; empty at the end. Raises TimeoutError after `timeout` seconds of nothing."""
        with self._lock:
            if not self._chunks:
                if self._ended:
                    return b""
                waiter = self._reader = _Waiter()
            else:
                return self._take()
        await waiter.wait(timeout)
        with self._lock:
            return self._take()

    def close(self) -> None:
        """The consumer wants no more. Callable from any thread, more than once."""
        with self._lock:
            self._closed = True
            self._chunks.clear()
            self._size = 0
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.wake()

    def _take(self) -> bytes:
        chunks, self._chunks, self._size = self._chunks, [], 0
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wake()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


class _Waiter:
    """A future of the present loop that other threads may complete."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self.loop.create_future()

    def wake(self) -> bool:
        """False when the loop that waits is closed."""
        try:
            self.loop.call_soon_threadsafe(self._complete)
        except RuntimeError:
            return False
        return True

    async def wait(self, timeout: float | None) -> None:
        timer = self.loop.call_later(timeout, self._expire) if timeout is not None else None
        try:
            await self.future
        finally:
            if timer is not None:
                timer.cancel()

    def _complete(self) -> None:
        if not self.future.done():
            self.future.set_result(None)

    def _expire(self) -> None:
        if not self.future.done():
            self.future.set_exception(TimeoutError())

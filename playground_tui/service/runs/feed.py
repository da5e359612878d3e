"""A run's events while the run is at work: sent at once, stored in chunks, kept in memory only as far as needed.

Frames stand in numbered chunks. Deltas go to whoever listens first and to the disk at most `FLUSH` seconds later; the
events of a stored change are sent only after the change is on disk. A listener is a place in the chunks, not a queue:
a slow one costs nothing, it reads what left memory from the database (`listening`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from playground_tui.service.errors import ApiError
from playground_tui.service.store import Database
from playground_tui.service.store import runs as store

FLUSH: Final = 0.2
"""Seconds of deltas that a crash may lose. Storing wakes two threads: at 100 deltas a second and 0.05 that costs more
than the rest of the service together, at 0.2 a third of it."""
CHUNK_BYTES: Final = 64 * 1024
"""A chunk is stored early when it grows beyond this."""
KEPT_BYTES: Final = 256 * 1024
"""Stored frames kept in memory for listeners who are a little behind."""

MOST_FLUSHES: Final = 4
"""Chunks on their way to the disk before the writer has to wait."""


class Chunk:
    __slots__ = ("frames", "seq", "size", "stored")

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.frames: list[bytes] = []
        self.size = 0
        self.stored = False


class Feed:
    """Of one leg: from creation or submit until the run rests."""

    def __init__(self, db: Database, run_id: str, first_seq: int) -> None:
        self.run_id = run_id
        self.first_seq = first_seq
        self.ended = False
        """No more frames will come. What is not in memory is in the database."""
        self.last_words: bytes = b""
        """Sent before `done` though it could not be stored: the error that ended the leg."""
        self.progress: tuple[int, bytes] = (0, b"")
        """Number and frame of the newest progress event, which is not stored."""
        self._db = db
        self._chunks: deque[Chunk] = deque([Chunk(first_seq)])
        self._waiting: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._kept = 0
        self._failure: ApiError | None = None
        self._flushes = 0
        self._caught_up = asyncio.Event()
        self._caught_up.set()

    # -- the writing side ----------------------------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """A delta: to the listeners now, to the disk soon. Raises what earlier storing failed with."""
        if self._failure is not None:
            raise self._failure
        chunk = self._chunks[-1]
        chunk.frames.append(frame)
        chunk.size += len(frame)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH, self._flush)
        elif chunk.size > CHUNK_BYTES:
            self._flush()
        if self._waiting:
            self._wake()

    def is_behind(self) -> bool:
        """The disk does not keep up; a writer waits for `caught_up` so that memory stays bounded."""
        return not self._caught_up.is_set()

    async def caught_up(self) -> None:
        await self._caught_up.wait()

    def tell(self, progress: bytes) -> None:
        self.progress = (self.progress[0] + 1, progress)
        self._wake()

    def seal(self, frames: list[bytes]) -> list[Chunk]:
        """Chunks to be stored together with a change: the deltas still open, and its own frames, not sent yet. Then
        comes `publish`, or nothing when the change was refused; no delta in between."""
        open_chunk = self._chunks[-1]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        sealed = [open_chunk] if open_chunk.frames else []
        own = Chunk(open_chunk.seq + 1 if sealed else open_chunk.seq)
        own.frames = list(frames)
        own.size = sum(map(len, frames))
        return [*sealed, own] if frames else sealed

    def next_seq(self, sealed: list[Chunk]) -> int:
        return (sealed[-1] if sealed else self._chunks[-1]).seq + bool(sealed)

    def sealed_as(self, sealed: list[Chunk], seq: int, frames: list[bytes]) -> list[Chunk]:
        """`sealed` and a chunk that was stored after it, under a number given by the database."""
        own = Chunk(seq)
        own.frames = list(frames)
        own.size = sum(map(len, frames))
        return [*sealed, own]

    def publish(self, sealed: list[Chunk]) -> None:
        """They are on disk."""
        if not sealed:
            return
        self._chunks.pop()  # the open one: sealed now, or empty
        for chunk in sealed:
            self._chunks.append(chunk)
            self._mark(chunk)
        self._chunks.append(Chunk(sealed[-1].seq + 1))
        self._trim()
        self._wake()

    def end(self, last_words: bytes = b"") -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.last_words = last_words
        self.ended = True
        self._wake()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        chunk = self._chunks[-1]
        if not chunk.frames:
            return
        self._chunks.append(Chunk(chunk.seq + 1))
        run_id, seq, frames = self.run_id, chunk.seq, b"".join(chunk.frames)
        self._flushes += 1
        if self._flushes > MOST_FLUSHES:
            self._caught_up.clear()
        done = self._db.write(lambda conn: store.add_events(conn, run_id, seq, frames), durable=False)
        done.add_done_callback(lambda result: self._flushed(chunk, result))

    def _flushed(self, chunk: Chunk, result: asyncio.Future[None]) -> None:
        self._flushes -= 1
        if not self._flushes:
            self._caught_up.set()
        error = None if result.cancelled() else result.exception()
        if isinstance(error, ApiError):
            self._failure = error
        elif error is not None:
            self._failure = ApiError(500, "The service failed to store events.", type="server_error")
        else:
            self._mark(chunk)
            self._trim()

    def _mark(self, chunk: Chunk) -> None:
        if not chunk.stored:
            chunk.stored = True
            self._kept += chunk.size

    def _trim(self) -> None:
        while self._kept > KEPT_BYTES and len(self._chunks) > 1 and self._chunks[0].stored:
            self._kept -= self._chunks.popleft().size

    # -- the listening side --------------------------------------------------------------------------------------------

    def chunks_from(self, seq: int) -> list[Chunk] | None:
        """The chunks from `seq` on, the open one last. None: `seq` has left memory."""
        first = self._chunks[0].seq
        if seq < first:
            return None
        return list(self._chunks) if seq == first else [chunk for chunk in self._chunks if chunk.seq >= seq]

    def oldest_seq(self) -> int:
        return self._chunks[0].seq

    async def changed(self) -> None:
        """Wait until there may be something new. To be called only when everything was read."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

"""Listening to a run's events: as they come, later, or from another process. Leaving changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from playground_tui.service.runs.feed import Feed
from playground_tui.service.runs.frames import DONE, frame
from playground_tui.service.runs.objects import Object
from playground_tui.service.runs.states import RESTING
from playground_tui.service.store import RUNS, Connection, Database, objects
from playground_tui.service.store import runs as store
from playground_tui.service.store.objects import dump

AT_ONCE: Final = 16
"""Stored chunks read in one go."""
POLL: Final = 0.1
"""Seconds between looks at a run that another process is at work on."""
LOOKS_PER_SETTLE: Final = 20


@dataclass(slots=True)
class RunHandle:
    """A run that was just made or went on, and its events from there until it rests."""

    run: Object
    _feed: Feed
    _db: Database

    def events(self, *, progress: bool = False) -> AsyncIterator[bytes]:
        """Ready frames, `done` last; several together when the reader is slow. May be called again, for another
        listener. `progress` adds the extension's events."""
        return listen(self._db, self._feed, self._feed.first_seq, progress=progress)


async def listen(db: Database, feed: Feed, seq: int, *, progress: bool = False) -> AsyncGenerator[bytes, None]:
    """The frames from chunk `seq` on: from the database what is no longer in memory, then live."""
    place = _Place(seq)
    told = 0
    while True:
        ended = feed.ended
        if progress and feed.progress[0] != told:
            told, news = feed.progress
            yield news
        chunks = feed.chunks_from(place.seq)
        if chunks is None:
            rows = await db.read(lambda conn: store.events(conn, feed.run_id, place.seq - 1, AT_ONCE))
            fresh = place.read_stored(rows) if rows else place.skip_to(feed)
        else:
            fresh = b"".join(place.read(chunk.seq, chunk.frames, chunk is chunks[-1]) for chunk in chunks)
        if fresh:
            yield fresh
        elif ended and chunks is not None:
            yield feed.last_words + DONE
            return
        elif chunks is not None and not feed.ended and (not progress or feed.progress[0] == told):
            await feed.changed()


@dataclass(slots=True)
class _Place:
    """How far a listener is: all chunks before `seq`, and of that one the first frames."""

    seq: int
    frames: int = 0
    size: int = 0

    def read(self, seq: int, frames: list[bytes], is_open: bool) -> bytes:
        fresh = b"".join(frames[self.frames :] if seq == self.seq else frames)
        if is_open:
            self.size = self.size + len(fresh) if seq == self.seq else len(fresh)
            self.seq, self.frames = seq, len(frames)
        else:
            self.seq, self.frames, self.size = seq + 1, 0, 0
        return fresh

    def read_stored(self, rows: list[tuple[int, bytes]]) -> bytes:
        fresh = b"".join(frames[self.size :] if seq == self.seq else frames for seq, frames in rows)
        self.seq, self.frames, self.size = rows[-1][0] + 1, 0, 0
        return fresh

    def skip_to(self, feed: Feed) -> bytes:
        """The disk did not take them: what is left in memory follows."""
        self.seq, self.frames, self.size = feed.oldest_seq(), 0, 0
        return b""


async def follow_stored(
    db: Database, run_id: str, settle: Callable[[], Awaitable[None]], sleep: Callable[[float], Awaitable[None]]
) -> AsyncGenerator[bytes, None]:
    """All of a run's events until it rests, from the database alone: for a run of another process, or one at rest.
    `settle` ends it when its owner is gone."""
    seq = -1
    looks = 0
    while True:
        status, rows = await db.read(partial(_look, run_id=run_id, after=seq))
        if rows:
            seq = rows[-1][0]
            yield b"".join(frames for _, frames in rows)
        elif status is None or status in RESTING:
            break
        else:
            looks += 1
            await (settle() if looks % LOOKS_PER_SETTLE == 0 else sleep(POLL))
    if seq < 0 and status is not None:  # its events are forgotten: its state is all there is to say
        run = await db.read(lambda conn: objects.get(conn, RUNS, run_id))
        if run is not None:
            yield frame(f"thread.run.{run['status']}", dump(run))
    yield DONE


def _look(conn: Connection, run_id: str, after: int) -> tuple[str | None, list[tuple[int, bytes]]]:
    """The status is read first: what led to it is then among the events."""
    row = conn.execute("SELECT status FROM runs WHERE id = ?", (run_id,)).fetchone()
    return (None if row is None else row[0]), store.events(conn, run_id, after, AT_ONCE)


async def real_sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)

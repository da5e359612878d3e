"""Drafts on disk. Contract: an edit is on disk at most 250 ms after it was made, whatever happens to the program.

The first unsaved edit starts a timer that later edits do not push back; when it fires, what is dirty goes to the
writer thread. `flush_now` does the same at once and waits. With two apps on one home the later write of a field wins,
field by field; an app sees the other's writes when it reads the draft again (`OpenDraft.reread`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

from playground_tui.workspace.clock import Clock, Handle
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.sameness import same
from playground_tui.workspace.store import Connection, Database
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.store.drafts import FieldState
from playground_tui.workspace.values import Draft

WRITE_DELAY: Final = 0.15
"""Seconds from the first edit that is not on disk to its write; leaves 100 ms for the write itself."""
RETRY_DELAY: Final = 2.0
"""Seconds between tries when the disk refuses."""
FLUSH_SECONDS: Final = 10.0
"""How long a way out waits for the disk."""


class DraftKeeper:
    """Writes the fields of all open drafts. Used on the loop's thread."""

    def __init__(self, db: Database, clock: Clock, failed: Callable[[Failure], None]) -> None:
        self._db = db
        self._clock = clock
        self._failed = failed
        self._dirty: dict[str, dict[str, FieldState | None]] = {}
        self._timer: Handle | None = None
        self._told = False

    def insert(self, draft: Draft) -> None:
        now = self._clock.now().timestamp()
        self._db.keep(lambda conn: table.insert(conn, draft, now))

    def touch(self, draft: Draft, field: str) -> None:
        """Note one field as it stands in `draft`; written soon."""
        self._dirty.setdefault(draft.id, {})[field] = _state(draft, field)
        if self._timer is None:
            self._timer = self._clock.call_later(WRITE_DELAY, self._due)

    def dirty(self, draft_id: str) -> frozenset[str]:
        """Fields that are not handed to the disk yet."""
        return frozenset(self._dirty.get(draft_id, ()))

    def flush(self) -> Future[None] | None:
        """Hand what is dirty to the writer thread. None: nothing was."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._dirty:
            return None
        dirty, self._dirty = self._dirty, {}
        now = self._clock.now().timestamp()

        def write(conn: Connection) -> None:
            for draft_id, fields in dirty.items():
                table.put_fields(conn, draft_id, fields, now)

        done = self._db.submit(write)
        self._watch(done, dirty)
        return done

    def flush_now(self) -> None:
        """Block until everything is on disk. Idempotent; raises nothing: on a way out nobody could act on it."""
        self.flush()
        with suppress(Exception):
            self._db.flush(FLUSH_SECONDS)

    def _due(self) -> None:
        self._timer = None
        self.flush()

    def _watch(self, done: Future[None], dirty: dict[str, dict[str, FieldState | None]]) -> None:
        import asyncio

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # from a way out after the loop's end: flush_now waits itself
            return

        def settle() -> None:
            error = done.exception()
            if error is not None:
                self._keep_for_later(dirty, error)
            else:
                self._told = False

        def tell(_: Future[None]) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle)

        done.add_done_callback(tell)

    def _keep_for_later(self, dirty: dict[str, dict[str, FieldState | None]], error: BaseException) -> None:
        """The disk refused: what was edited meanwhile is newer, the rest is tried again."""
        for draft_id, fields in dirty.items():
            self._dirty[draft_id] = {**fields, **self._dirty.get(draft_id, {})}
        if self._timer is None:
            self._timer = self._clock.call_later(RETRY_DELAY, self._due)
        if not self._told:
            self._told = True
            self._failed(failure_of(error))


def _state(draft: Draft, field: str) -> FieldState | None:
    value, raw = draft.values.get(field), draft.raw.get(field)
    if raw is None and same(value, draft.base.get(field)):
        return None
    return FieldState(value, raw)

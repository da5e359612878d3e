"""Who is at work on a run. Each service holds an OS lock on a file of its own for as long as it lives; the lock dies
with its process, whatever happens to clocks. A run is orphaned exactly when its owner's lock can be taken."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

TIDYING: Final = 5.0
"""Seconds."""


class Ownership:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.id = f"{os.getpid()}-{os.urandom(6).hex()}"
        """Unique: an id is never used again, so a lock that could be taken once stays free."""
        self._lock = _lock(self._path(self.id))

    def take(self) -> None:
        """Raises OSError. Someone tidying up may hold the new file for a moment."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock.acquire(timeout=TIDYING, poll_interval=0.01)

    def release(self) -> None:
        self._lock.release()
        with contextlib.suppress(OSError):
            self._path(self.id).unlink(missing_ok=True)

    def is_alive(self, owner: str) -> bool:
        if owner == self.id:
            return self._lock.is_locked
        if not self._path(owner).exists():
            return False
        with self._taken(owner) as taken:
            return not taken

    def forget_dead(self) -> None:
        """Remove the files of services that are gone; under their locks, so that no starting one loses its own."""
        for path in self._folder.glob("service-*.lock"):
            owner = path.name.removeprefix("service-").removesuffix(".lock")
            if owner == self.id:
                continue
            with self._taken(owner) as taken, contextlib.suppress(OSError):
                if taken:
                    path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _taken(self, owner: str) -> Iterator[bool]:
        """Hold another's lock for a moment, if it can be taken. An error counts as held: rather wait than end a run
        that someone is at work on."""
        lock = _lock(self._path(owner))
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def _path(self, owner: str) -> Path:
        return self._folder / f"service-{Path(owner).name}.lock"


def _lock(path: Path) -> FileLock:
    return FileLock(path, thread_local=False)

"""Who is at work on a run. Each service holds an OS lock on a file of its own for as long as it lives; the lock dies
with its process, whatever happens to clocks. A run is orphaned exactly when its owner's lock can be taken."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from filelock import FileLock, Timeout


class Ownership:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.id = f"{os.getpid()}-{os.urandom(6).hex()}"
        """Unique: an id is never used again, so a lock that could be taken once stays free."""
        self._lock = _lock(self._path(self.id))

    def take(self) -> None:
        """Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock.acquire(timeout=0)

    def release(self) -> None:
        self._lock.release()
        self._remove(self.id)

    def is_alive(self, owner: str) -> bool:
        if owner == self.id:
            return self._lock.is_locked
        path = self._path(owner)
        if not path.exists():
            return False
        lock = _lock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return True  # cannot tell: rather wait than end a run that someone is at work on
        lock.release()
        return False

    def forget_dead(self) -> None:
        """Remove the files of services that are gone."""
        for path in self._folder.glob("service-*.lock"):
            owner = path.name.removeprefix("service-").removesuffix(".lock")
            if owner != self.id and not self.is_alive(owner):
                self._remove(owner)

    def _remove(self, owner: str) -> None:
        with contextlib.suppress(OSError):
            self._path(owner).unlink(missing_ok=True)

    def _path(self, owner: str) -> Path:
        return self._folder / f"service-{Path(owner).name}.lock"


def _lock(path: Path) -> FileLock:
    return FileLock(path, thread_local=False)

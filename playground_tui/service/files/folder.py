"""Contents of files: each in the data folder under its own id. A person's name for a file never becomes a path."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path
from typing import IO, Final

from playground_tui.service.ids import new_id

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PART: Final = ".part"
STALE: Final = 86_400.0
"""Seconds after which a file that nothing names is taken for left over; a younger one may still be arriving."""
_NAME_LENGTH: Final = 255


class Folder:
    """Every method blocks: call them in a thread, but for `path` and `begin`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, file_id: str) -> Path | None:
        """None for what is no id of a file."""
        return self.root / file_id if _ID.fullmatch(file_id) else None

    def begin(self) -> Incoming:
        return Incoming(self.root / f".{new_id('file')}{_PART}")

    def keep(self, incoming: Incoming, file_id: str) -> None:
        """From now on it is the file of that id, on disk for good. Raises OSError."""
        path = self.path(file_id)
        if path is None:
            raise OSError("no id of a file")
        os.replace(incoming.path, path)
        with contextlib.suppress(OSError):  # not every system lets a folder be synced
            folder = os.open(self.root, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def remove(self, file_id: str) -> None:
        if path := self.path(file_id):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def old_ids(self) -> list[str]:
        """Ids of contents that have been there for a while. Halves of uploads that ended long ago are removed."""
        found = []
        with contextlib.suppress(OSError), os.scandir(self.root) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat().st_mtime < STALE:
                        continue
                    if entry.name.endswith(_PART):
                        os.unlink(entry.path)
                    elif _ID.fullmatch(entry.name):
                        found.append(entry.name)
        return found


class Incoming:
    """A file that is being written; blocks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Raises OSError."""
        if self._file is None:
            self._file = self.path.open("xb")
            with contextlib.suppress(OSError):
                self.path.chmod(0o600)
        self._file.write(data)
        self.size += len(data)

    def finish(self) -> None:
        """All of it is on disk. Raises OSError."""
        self.write(b"")
        assert self._file is not None
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())

    def drop(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)


def clean_name(name: str) -> str:
    """A file's name as it is shown and sent: without folders, control characters and half surrogates."""
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    kept = "".join(c if c.isprintable() else "�" for c in last).strip()
    if len(kept) > _NAME_LENGTH:
        stem, dot, suffix = kept.rpartition(".")
        kept = f"{stem[: _NAME_LENGTH - 1 - len(suffix)]}.{suffix}" if dot and len(suffix) < 20 else kept[:_NAME_LENGTH]
    return kept if kept not in ("", ".", "..") else "file"

"""Whether the cache of the local server's assistants is known to be complete, without asking the service.

After the assistants were listed and the service was closed, the state of its database file is noted. As long as that
is the file's state, nobody wrote to it, and the cache is what the service would answer.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from playground_tui.settings.model import LOCAL_SERVER
from playground_tui.settings.paths import Paths


class Listed:
    def __init__(self, paths: Paths, server: str) -> None:
        self._database = paths.service_db if server == LOCAL_SERVER else None
        self._file = paths.cache / "assistants-local.listed"
        self._noted = False

    def is_current(self) -> bool:
        """Costs two looks at the disk. Always False for a remote server."""
        if self._database is None:
            return False
        try:
            state = _state(self._database)
            return state is not None and json.loads(self._file.read_text("utf-8")) == state
        except (OSError, ValueError):
            return False

    def note(self) -> None:
        """The server just listed all of them, and the cache has them."""
        self._noted = True

    def close(self) -> None:
        """After the service was closed. Another process that has the database open keeps its log file there: what it
        may have written meanwhile is not known, so nothing is noted."""
        if not self._noted or self._database is None:
            return
        with suppress(OSError):
            state = _state(self._database)
            if state is not None and state[3:] == [0, 0]:
                self._file.write_text(json.dumps(state), "utf-8")


def _state(database: Path) -> list[int] | None:
    """Time, size and inode of the database, time and size of its write-ahead log (0, 0: there is none)."""
    try:
        main = database.stat()
    except FileNotFoundError:
        return None
    try:
        log = Path(f"{database}-wal").stat()
    except FileNotFoundError:
        return [main.st_mtime_ns, main.st_size, main.st_ino, 0, 0]
    return [main.st_mtime_ns, main.st_size, main.st_ino, log.st_mtime_ns, log.st_size]

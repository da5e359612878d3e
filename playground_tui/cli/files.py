"""Files that commands write for a person."""

from __future__ import annotations

import os
from pathlib import Path

from playground_tui.cli.exits import CommandFailed


def write_new(name: str, text: str) -> None:
    """Write a file that is not there yet. Raises `CommandFailed`; then nothing of it is left."""
    path = Path(name).expanduser()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        raise CommandFailed(f"{name} is there already; it is left as it is.") from None
    except OSError as error:
        raise CommandFailed(f"{name} could not be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise CommandFailed(f"{name} could not be written: {error.strerror}.") from None

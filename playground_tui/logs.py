"""The log file: what happened, without contents and without keys. Private to the person, at most 3 × 1 MB."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

MAX_BYTES = 1_000_000
BACKUPS = 2


class _RedactingFormatter(logging.Formatter):
    """Masks keys in the finished line, traceback included. Of an exception only type and place are written: its text
    may quote what a person wrote."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))

    def formatException(self, ei: Any) -> str:
        import traceback

        kind, _, trace = ei
        places = [f'File "{f.filename}", line {f.lineno}, in {f.name}' for f in traceback.extract_tb(trace)]
        return "\n".join([*places, getattr(kind, "__name__", str(kind))])


class _PrivateFile(RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]
        return os.fdopen(
            os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        )


def start_logging(path: Path, redact: Callable[[str], str], level: int = logging.INFO) -> None:
    """Send the `playground_tui` loggers to `path`. A folder that can't be written leaves logging off."""
    root = logging.getLogger("playground_tui")
    root.propagate = False
    root.setLevel(level)
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _PrivateFile(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, delay=True)
    except OSError:
        root.addHandler(logging.NullHandler())
        return
    handler.setFormatter(_RedactingFormatter(redact))
    root.addHandler(handler)
    _take_others(handler)


def _take_others(handler: logging.Handler) -> None:
    """Warnings of libraries go to the file as well: left alone, logging would write them over the screen."""
    everything = logging.getLogger()
    for old in everything.handlers[:]:
        if isinstance(old, _PrivateFile):
            everything.removeHandler(old)
    everything.addHandler(handler)
    everything.setLevel(logging.WARNING)
    for chatty in ("httpx2", "httpcore2", "openai"):  # they log addresses with their queries at INFO
        logging.getLogger(chatty).setLevel(logging.WARNING)

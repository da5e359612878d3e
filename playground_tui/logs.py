"""The log file: what happened, without contents and without keys. Private to the person, at most 3 × 1 MB."""

from __future__ import annotations

import copy
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
        """Of a copy: another handler may have left the exception's text in the record."""
        record = copy.copy(record)
        record.exc_text = None
        return self._redact(super().format(record))

    def formatException(self, ei: Any) -> str:
        import traceback

        kind, _, trace = ei
        places = [f'File "{f.filename}", line {f.lineno}, in {f.name}' for f in traceback.extract_tb(trace)]
        return "\n".join([*places, getattr(kind, "__name__", str(kind))])


class _Ours(logging.Handler):
    """Marks the handlers that were put up here. What cannot be written (disk full) is left out: logging's own way,
    telling about it on the terminal, would be over the screen."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


class _Nowhere(_Ours, logging.NullHandler):
    pass


class _PrivateFile(_Ours, RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]
        return os.fdopen(
            os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        )


def start_logging(path: Path, redact: Callable[[str], str], level: int = logging.INFO) -> None:
    """Send the `playground_tui` loggers to `path`, and the warnings of libraries as well: left alone, logging would
    write them over the screen. A folder that can't be written leaves logging off."""
    everything = logging.getLogger()
    for old in everything.handlers[:]:
        if isinstance(old, _Ours):
            everything.removeHandler(old)
            old.close()
    everything.addHandler(_handler(path, redact))
    everything.setLevel(logging.WARNING)
    logging.getLogger("playground_tui").setLevel(level)
    for chatty in ("httpx2", "httpcore2", "openai"):  # they log addresses with their queries at INFO
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_file() -> str:
    """Where the log is written, or empty."""
    return next((h.baseFilename for h in logging.getLogger().handlers if isinstance(h, _PrivateFile)), "")


def _handler(path: Path, redact: Callable[[str], str]) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _PrivateFile(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, delay=True)
    except OSError:
        return _Nowhere()
    handler.setFormatter(_RedactingFormatter(redact))
    return handler

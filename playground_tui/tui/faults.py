"""What an unexpected exception may leave behind: where it happened, in the log file, never what was being said."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

log = logging.getLogger("playground_tui.tui")

SENTENCE = "playground-tui failed and had to end. Nothing typed is lost. Where it failed stands in {log_file}."


class Faults:
    def __init__(self, log_file: Path) -> None:
        self.log_file = log_file

    def record(self, error: BaseException, doing: str = "") -> None:
        """Types and places only: the message of an exception may quote a person's text or a key."""
        parts = [f"fault while {doing}" if doing else "fault"]
        cause: BaseException | None = error
        seen: set[int] = set()
        while cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            parts.append(type(cause).__qualname__)
            parts += [f"  {place.filename}:{place.lineno} in {place.name}" for place in _places(cause)]
            cause = cause.__cause__ or cause.__context__
        log.error("\n".join(parts))

    def sentence(self) -> str:
        return SENTENCE.format(log_file=self.log_file)


def _places(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False))

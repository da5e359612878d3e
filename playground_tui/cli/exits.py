"""Exit codes (product: section 9) and the one way a command fails."""

from __future__ import annotations

DONE = 0
FAILED = 1
WRONG_USAGE = 2
NEEDS_ACTION = 3
TIMED_OUT = 124
INTERRUPTED = 130


class CommandFailed(Exception):
    """Ends a command with one sentence on standard error."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code

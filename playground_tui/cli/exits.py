"""Exit codes (product: section 9) and the one way a command fails."""

from __future__ import annotations

from typing import Any

DONE = 0
FAILED = 1
WRONG_USAGE = 2
NEEDS_ACTION = 3
TIMED_OUT = 124
INTERRUPTED = 130
ENDED = 143
"""By SIGTERM."""


class CommandFailed(Exception):
    """Ends a command with one sentence on standard error; with --json it is on standard output too."""

    def __init__(
        self,
        sentence: str,
        code: int = FAILED,
        *,
        kind: str = "invalid",
        field: str | None = None,
        retry_after: float | None = None,
        told: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.kind = kind
        self.field = field
        self.retry_after = retry_after
        self.told = told
        """Standard output has the JSON of it already."""

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "message": self.sentence, "field": self.field, "retry_after": self.retry_after}

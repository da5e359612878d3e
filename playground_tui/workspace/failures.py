"""Everything that can fail towards the person, as values. The tree, drawn once:

Failure               what happened, what was kept, what to do next (product: one sentence each)
├── kind "key"        a key is missing or was refused; `where` says which and where it is set
├── kind "offline"    the server or provider was not reached
├── kind "retired"    api.openai.com's assistants: switched off on 2026-08-26
├── kind "missing"    the object is gone (404)
├── kind "unsupported" the server lacks this endpoint (404/405/501 on the path itself)
├── kind "rate"       429; `retry_after` seconds
├── kind "invalid"    a value was refused; `field` names it when known
├── kind "conflict"   the thread has an active run, …
├── kind "timeout"    no sign of life in time
├── kind "server"     5xx or an answer that makes no sense
├── kind "storage"    this machine's disk or database
└── kind "internal"   a fault of this program; details in the log
"""

from __future__ import annotations

from typing import Literal

from playground_tui.quick_dataclass import dataclass

FailureKind = Literal[
    "key",
    "offline",
    "retired",
    "missing",
    "unsupported",
    "rate",
    "invalid",
    "conflict",
    "timeout",
    "server",
    "storage",
    "internal",
]


@dataclass(frozen=True, slots=True)
class Failure:
    kind: FailureKind
    what: str
    """What happened and whose fault it is: one sentence."""
    kept: str = ""
    """What was kept: one sentence, or empty."""
    next: str = ""
    """What to do next: one sentence, or empty."""
    details: str = ""
    """For the fold-out: status, code, ids. Never a key, never contents."""
    field: str | None = None
    """The API name of the field at fault."""
    retry_after: float | None = None
    """Seconds."""
    status: int | None = None

    def sentence(self) -> str:
        return " ".join(part for part in (self.what, self.kept, self.next) if part)


class FailureError(Exception):
    """A failure on its way up to whoever shows it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.what)
        self.failure = failure

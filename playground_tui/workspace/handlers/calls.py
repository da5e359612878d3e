"""The function calls that a run waits for, as a screen shows them. Frozen; a change makes another one."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.handlers.model import Handler
from playground_tui.workspace.values import ToolCallView

CallPhase = Literal["waiting", "needs_approval", "running", "answered", "failed"]
"""`waiting`: for the person. `needs_approval`: its handler runs once the person allows it. `failed`: its handler gave
an error, which is its output."""

Answerer = Literal["", "hand", "mock", "python", "command"]
Scope = Literal["once", "session", "always"]
BY_HAND: Final = Handler()


@dataclass(frozen=True, slots=True)
class CallAnswer:
    call: ToolCallView
    phase: CallPhase = "waiting"
    handler: Handler = BY_HAND
    """What is bound to the function now."""
    by: Answerer = ""
    """Who answered, or answers just now."""
    output: str | None = None
    """What goes back to the model; None: there is none yet."""
    note: str = ""
    """For the person: why it is asked about again, how the handler failed, that its output was cut."""
    log: str = ""
    """The end of what the handler wrote to standard error."""
    seconds: float | None = None
    since: datetime | None = None
    """While it runs: since when."""
    typed: str = ""
    """What stands in the call's box, given or not."""

    @property
    def done(self) -> bool:
        return self.output is not None


@dataclass(frozen=True, slots=True)
class PendingCalls:
    """Without `calls` nothing waits."""

    run_id: str = ""
    calls: tuple[CallAnswer, ...] = ()
    expires_at: datetime | None = None
    submitting: bool = False
    """All outputs are on their way."""
    refused: bool = False
    """They were on their way and were not taken; `submit` tries again."""

    @property
    def complete(self) -> bool:
        return bool(self.calls) and all(call.done for call in self.calls)

    @property
    def open(self) -> tuple[CallAnswer, ...]:
        """Those that the person has to do something about."""
        return tuple(call for call in self.calls if call.phase in ("waiting", "needs_approval"))

    @property
    def running(self) -> tuple[CallAnswer, ...]:
        return tuple(call for call in self.calls if call.phase == "running")

    def get(self, call_id: str) -> CallAnswer | None:
        return next((answer for answer in self.calls if answer.call.id == call_id), None)

    def seconds_left(self, now: datetime) -> float | None:
        """Until the run expires; never below 0; None where the server does not say."""
        if self.expires_at is None:
            return None
        return max(0.0, (self.expires_at - now).total_seconds())

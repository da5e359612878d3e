"""What the inspector shows of one run. Frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.inspector.exchanges import Exchange
from playground_tui.workspace.values import TokenUse, ToolCallView


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line of the timeline."""

    kind: Literal["queued", "message", "tools", "waiting", "other"]
    title: str
    start: float
    """Seconds after the run was made; servers tell whole seconds."""
    seconds: float | None = None
    """None: it goes on, or the server does not say."""
    status: str = ""
    tokens: TokenUse | None = None
    calls: tuple[ToolCallView, ...] = ()
    """With arguments, outputs, and the time of each where it was measured here."""
    message_id: str = ""
    step_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class RunInspection:
    run_id: str
    thread_id: str
    assistant_id: str = ""
    status: str = ""
    model: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    first_token_seconds: float | None = None
    """Measured here; None for a run that was not followed here from its beginning."""
    tokens: TokenUse | None = None
    cost: float | None = None
    timeline: tuple[StepRow, ...] = ()
    truncation: str = ""
    """What of the thread the model did not get: one sentence."""
    error: str = ""
    version: int | None = None
    """Of the assistant; None: the run was not made here."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    not_told: tuple[str, ...] = ()
    """What this server does not tell: `steps`, `usage`, `times`."""
    raw_run: Mapping[str, Any] = field(default_factory=dict)
    raw_steps: tuple[Mapping[str, Any], ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    """Requests and answers of this session, oldest first."""

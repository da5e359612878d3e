"""A run and its steps as a timeline. Pure; reads whatever a server gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from playground_tui.workspace.api_objects import (
    as_dict,
    as_text,
    moment,
    reading_order,
    step_calls,
    step_message_id,
    tokens_of,
)
from playground_tui.workspace.inspector.values import StepRow
from playground_tui.workspace.values import ToolCallView

NOT_TOLD = "What the model got of the thread is not told by this server."


def timeline_of(
    run: Mapping[str, Any], steps: Sequence[dict[str, Any]], measured: Mapping[str, float]
) -> tuple[StepRow, ...]:
    """`measured`: call id → seconds, as they were taken here."""
    began = moment(run.get("created_at"))
    rows = [_queued(run, began)]
    rows += [_step(step, began, measured) for step in reading_order(steps, newest_first=False)]
    return tuple(row for row in rows if row is not None)


def _queued(run: Mapping[str, Any], began: datetime | None) -> StepRow | None:
    started = moment(run.get("started_at"))
    if began is None or started is None:
        return None
    return StepRow("queued", "queued", 0.0, max(0.0, (started - began).total_seconds()))


def _step(step: Mapping[str, Any], began: datetime | None, measured: Mapping[str, float]) -> StepRow:
    calls = tuple(_timed(call, measured) for call in step_calls(step))
    made, ended = moment(step.get("created_at")), _ended(step)
    kind: Literal["message", "tools", "other"] = "other"
    title = as_text(step.get("type"))
    if calls or step.get("type") == "tool_calls":
        kind, title = "tools", ", ".join(dict.fromkeys(call.name for call in calls)) or "tools"
    elif step.get("type") == "message_creation":
        kind, title = "message", "message"
    return StepRow(
        kind,
        title,
        (made - began).total_seconds() if made is not None and began is not None else 0.0,
        max(0.0, (ended - made).total_seconds()) if made is not None and ended is not None else None,
        as_text(step.get("status")),
        tokens_of(step.get("usage")),
        calls,
        step_message_id(step),
        as_text(step.get("id")),
        as_text(as_dict(step.get("last_error")).get("message")),
    )


def _timed(call: ToolCallView, measured: Mapping[str, float]) -> ToolCallView:
    seconds = measured.get(call.id)
    return replace(call, seconds=seconds) if seconds is not None else call


def _ended(step: Mapping[str, Any]) -> datetime | None:
    stamps = (step.get(f"{how}_at") for how in ("completed", "failed", "cancelled", "expired"))
    return next((found for stamp in stamps if (found := moment(stamp)) is not None), None)


def truncation_of(run: Mapping[str, Any]) -> str:
    """What of the thread the model did not get, as far as the run object tells."""
    strategy = as_dict(run.get("truncation_strategy"))
    reason = as_text(as_dict(run.get("incomplete_details")).get("reason"))
    last, most = strategy.get("last_messages"), run.get("max_prompt_tokens")
    if reason == "max_prompt_tokens":
        return f"The run ended at its limit of {most} prompt tokens."
    if strategy.get("type") == "last_messages" and isinstance(last, int):
        return f"The model got the last {last} messages of the thread."
    if not strategy:
        return NOT_TOLD
    limit = f" or {most:,} prompt tokens" if isinstance(most, int) else ""
    return (
        f"Messages are left out only where the thread is longer than the model's context{limit}; "
        "which ones is not told by this server."
    )


def not_told(run: Mapping[str, Any], steps: Sequence[Mapping[str, Any]] | None) -> tuple[str, ...]:
    missing = []
    if steps is None:
        missing.append("steps")
    ended = as_text(run.get("status")) in ("completed", "incomplete")
    if ended and not as_dict(run.get("usage")):
        missing.append("usage")
    if moment(run.get("created_at")) is None or (ended and moment(run.get("completed_at")) is None):
        missing.append("times")
    return tuple(missing)

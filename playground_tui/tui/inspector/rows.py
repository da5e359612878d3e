"""The inspector's list: phases and calls of a run on one scale of time, then what was said to the server. Contract:
pure functions of a `RunInspection`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.widgets.row_list import Row
from playground_tui.workspace.inspector.exchanges import Exchange
from playground_tui.workspace.inspector.values import RunInspection, StepRow
from playground_tui.workspace.values import ToolCallView

BAR = 20
"""Cells of the scale."""
ACTIVE = ("queued", "in_progress", "requires_action", "cancelling")
NAME = 24
"""Cells of a name before the scale."""


@dataclass(frozen=True, slots=True)
class Item:
    """What a row stands for."""

    row: Row
    step: StepRow | None = None
    call: ToolCallView | None = None
    exchange: Exchange | None = None
    number: int = 0
    """Of a call, counted through the whole run."""


def total_seconds(run: RunInspection) -> float | None:
    if run.created_at is not None and run.ended_at is not None:
        return max(0.0, (run.ended_at - run.created_at).total_seconds())
    ends = [step.start + (step.seconds or 0.0) for step in run.timeline]
    return max(ends) if ends else None


def so_far(run: RunInspection, now: datetime) -> RunInspection:
    """A run that goes on, as if it ended now: with what it and its open steps have taken so far."""
    if run.status not in ACTIVE or run.created_at is None:
        return run
    passed = (now - run.created_at).total_seconds()
    steps = (
        replace(step, seconds=max(0.0, passed - step.start)) if step.status == "in_progress" else step
        for step in run.timeline
    )
    return replace(run, timeline=tuple(steps), ended_at=now)


def slowest_call(run: RunInspection) -> ToolCallView | None:
    timed = [call for step in run.timeline for call in step.calls if call.seconds is not None]
    return max(timed, key=lambda call: call.seconds or 0.0) if len(timed) > 1 else None


def items_of(run: RunInspection) -> list[Item]:
    scale = total_seconds(run) or 1.0
    slowest, number = slowest_call(run), 0
    found: list[Item] = []
    for index, step in enumerate(run.timeline):
        calls = step.calls if len(step.calls) > 1 or step.kind == "tools" else ()
        if len(calls) != 1:
            found.append(Item(_row(f"step-{index}", step.title, step.start, step.seconds, scale, _sign(step)), step))
        for call in calls:
            number += 1
            seconds = call.seconds if call.seconds is not None else (step.seconds if len(calls) == 1 else None)
            sign = "▲" if call is slowest else _sign(step)
            row = _row(f"call-{number}", f"{number} {call.name or call.kind}", step.start, seconds, scale, sign)
            found.append(Item(row, step, call, number=number))
    if run.exchanges:
        found.append(Item(Row("", "Requests of this session", heading=True)))
    found += [Item(_exchange_row(index, said), exchange=said) for index, said in enumerate(run.exchanges)]
    return found


def _row(row_id: str, name: str, start: float, seconds: float | None, scale: float, sign: str) -> Row:
    return Row(row_id, name[:NAME].ljust(NAME), _bar(start, seconds, scale), _took(seconds), sign)


def _sign(step: StepRow) -> str:
    if step.status == "in_progress":
        return "◌"
    return "!" if step.error or step.status in ("failed", "expired") else " "


def _took(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f} s"


def _bar(start: float, seconds: float | None, scale: float) -> str:
    first = min(BAR - 1, int(BAR * start / scale)) if scale > 0 else 0
    length = max(1, round(BAR * (seconds or 0.0) / scale)) if scale > 0 else 1
    return "·" * first + "━" * min(length, BAR - first)


def _exchange_row(index: int, said: Exchange) -> Row:
    path = urlsplit(said.url).path.removeprefix("/v1") or said.method
    status = str(said.status) if said.status else "no answer"
    sign = " " if 200 <= said.status < 400 else "!"
    return Row(f"exchange-{index}", f"{said.method.upper()} {path}", "", f"{status} · {size_words(said.bytes)}", sign)


def size_words(count: int) -> str:
    return f"{count / 1024:.1f} kB" if count >= 1024 else f"{count} B"

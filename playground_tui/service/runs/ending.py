"""How a run ends when it does not complete: cancelled, expired, failed, at a limit, orphaned. Always the same way, by
the process at work on it or by any other: from what is stored, in one transaction.

What was being written is closed first (wire.md §5): a message stays as it is, `incomplete` with the reason; a step
takes the run's fate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.objects import MessageReason, Object, StepEnd, end_message, end_run, end_step
from playground_tui.service.runs.replay import written
from playground_tui.service.runs.states import check_move
from playground_tui.service.store import RUNS, Connection, objects
from playground_tui.service.store import runs as store

Status = Literal["cancelled", "expired", "failed", "incomplete"]
STOPPED: Final = {"code": "server_error", "message": "The service stopped while this run was active."}
SILENT: Final = {
    "code": "server_error",
    "message": "The model endpoint gave no sign of life for too long.",
}
_REASONS: Final[dict[Status, MessageReason]] = {
    "cancelled": "run_cancelled",
    "expired": "run_expired",
    "failed": "run_failed",
    "incomplete": "max_tokens",
}
_CUT_CALL: Final = {"code": "server_error", "message": "The token limit was reached in the middle of a tool call."}


@dataclass(frozen=True, slots=True)
class Ending:
    status: Status
    now: int
    error: Object | None = None
    """The run's `last_error`."""
    limit: str | None = None
    """The reason of an incomplete run."""
    message_reason: MessageReason | None = None
    """None: the one that goes with the status."""
    usage: Object | None = None
    written: Mapping[str, list[Object]] = field(default_factory=dict)
    """Contents of messages and calls of steps by id, where known; else they are put together from stored events."""
    chunks: tuple[tuple[int, bytes], ...] = ()
    """Events already sent, not stored yet; stored first."""
    least_seq: int = 0
    """Chunks below it were sent, stored or not."""


@dataclass(frozen=True, slots=True)
class Ended:
    frames: list[bytes]
    seq: int
    """Of the chunk that holds them."""


def end_stored(
    conn: Connection, run_id: str, ending: Ending, *, expected: frozenset[str], owner: str | None
) -> Ended | None:
    """End it, if it is still in one of the expected statuses and owned so. Else None, and nothing is changed.

    A run that someone is cancelling becomes cancelled, whatever the ending says: the one move left to it."""
    run = objects.get(conn, RUNS, run_id)
    if run is None or run["status"] not in expected or store.owner_of(conn, run_id) != owner:
        return None
    for seq, frames in ending.chunks:
        store.add_events(conn, run_id, seq, frames)
    changes = _changes(conn, run, ending)
    for row in changes.rows.values():
        store.put(conn, row)
    seq = max(store.next_seq(conn, run_id), ending.least_seq)
    store.add_events(conn, run_id, seq, b"".join(changes.frames))
    store.set_owner(conn, run_id, None)
    return Ended(changes.frames, seq)


def _changes(conn: Connection, run: Object, ending: Ending) -> Changes:
    changes = Changes()
    status, error = ending.status, ending.error
    if run["status"] == "cancelling" or status == "cancelled":
        status, error = "cancelled", None
        if run["status"] != "cancelling":
            check_move(run["status"], "cancelling")
            run["status"] = "cancelling"
        changes.run(run, "cancelling")
    _close_messages_and_steps(conn, changes, run["id"], ending, status, error)
    check_move(run["status"], status)
    details = {"usage": ending.usage}
    if status == "failed":
        details["last_error"] = error
    if status == "incomplete":
        details["incomplete_details"] = {"reason": ending.limit}
    end_run(run, status, ending.now, **details)
    changes.run(run, status)
    return changes


def _close_messages_and_steps(
    conn: Connection, changes: Changes, run_id: str, ending: Ending, status: Status, error: Object | None
) -> None:
    steps, messages = store.unfinished(conn, run_id)
    reason = (ending.message_reason if status == ending.status else None) or _REASONS[status]
    for message in messages:
        message["content"] = _written(conn, run_id, message, ending)
        end_message(message, ending.now, reason)
        changes.message(message, "incomplete")
    for step in steps:
        end, problem = _step_end(step, status, error)
        if step["type"] == "tool_calls" and not step["step_details"]["tool_calls"]:
            step["step_details"]["tool_calls"] = _written(conn, run_id, step, ending)
        end_step(step, end, ending.now, problem)
        changes.step(step, end)


def _step_end(step: Object, status: Status, error: Object | None) -> tuple[StepEnd, Object | None]:
    if status == "incomplete":
        return ("completed", None) if step["type"] == "message_creation" else ("failed", _CUT_CALL)
    return status, error


def _written(conn: Connection, run_id: str, value: Object, ending: Ending) -> list[Object]:
    known = ending.written.get(value["id"])
    if known is not None:
        return known
    return written((frames for _, frames in store.events(conn, run_id, most=-1)), value["id"])

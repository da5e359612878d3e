"""An answer to a function call as the store keeps it until all are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from playground_tui.workspace.handlers.calls import CallAnswer
from playground_tui.workspace.handlers.model import Handler
from playground_tui.workspace.values import ToolCallView

INTERRUPTED: Final = "Its handler was started before and did not finish here; it may have done its work."


def running(handler: Handler) -> dict[str, Any]:
    return {"phase": "running", "by": handler.kind}


def to_record(answer: CallAnswer) -> dict[str, Any]:
    return {
        "phase": answer.phase,
        "by": answer.by,
        "output": answer.output,
        "note": answer.note,
        "log": answer.log,
        "seconds": answer.seconds,
    }


def has_output(body: Mapping[str, Any] | None) -> bool:
    return body is not None and body.get("output") is not None


def from_record(call: ToolCallView, handler: Handler, body: Mapping[str, Any] | None) -> CallAnswer:
    """A handler that was started and left no answer is only run again on the person's word."""
    if body is None:
        return CallAnswer(call, handler=handler)
    if not has_output(body):
        phase = "needs_approval" if handler.needs_approval else "waiting"
        return CallAnswer(call, phase, handler, note=INTERRUPTED)  # type: ignore[arg-type]
    return CallAnswer(
        call,
        body.get("phase") or "answered",
        handler,
        body.get("by") or "hand",
        body["output"],
        body.get("note") or "",
        body.get("log") or "",
        body.get("seconds"),
    )

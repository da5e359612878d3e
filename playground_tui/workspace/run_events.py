"""A run's stream events turned into changes of the conversation and the run's view.

`RunReducer` does no input or output and waits for nothing. It follows one run over all of its streams (each submit of
tool outputs opens a new one). Events may come out of order, lack fields or be unknown: what makes no sense is skipped,
nothing raises. One text delta gives one `Grew`, at the same cost however long the reply is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from playground_tui.workspace.api_objects import (
    INCOMPLETE_NOTES,
    TERMINAL_STATUSES,
    as_dict,
    as_list,
    as_text,
    json_format,
    moment,
    required_calls,
    run_facts,
    seconds_in,
    step_calls,
)
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.costs import Price, priced
from playground_tui.workspace.run_calls import RunCalls
from playground_tui.workspace.run_reply import CallInProgress, ReplyInProgress
from playground_tui.workspace.values import (
    Added,
    Changed,
    ChatMessage,
    ConversationChange,
    Grew,
    ReplyFacts,
    RunPhase,
    RunView,
    ToolCallView,
)

Changes = Sequence[ConversationChange]
NOTHING: Changes = ()

RUN_ENDS: Mapping[str, tuple[str, str]] = {
    "completed": ("complete", ""),
    "cancelled": ("stopped", "Stopped."),
    "failed": ("failed", "The run failed."),
    "expired": ("incomplete", "The run expired."),
    "incomplete": ("incomplete", "Incomplete."),
}
"""Run status → status and note of a reply that was still open."""

PHASES: Mapping[str, RunPhase] = {
    "queued": "queued",
    "in_progress": "thinking",
    "requires_action": "waiting_outputs",
    "cancelling": "stopping",
}


class RunReducer:
    def __init__(
        self,
        clock: Clock,
        *,
        author: str = "",
        version: int | None = None,
        price: Price = lambda model, tokens: None,
    ) -> None:
        self._price = price
        self._clock = clock
        self._author = author
        self._facts = ReplyFacts(version=version)
        self._started = clock.monotonic()
        self._replies: dict[str, ReplyInProgress] = {}
        self._calls = RunCalls(clock, lambda: self.run_id)
        self._handlers: dict[str, Callable[[dict[str, Any]], Changes]] = {
            "thread.message.created": self._message_created,
            "thread.message.in_progress": self._message_created,
            "thread.message.delta": self._message_delta,
            "thread.message.completed": self._message_completed,
            "thread.message.incomplete": self._message_incomplete,
            "thread.run.step.created": self._step,
            "thread.run.step.in_progress": self._step,
            "thread.run.step.delta": self._step_delta,
            "thread.run.step.completed": self._step_ended,
            "thread.run.step.failed": self._step_ended,
            "thread.run.step.cancelled": self._step_ended,
            "thread.run.step.expired": self._step_ended,
            "playground.progress": self._progress,
        }
        self.view = RunView()
        self.run: dict[str, Any] = {}
        """The newest run object; empty until one came."""
        self.error: dict[str, Any] | None = None
        """The `error` event's object, if there was one."""

    # -- what is known ---------------------------------------------------------------------------------------------

    def made_with(self, overrides: Mapping[str, Any]) -> None:
        """What the run gets beside the assistant's version."""
        asked = json_format(overrides.get("response_format"))
        self._facts = replace(self._facts, overrides=tuple(sorted(overrides)), response_format=asked)

    @property
    def run_id(self) -> str | None:
        return as_text(self.run.get("id")) or None

    @property
    def _told(self) -> dict[str, Any]:
        """What is known of a run before it has ended."""
        return {name: self.run.get(name) for name in ("model", "response_format")}

    @property
    def status(self) -> str:
        return as_text(self.run.get("status"))

    @property
    def ended(self) -> bool:
        """The run reached a terminal status."""
        return self.status in TERMINAL_STATUSES

    @property
    def waits_for_outputs(self) -> bool:
        return self.status == "requires_action"

    def messages(self) -> tuple[ChatMessage, ...]:
        """The run's replies as they stand, in the order they began."""
        return tuple(reply.whole() for reply in self._replies.values())

    def message(self, message_id: str) -> ChatMessage | None:
        reply = self._replies.get(message_id)
        return reply.whole() if reply is not None else None

    # -- events ----------------------------------------------------------------------------------------------------

    def apply(self, event: str, data: Any) -> Changes:
        """Take one stream event: its name and its parsed data."""
        if event == "error":
            self.error = _error_of(data)
            return NOTHING
        if not isinstance(data, dict):
            return NOTHING
        handler = self._handlers.get(event)
        if handler is not None:
            return handler(data)
        if event.startswith("thread.run.") and not event.startswith("thread.run.step"):
            return self.take_run(data, as_text(data.get("status")) or event.rpartition(".")[2])
        return NOTHING

    def take_run(self, run: dict[str, Any], status: str = "") -> Changes:
        """A run object, from an event or fetched. An older one never takes back that the run ended."""
        status = status or as_text(run.get("status"))
        if self.ended or status == "created":
            return NOTHING
        before = self.status
        self.run = {**self.run, **run, "status": status}
        if status in TERMINAL_STATUSES:
            return self._end(status)
        if status == "requires_action":
            return self._wait_for_outputs()
        if status != before and (phase := PHASES.get(status)) is not None:
            self._show(phase)
        return NOTHING

    def outputs_taken(self) -> None:
        """The server took the tool outputs: what the run waits for next is told by its events."""
        self.run = {**self.run, "status": "queued", "required_action": None}
        self._show("queued")

    def begin_again(self) -> None:
        """The next events tell the run from its beginning again."""
        for reply in self._replies.values():
            reply.stale = reply.open and not reply.local
        self._calls.begin_again()

    def settle(self, message: dict[str, Any]) -> Changes:
        """A message of this run as it was fetched: wins over what the stream told."""
        complete = as_text(message.get("status")) in ("", "completed")
        return self._end_message(message, complete=complete)

    def give_up(self, status: str, note: str) -> Changes:
        """Nothing more will be heard of the run: close what is open with this status and note."""
        self._show("idle")
        return [Changed(r.id, r.whole()) for r in self._replies.values() if r.end(status, note)]

    # -- runs ------------------------------------------------------------------------------------------------------

    def _end(self, status: str) -> Changes:
        shown, note = RUN_ENDS[status]
        reason = as_text(as_dict(self.run.get("incomplete_details")).get("reason"))
        note = INCOMPLETE_NOTES.get(reason, note) if status == "incomplete" else note
        touched = [reply for reply in self._replies.values() if reply.end(shown, note)]
        touched = self._write_facts(touched)
        self._show("idle")
        return [Changed(reply.id, reply.whole()) for reply in touched]

    def _write_facts(self, touched: list[ReplyInProgress]) -> list[ReplyInProgress]:
        """Put the run's figures under its last reply."""
        if not self._replies:
            return touched
        last = next(reversed(self._replies.values()))
        seconds = max(0.0, self._clock.monotonic() - self._started)
        last.facts = priced(replace(run_facts(self.run, self._facts), seconds=seconds), self._price)
        return touched if last in touched else [*touched, last]

    def _wait_for_outputs(self) -> Changes:
        changes = self._settle_calls(required_calls(self.run), step_id="")
        calls = required_calls(self.run)
        self.view = RunView(
            "waiting_outputs",
            self.run_id,
            ", ".join(call.name for call in calls),
            self._clock.now(),
            calls,
            moment(self.run.get("expires_at")),
        )
        return changes

    def _progress(self, data: dict[str, Any]) -> Changes:
        phase = as_text(data.get("phase"))
        message = as_text(data.get("message"))
        if phase == "retrying":
            self._show("retrying", message, seconds_in(data.get("retry_in")))
        elif phase in ("thinking", "connecting"):
            self._show("thinking", message)
        return NOTHING

    def _show(self, phase: RunPhase, what: str = "", wait: float | None = None) -> None:
        """`since` is when this phase began, so that the view can count."""
        if self.view.phase == "stopping" and phase not in ("idle", "waiting_outputs"):
            return
        if (self.view.phase, self.view.what, self.view.run_id) != (phase, what, self.run_id) or wait is not None:
            now = self._clock.now()
            retry_at = now + timedelta(seconds=wait) if wait is not None else None
            self.view = RunView(phase, self.run_id, what, None if phase == "idle" else now, retry_at=retry_at)

    # -- messages --------------------------------------------------------------------------------------------------

    def _message_created(self, data: dict[str, Any]) -> Changes:
        message_id = as_text(data.get("id"))
        if not message_id or data.get("role") == "user":
            return NOTHING
        known = self._replies.get(message_id)
        if known is not None:
            return self._restarted(known)
        return self._begin(message_id, data)

    def _begin(self, message_id: str, data: dict[str, Any]) -> Changes:
        """Open a reply; it takes the place of the calls that were made for it."""
        before = self._waiting_calls()
        reply = ReplyInProgress(
            message_id,
            moment(data.get("created_at")) or self._clock.now(),
            as_text(data.get("run_id")) or self.run_id,
            self._author,
            run_facts(self._told, self._facts),
        )
        if before is None:
            self._replies[message_id] = reply
            return [Added(reply.whole())]
        del self._replies[before.id]
        reply.calls = before.calls
        self._replies[message_id] = reply
        return [Changed(before.id, reply.whole())]

    def _restarted(self, reply: ReplyInProgress) -> Changes:
        if not reply.stale:
            return NOTHING
        reply.restart()
        return [Changed(reply.id, reply.whole())]

    def _message_delta(self, data: dict[str, Any]) -> Changes:
        message_id = as_text(data.get("id"))
        if not message_id:
            return NOTHING
        reply = self._replies.get(message_id)
        begun: list[ConversationChange] = []
        if reply is None:
            begun += self._begin(message_id, {})
            reply = self._replies[message_id]
        elif reply.stale:
            begun += self._restarted(reply)
        if not reply.open:
            return begun
        delta = data.get("delta")
        grown = reply.grow(delta.get("content") if isinstance(delta, dict) else delta)
        if grown is None:
            return [*begun, Changed(reply.id, reply.whole())]
        if not grown:
            return begun
        self._note_first_token()
        self._show("answering")
        return [*begun, Grew(reply.id, grown)] if begun else (Grew(reply.id, grown),)

    def _note_first_token(self) -> None:
        if self._facts.first_token_seconds is None:
            self._facts = replace(self._facts, first_token_seconds=max(0.0, self._clock.monotonic() - self._started))

    def _message_completed(self, data: dict[str, Any]) -> Changes:
        return self._end_message(data, complete=True)

    def _message_incomplete(self, data: dict[str, Any]) -> Changes:
        return self._end_message(data, complete=False)

    def _end_message(self, data: dict[str, Any], *, complete: bool) -> Changes:
        message_id = as_text(data.get("id"))
        if not message_id or data.get("role") == "user":
            return NOTHING
        begun: list[ConversationChange] = []
        if message_id not in self._replies:
            begun += self._begin(message_id, data)
        reply = self._replies[message_id]
        reply.settle(data, complete=complete)
        return [*begun, Changed(message_id, reply.whole())]

    # -- steps and calls -------------------------------------------------------------------------------------------

    def _step(self, data: dict[str, Any]) -> Changes:
        details = as_dict(data.get("step_details"))
        calls = step_calls(data)
        if calls:
            self._show("tool", _names(calls))
        elif data.get("type") == "tool_calls" or details.get("type") == "tool_calls":
            self._show("tool")
        return self._settle_calls(calls, as_text(data.get("id")))

    def _step_delta(self, data: dict[str, Any]) -> Changes:
        step_id = as_text(data.get("id"))
        details = as_dict(as_dict(data.get("delta")).get("step_details"))
        changes: list[ConversationChange] = []
        for position, raw in enumerate(as_list(details.get("tool_calls"))):
            if isinstance(raw, dict):
                index = raw.get("index")
                changes += self._call_delta(step_id, index if isinstance(index, int) else position, raw)
        return changes

    def _call_delta(self, step_id: str, index: int, raw: dict[str, Any]) -> Changes:
        call = self._calls.grow(step_id, index, raw)
        if call is None or call.view is None:
            return NOTHING
        self._show("tool", call.view.name)
        return self._place(call)

    def _step_ended(self, data: dict[str, Any]) -> Changes:
        changes = self._settle_calls(step_calls(data), as_text(data.get("id")))
        if self.view.phase == "tool":
            self._show("thinking")
        return changes

    def _settle_calls(self, views: Sequence[ToolCallView], step_id: str) -> Changes:
        return [change for call in self._calls.settle(views, step_id) for change in self._place(call)]

    def _place(self, call: CallInProgress) -> Changes:
        """Show the call with the reply it belongs to: the one it is in, else the next one."""
        for reply in self._replies.values():
            if any(known is call for known in reply.calls):
                return [Changed(reply.id, reply.whole())]
        waiting = self._waiting_calls()
        if waiting is not None:
            waiting.calls.append(call)
            return [Changed(waiting.id, waiting.whole())]
        reply = ReplyInProgress(
            f"local_{call.step_id or call.id}",
            self._clock.now(),
            self.run_id,
            self._author,
            run_facts(self._told, self._facts),
            calls=[call],
        )
        self._replies[reply.id] = reply
        return [Added(reply.whole())]

    def _waiting_calls(self) -> ReplyInProgress | None:
        """The open reply that so far is nothing but calls."""
        if not self._replies:
            return None
        last = next(reversed(self._replies.values()))
        return last if last.local and last.open else None


def _names(calls: Sequence[ToolCallView]) -> str:
    return ", ".join(dict.fromkeys(call.name for call in calls if call.name))


def _error_of(data: Any) -> dict[str, Any]:
    """Both forms of the error event: the bare object, and the object under `error`."""
    raw = as_dict(data)
    inner = raw.get("error")
    if isinstance(inner, dict):
        return inner
    if raw:
        return {**raw, "message": as_text(raw.get("message")) or as_text(inner)}
    return {"message": as_text(data)}

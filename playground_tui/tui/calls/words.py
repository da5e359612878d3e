"""What is said of a call. Contract: pure functions."""

from __future__ import annotations

import json
from datetime import datetime

from playground_tui.workspace.handlers.calls import CallAnswer, PendingCalls

BY = {"hand": "by you", "mock": "by a mock", "python": "by its Python handler", "command": "by its command"}


def state_words(answer: CallAnswer, now: datetime) -> tuple[str, str]:
    """What has become of it, and its style."""
    match answer.phase:
        case "waiting":
            return "○ waits for your answer", "$text-warning"
        case "needs_approval":
            return "? needs your approval", "$text-warning"
        case "running":
            seconds = f" {max(0, round((now - answer.since).total_seconds()))} s" if answer.since else ""
            return f"◌ {answer.by} runs{seconds}", "$text-muted"
        case "answered":
            return f"● answered {BY.get(answer.by, '')}{_took(answer)}".rstrip(), "$text-muted"
        case "failed":
            return f"! failed {BY.get(answer.by, '')}{_took(answer)}".rstrip(), "$text-error"


def _took(answer: CallAnswer) -> str:
    return f" · {answer.seconds:.1f} s" if answer.seconds is not None else ""


def head_words(state: PendingCalls) -> str:
    if state.submitting:
        return "The answers are on their way"
    if state.refused:
        return "The answers were not taken"
    left = sum(not answer.done for answer in state.calls)
    count = len(state.calls)
    words = "1 function call waits for its answer" if count == 1 else f"{count} function calls wait for answers"
    return f"{words} · {count - left} answered" if 0 < left < count else words


def pretty(arguments: str) -> str:
    """JSON with indents; what is no JSON, as it came."""
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments or "no arguments"


def brief(arguments: str) -> str:
    """On one line where that is short enough to be read at a glance."""
    try:
        line = json.dumps(json.loads(arguments), ensure_ascii=False)
    except ValueError:
        return arguments or "no arguments"
    return line if len(line) <= SHORT else pretty(arguments)


SHORT = 70
"""Characters."""


def note_on(text: str, *, as_error: bool) -> str:
    if as_error:
        return "Goes out as {“error”: …}."
    if not text.strip():
        return "Empty: the model gets an empty text."
    try:
        json.loads(text)
    except ValueError as fault:
        if text.lstrip()[0] in "{[":
            line = getattr(fault, "lineno", 1)
            return f"Not JSON at line {line}; goes out as text."
        return "Goes out as text."
    return "JSON."

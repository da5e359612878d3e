"""Why a run gave no reply, as a failure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from playground_tui.workspace.api_objects import INCOMPLETE_NOTES, as_dict, as_text
from playground_tui.workspace.exceptions import LONGEST_PAUSE, field_in
from playground_tui.workspace.failures import Failure, FailureKind
from playground_tui.workspace.values import NoReply

NOT_STORED: Final = "store_"
"""How our own service's codes begin when its disk did not take what came."""
STOPPED_EMPTY: Final = NoReply("stopped", "nothing had come yet.")
_WAIT: Final = re.compile(r"(?:try again|retry)\D{0,20}?(\d+(?:\.\d+)?)\s*(ms|m(?:in)?|s)?", re.IGNORECASE)
_QUOTA: Final = re.compile(r"\b(no|current) quota\b", re.IGNORECASE)
_KEY: Final = re.compile(r"\b(api )?key\b", re.IGNORECASE)


def run_failure(run: Mapping[str, Any], error: Mapping[str, Any] | None = None) -> Failure | None:
    """The failure of a run that ended; None for one that ended as it should (or was stopped on purpose).
    `error` is the stream's error event, for servers whose run says nothing."""
    status = as_text(run.get("status"))
    details = ", ".join(
        f"{name} {value}" for name, key in (("run", "id"), ("thread", "thread_id")) if (value := as_text(run.get(key)))
    )
    if status == "failed":
        return _of_error(as_dict(run.get("last_error")) or error or {}, details)
    if status == "expired":
        return Failure("timeout", "The run expired before it had all it waited for.", details=details)
    reason = as_text(as_dict(run.get("incomplete_details")).get("reason"))
    if status == "incomplete" and reason == "max_prompt_tokens":
        return Failure("invalid", INCOMPLETE_NOTES[reason], details=details, field="max_prompt_tokens")
    return None


def no_reply(run: Mapping[str, Any]) -> NoReply | None:
    """What is said of an ended run that left no reply behind; None for one that ended well or goes on."""
    match as_text(run.get("status")):
        case "cancelled":
            return STOPPED_EMPTY
        case "expired":
            return NoReply("incomplete", "The run expired.")
        case "failed":
            return NoReply("failed", as_text(as_dict(run.get("last_error")).get("message")) or "The run failed.")
    return None


def stream_failure(error: Mapping[str, Any]) -> Failure:
    """The stream ended with an error event, and of the run nothing can be learned."""
    return _of_error(error, "")


def _of_error(error: Mapping[str, Any], details: str) -> Failure:
    message = as_text(error.get("message")) or "The server gave no reason."
    code = as_text(error.get("code"))
    details = ", ".join(part for part in (f"code {code}" if code else "", details) if part)
    wait = _wait_in(message)
    if wait is None and _QUOTA.search(message):
        return Failure("rate", message, next="Add to it there, or choose another model.", details=details)
    if code == "rate_limit_exceeded":
        when = f"in {wait:.0f} s" if wait else "in a moment"
        return Failure("rate", message, next=f"Try again {when}.", details=details, retry_after=wait)
    if code.startswith(NOT_STORED):
        return Failure("storage", message, next="Make room first.", details=details)
    return Failure(_kind(code, message), message, details=details, field=field_in(message) or _param(error))


def _kind(code: str, message: str) -> FailureKind:
    if _KEY.search(message):
        return "key"
    return "invalid" if code == "invalid_prompt" or field_in(message) else "server"


def _param(error: Mapping[str, Any]) -> str | None:
    return as_text(error.get("param")) or None


def _wait_in(message: str) -> float | None:
    """Seconds that the message asks to wait: `Please try again in 3.2s`."""
    found = _WAIT.search(message)
    if found is None:
        return None
    unit = (found.group(2) or "s").lower()
    wait = float(found.group(1)) * {"ms": 0.001, "s": 1.0}.get(unit, 60.0)
    return wait if wait <= LONGEST_PAUSE else None

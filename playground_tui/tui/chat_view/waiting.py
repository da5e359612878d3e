"""The line at the end that says what is waited for, and how long already."""

from __future__ import annotations

from datetime import datetime

from playground_tui.tui.chat_view.clean import safe
from playground_tui.tui.chat_view.lines import SEPARATOR
from playground_tui.workspace.values import RunView

_WORDS = {
    "sending": "Sending",
    "queued": "Queued",
    "thinking": "Thinking",
    "tool": "Running",
    "waiting_outputs": "Waiting for your answer",
    "stopping": "Stopping",
    "retrying": "Trying again",
}


def duration(seconds: float) -> str:
    """`3 s`, `1 min 05 s`, `2 h 10 min`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def waiting_text(run: RunView | None, now: datetime) -> str:
    """Empty while nothing is waited for: idle, or text is coming."""
    words = _WORDS.get(run.phase) if run else None
    if run is None or words is None:
        return ""
    if run.phase == "retrying" and run.retry_at is not None:
        reason = safe(run.what).partition(",")[0]
        left = duration((run.retry_at - now).total_seconds())
        return "… " + SEPARATOR.join(part for part in (f"Trying again in {left}", reason) if part)
    parts = [_with_what(words, safe(run.what).removesuffix("."), run)]
    if run.since is not None:
        parts.append(duration((now - run.since).total_seconds()))
    if run.expires_at is not None:
        parts.append(f"expires in {duration((run.expires_at - now).total_seconds())}")
    if run.gives_up_at is not None:
        parts.append(f"nothing heard, given up in {duration((run.gives_up_at - now).total_seconds())}")
    return "… " + SEPARATOR.join(parts)


def _with_what(words: str, what: str, run: RunView) -> str:
    if not what and run.calls:
        what = ", ".join(safe(call.name) for call in run.calls)
    if not what:
        return words
    return f"{words} {what}" if run.phase == "tool" else f"{words}: {what}"

"""States in words with a sign, for the header, lists and notices. Contract: pure functions of frozen values."""

from __future__ import annotations

import re
from datetime import datetime

from playground_tui.workspace.documents import TITLES
from playground_tui.workspace.values import ConnectionState, Draft, RunView, SaveState


def name_of(draft: Draft) -> str:
    return str(draft.values.get("name") or "") or ("Unnamed" if draft.assistant_id else "New assistant")


def clock_time(moment: datetime) -> str:
    return moment.astimezone().strftime("%H:%M")


def seconds_until(moment: datetime, now: datetime) -> int:
    return max(0, round((moment - now).total_seconds()))


def save_words(state: SaveState, now: datetime) -> tuple[str, str]:
    """What the header says about saving, and its style."""
    words, style = _phase_words(state, now)
    if state.paused and state.phase in ("saved", "unsaved", "new"):
        words += ", auto-save paused"
    return words, style


def _phase_words(state: SaveState, now: datetime) -> tuple[str, str]:
    match state.phase:
        case "new":
            return "○ new, not created", "$text-muted"
        case "unsaved":
            return "○ unsaved", "$foreground"
        case "saving":
            return "◌ saving", "$text-muted"
        case "saved":
            return (f"● saved at {clock_time(state.at)}" if state.at else "● saved"), "$text-muted"
        case "failed" if state.failure is not None and state.failure.kind == "missing" and state.failure.kept:
            # A creation that meets no endpoint is missing too, and has nothing that was there before.
            return "! gone on the server, kept here", "$text-error"
        case "failed":
            return f"! save failed{_next_try(state, now)}", "$text-error"
        case "offline":
            return "! offline, kept here", "$text-warning"
        case "changed_elsewhere":
            return "! changed elsewhere", "$text-warning"


def _next_try(state: SaveState, now: datetime) -> str:
    return f", next try in {seconds_until(state.retry_at, now)} s" if state.retry_at else ""


def wrong_fields(draft: Draft) -> tuple[str, ...]:
    """`! Top P` for each field in error, in the form's order."""
    order = list(TITLES)
    fields = sorted(draft.raw, key=lambda field: order.index(field) if field in order else len(order))
    return tuple(f"! {TITLES.get(field, field)}" for field in fields)


def connection_words(state: ConnectionState) -> str:
    match state.phase:
        case "starting":
            return "◌ connecting"
        case "ready":
            return "● connected"
        case "offline":
            return "! not reached"
        case "refused":
            return "! refused"


def is_active(run: RunView) -> bool:
    return run.phase != "idle"


def list_time(seconds: float) -> str:
    """A moment (Unix seconds) as lists show it: the time today, else the date; empty for 0."""
    if not seconds:
        return ""
    moment = datetime.fromtimestamp(seconds).astimezone()
    return moment.strftime("%H:%M" if moment.date() == datetime.now().astimezone().date() else "%Y-%m-%d")


def time_left(until: datetime, now: datetime) -> str:
    """`23 h 59 min left`, `4 min left`, `12 s left`, `expired`."""
    seconds = seconds_until(until, now)
    if seconds == 0:
        return "expired"
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours} h {minutes % 60} min left"
    return f"{minutes} min left" if minutes else f"{seconds} s left"


def without_marks(text: str) -> str:
    """One line of Markdown for a list: emphasis, code and headings without their signs."""
    return _MARKS.sub("", text)


_MARKS = re.compile(r"`+|^#{1,6} |(?<![\w*])\*{1,3}(?=\w)|(?<=[\w.,:;!?)])\*{1,3}(?!\w)")

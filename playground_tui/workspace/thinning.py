"""Which old versions go, so that a long life stays small: of those that nothing points to, the last of each day stays
after a month, and the last of each thirty days after a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from playground_tui.workspace.store import Connection
from playground_tui.workspace.store import versions as table
from playground_tui.workspace.store.versions import VersionRow

DAY: Final = 86_400.0
WHOLE_DAYS: Final = 30
"""Younger versions all stay."""
DAILY_DAYS: Final = 365
"""Up to this age one of each day stays."""


def thin(conn: Connection, draft_id: str, now: float) -> None:
    """Drop them, and say of each version after a gap how it differs from the one that is before it now."""
    going = superfluous(table.old_ones(conn, draft_id, now - WHOLE_DAYS * DAY), now)
    for number in going:
        table.drop(conn, draft_id, number)
    after = {found for gone in going if (found := table.next_kept(conn, draft_id, gone)) is not None}
    for number in after:
        body = table.body(conn, draft_id, number) or {}
        table.put_changed(conn, draft_id, number, differing(table.one_before(conn, draft_id, number) or {}, body))


def superfluous(old: Iterable[VersionRow], now: float) -> list[int]:
    """Numbers of all but the last of each span; `old` as `old_ones` gives them."""
    last: dict[tuple[float, float], int] = {}
    going = []
    for row in old:
        span = DAY if now - row.saved_at < DAILY_DAYS * DAY else WHOLE_DAYS * DAY
        key = (span, row.saved_at // span)
        if key in last:
            going.append(last[key])
        last[key] = row.number
    return going


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields that are not the same; one that is not set is the same as None."""
    return tuple(sorted(name for name in {*before, *after} if before.get(name) != after.get(name)))

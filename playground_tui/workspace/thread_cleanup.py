"""Which threads may go, out of many."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from playground_tui.workspace.board import NEW_TITLE
from playground_tui.workspace.values import ThreadRow


def to_clean_up(
    rows: Iterable[ThreadRow],
    *,
    unused_since: datetime | None = None,
    empty: bool = False,
    assistant_id: str | None = None,
    keep: Iterable[str] = (),
) -> tuple[ThreadRow, ...]:
    """Rows that fit everything that is asked for: not used since a time, nothing said in them, of one assistant. Those
    with unsent text and those in `keep` never do; asked for nothing, none does."""
    kept = set(keep)
    if unused_since is None and not empty and assistant_id is None:
        return ()
    return tuple(
        row
        for row in rows
        if row.id not in kept
        and not row.has_unsent
        and (unused_since is None or max(row.used_at, row.created_at) < unused_since.timestamp())
        and (not empty or (not row.preview and row.title == NEW_TITLE))
        and (assistant_id is None or row.assistant_id == assistant_id)
    )

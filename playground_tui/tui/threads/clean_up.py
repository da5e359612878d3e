"""Which threads a clean-up marks. The open one and those with unsent text are never among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from playground_tui.tui.screens.action_menu import ActionMenu, Choice
from playground_tui.workspace.thread_cleanup import to_clean_up
from playground_tui.workspace.values import ThreadRow

UNUSED_DAYS = 30
NOBODY = "an assistant that is gone"


HEADING = "Mark for cleaning up; {threads.delete:f8} deletes, {threads.restore:f9} brings back"


def clean_up_menu(
    heading: str, row: ThreadRow | None, names: Mapping[str, str], *, all_known: bool, can_unmark: bool
) -> ActionMenu:
    """`row`: the one under the cursor, whose assistant's threads may go. `names`: of the assistants there are;
    `all_known`: no others are."""
    choices = [
        Choice("u", "unused", f"Unused for {UNUSED_DAYS} days"),
        Choice("e", "empty", "Empty", "nothing was said in them"),
    ]
    if all_known:
        choices.append(Choice("g", "gone", "Of assistants that are gone"))
    if row is not None and row.assistant_id is not None:
        choices.append(Choice("a", "assistant", f"Of {names.get(row.assistant_id) or NOBODY}", "as the marked one is"))
    if can_unmark:
        choices.append(Choice("n", "none", "Unmark all"))
    return ActionMenu(heading, choices)


def what_may_go(
    which: str,
    rows: Sequence[ThreadRow],
    row: ThreadRow | None,
    assistants: Collection[str],
    now: datetime,
    keep: Sequence[str],
) -> tuple[ThreadRow, ...]:
    match which:
        case "unused":
            return to_clean_up(rows, unused_since=now - timedelta(days=UNUSED_DAYS), keep=keep)
        case "empty":
            return to_clean_up(rows, empty=True, keep=keep)
        case "assistant" if row is not None:
            return to_clean_up(rows, assistant_id=row.assistant_id, keep=keep)
        case "gone":
            orphans = {one.assistant_id for one in rows if one.assistant_id} - set(assistants)
            return tuple(one for orphan in orphans for one in to_clean_up(rows, assistant_id=orphan, keep=keep))
    return ()

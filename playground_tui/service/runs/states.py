"""The run's states and the moves between them (wire.md §4), as one table."""

from __future__ import annotations

from typing import Final

MOVES: Final[dict[str, frozenset[str]]] = {
    "queued": frozenset({"in_progress", "cancelling", "failed", "expired"}),
    "in_progress": frozenset({"completed", "requires_action", "failed", "incomplete", "cancelling", "expired"}),
    "requires_action": frozenset({"queued", "cancelling", "expired"}),
    "cancelling": frozenset({"cancelled"}),
    "completed": frozenset(),
    "failed": frozenset(),
    "incomplete": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
"""`queued` may fail and expire too: a service that stops, or stalls, before the run began."""

TERMINAL: Final = frozenset(status for status, following in MOVES.items() if not following)
ACTIVE: Final = frozenset(MOVES) - TERMINAL
WORKING: Final = frozenset({"queued", "in_progress", "cancelling"})
"""Someone must be at work on it: without a living owner such a run is orphaned."""
RESTING: Final = TERMINAL | {"requires_action"}
"""A stream ends here."""
CANCELLABLE: Final = frozenset({"queued", "in_progress", "requires_action"})


class IllegalMove(Exception):
    """A fault of the service's own."""


def check_move(old: str, new: str) -> None:
    """Raises `IllegalMove`."""
    if new not in MOVES[old]:
        raise IllegalMove(f"a run cannot go from {old} to {new}")

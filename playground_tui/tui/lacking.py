"""What the server in use was seen to lack, as the reason beside a control that is greyed out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "stop": ("cancel", "only here: this server cannot cancel"),
    "edit_last": ("messages.delete", "this server cannot delete messages"),
    "rename_thread": ("threads.update", "only here: this server cannot rename"),
    "rename": ("threads.update", "only here: this server cannot rename"),
    "delete_thread": ("threads.delete", "only here: this server cannot delete"),
    "delete": ("threads.delete", "only here: this server cannot delete"),
}
"""Action → what it needs of the server, and what is said when that is missing."""


def why_not(action: str, lacking: frozenset[str]) -> str:
    """Empty: it works in full."""
    need, reason = REASONS.get(action, ("", ""))
    return reason if need in lacking else ""

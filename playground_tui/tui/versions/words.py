"""Versions in words."""

from __future__ import annotations

from datetime import datetime

from playground_tui.workspace.documents import TITLES
from playground_tui.workspace.versions import VersionRow

SOURCES = {"saved": "", "elsewhere": "changed elsewhere", "restored": "restored", "imported": "imported"}
SHOWN_FIELDS = 3


def moment_words(seconds: float, now: datetime) -> str:
    """`14:02` today, `19 Nov 14:02` this year, else the date."""
    moment = datetime.fromtimestamp(seconds).astimezone()
    today = now.astimezone()
    if moment.date() == today.date():
        return moment.strftime("%H:%M")
    return moment.strftime("%d %b %H:%M" if moment.year == today.year else "%Y-%m-%d")


def changed_words(version: VersionRow) -> str:
    """`Instructions, Temperature and 2 more`; for the first version that it is the first."""
    names = [TITLES.get(field, field) for field in TITLES if field in version.changed]
    names += [field for field in version.changed if field not in TITLES]
    if not names:
        return "as it began" if version.number == 1 else "the same"
    more = len(names) - SHOWN_FIELDS
    shown = ", ".join(names[:SHOWN_FIELDS])
    return f"{shown} and {more} more" if more > 0 else shown


def note_words(version: VersionRow) -> str:
    """What a line says behind number and time."""
    note = " ".join(version.note.split())
    source = SOURCES[version.source] if version.number > 1 else ""
    parts = [f"“{note}”" if note else "", source, changed_words(version)]
    return " · ".join(part for part in parts if part)

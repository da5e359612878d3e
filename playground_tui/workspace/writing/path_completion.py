"""Completion of a path. Reads one folder; blocks on the disk, so large or slow folders belong in a thread."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from playground_tui.workspace.writing.templates import Completion

MOST: Final = 50
"""Choices given at once."""


def complete_path(typed: str, *, folder: Path) -> tuple[Completion, ...]:
    """Choices for a path that is typed alone, as into a field."""
    return tuple(
        Completion(0, len(typed), path, name, "folder" if is_folder else "")
        for path, name, is_folder in _matches(typed, folder)
    )


def _matches(typed: str, folder: Path) -> list[tuple[str, str, bool]]:
    """(the path as typed on, the entry's name, is it a folder), folders first."""
    head, slash, start = typed.rpartition("/")
    base = _resolve(head + slash, folder) if slash else folder
    if base is None:
        return []
    entries = [entry for entry in _entries(base) if _fits(entry[0], start)]
    entries.sort(key=lambda e: (not e[0].startswith(start), not e[1], e[0].casefold()))
    return [
        (f"{head}{slash}{name}{'/' if deep else ''}", name + ("/" if deep else ""), deep) for name, deep in entries
    ][:MOST]


def _entries(base: Path) -> list[tuple[str, bool]]:
    try:
        with os.scandir(base) as listing:
            return [(entry.name, _is_folder(entry)) for entry in listing]
    except (OSError, ValueError):
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _fits(name: str, start: str) -> bool:
    """Names that cannot be typed are not offered, hidden ones only to who asks for them."""
    if not name.isprintable():
        return False
    if name.startswith(".") and not start.startswith("."):
        return False
    return name.casefold().startswith(start.casefold())


def _resolve(typed: str, folder: Path) -> Path | None:
    try:
        return folder / Path(typed).expanduser()
    except (RuntimeError, ValueError):
        return None

"""Completion of a path after `@` in a message, or alone where a path is asked for. Reads one folder; blocks on the
disk, so large or slow folders belong in a thread."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from playground_tui.workspace.writing.templates import Completion

MOST: Final = 50
"""Choices given at once."""
_AT: Final = re.compile(r'(?:^|(?<=\s))@(?:"([^"\n]*)|((?:\\.|[^\s"\\])*))$')
_MENTION: Final = re.compile(r'(?:^|(?<=\s))@(?:"([^"\n]+)"|((?:\\.|[^\s"\\])+))')


def complete_mention(text: str, cursor: int, *, folder: Path) -> tuple[Completion, ...]:
    """Choices for the `@path` that ends at the cursor; none where there is none. Names with spaces are put in quotes;
    a folder stays open (`@docs/`), a file is closed with a space."""
    found = _AT.search(text[:cursor])
    if found is None:
        return ()
    typed = found[1] if found[1] is not None else _plain(found[2])
    return tuple(
        Completion(found.start(), cursor, _mention(path, is_folder), name, "folder" if is_folder else "")
        for path, name, is_folder in _matches(typed, folder)
        if '"' not in name
    )


def complete_path(typed: str, *, folder: Path) -> tuple[Completion, ...]:
    """Choices for a path that is typed alone, as into a field."""
    return tuple(
        Completion(0, len(typed), path, name, "folder" if is_folder else "")
        for path, name, is_folder in _matches(typed, folder)
    )


def mentions(text: str, *, folder: Path) -> tuple[tuple[int, int, Path], ...]:
    """The `@path`s of a text that name an existing file: start, end, path. An `@name` that is no file is just text."""
    found = []
    for match in _MENTION.finditer(text):
        typed = match[1] or _plain(match[2])
        for cut in (0, 0 if match[1] else len(typed) - len(typed.rstrip(".,;:!?)"))):
            path = _resolve(typed[: len(typed) - cut], folder)
            if path is not None and _is_file(path):
                found.append((match.start(), match.end() - cut, path))
                break
    return tuple(found)


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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _mention(path: str, is_folder: bool) -> str:
    end = "" if is_folder else " "
    if re.search(r"[\s\\]", path):
        return f'@"{path}' + ("" if is_folder else '" ')
    return f"@{path}{end}"


def _plain(typed: str) -> str:
    return re.sub(r"\\(.)", r"\1", typed)

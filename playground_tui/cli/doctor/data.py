"""The folders: permissions, space, and whether databases and cache can be read."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playground_tui.cli.doctor.finding import Finding
from playground_tui.settings.paths import Paths
from playground_tui.workspace.store.integrity import problem_of

PART = "Data"
LITTLE_SPACE = 200 * 1024 * 1024
"""Bytes."""


def look(paths: Paths) -> Iterator[Finding]:
    for folder in dict.fromkeys((paths.config, paths.data)):
        yield _folder(folder)
    yield _space(paths.data)
    yield _database(paths.workspace_db, "Drafts, versions and unsent text are in it.")
    yield _database(paths.service_db, "The local service's assistants and threads are in it.")
    for file in sorted(paths.cache.glob("assistants-*.json")):
        yield _cache(file)
    for damaged in sorted(paths.cache.glob("*.damaged-*")):
        yield Finding(PART, str(damaged), "doubtful", "A cache that could not be read.", "It can be deleted.")


def _folder(folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError as error:
        advice = "Make it writable, free some space, or name another one with --home."
        return Finding(PART, str(folder), "bad", f"It cannot be written ({error.strerror}).", advice)
    if os.name == "posix" and mode & 0o077:
        sentence = f"Others on this machine can look into it (mode {mode:03o})."
        return Finding(PART, str(folder), "doubtful", sentence, f"chmod 700 {folder}")
    return Finding(PART, str(folder), "good", "Writable, and private.")


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    sentence = f"{free / 1024**3:.1f} GB free."
    if free < LITTLE_SPACE:
        return Finding(PART, "Space", "bad", sentence, "Free some: nothing can be saved on a full disk.")
    return Finding(PART, "Space", "good", sentence)


def _database(path: Path, holds: str) -> Finding:
    if not path.exists():
        return Finding(PART, path.name, "good", "Not there yet; it is made when it is needed.")
    problem = problem_of(path)
    if problem is None:
        return Finding(PART, path.name, "good", f"Intact, {path.stat().st_size / 1024**2:.1f} MB.")
    advice = "Copy the file before anything else; then try: sqlite3 FILE .recover"
    return Finding(PART, path.name, "bad", f"{problem} {holds}", advice)


def _cache(path: Path) -> Finding:
    from playground_tui.workspace.cache_file import check

    try:
        count = check(path)
    except (OSError, ValueError, TypeError, KeyError):
        return Finding(
            PART, path.name, "doubtful", "It cannot be read.", "Nothing is lost: the next start rebuilds it."
        )
    return Finding(PART, path.name, "good", f"{count} assistants.")

"""Whether a database file is sound, without changing it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def problem_of(path: Path) -> str | None:
    """What is wrong with it, as a sentence, or None. Reads the whole file; another process may use it meanwhile."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as conn:
            found = [row[0] for row in conn.execute("PRAGMA quick_check(1)")]
    except sqlite3.Error as error:
        return f"It cannot be read: {error}."
    return None if found == ["ok"] else f"It is damaged: {found[0]}."

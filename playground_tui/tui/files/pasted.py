"""Is what was pasted into the message a file of this machine? Terminals paste the path of what is dropped on them,
quoted or escaped in ways of their own."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

LONGEST: Final = 4096
"""Characters; what is longer is no path."""
MOST: Final = 20
"""Paths in one paste."""


def pasted_paths(text: str) -> list[Path]:
    """The files and folders that `text` names, if it names nothing else; blocks on the disk."""
    text = text.strip()
    if not text or len(text) > LONGEST * 4:
        return []
    for parts in ([text], text.splitlines(), _words(text)):
        paths = [_path(part) for part in parts if part.strip()]
        if paths and len(paths) <= MOST and all(path is not None for path in paths):
            return [path for path in paths if path is not None]
    return []


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _path(text: str) -> Path | None:
    """An absolute path that exists; a bare word that happens to be a file here is just a word."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    for form in (text, re.sub(r"\\(.)", r"\1", text)):
        try:
            path = Path(form).expanduser()
            if len(form) <= LONGEST and path.is_absolute() and path.exists() and len(path.parts) > 1:
                return path
        except (OSError, ValueError, RuntimeError):
            continue
    return None

"""Where a download goes: a name from elsewhere never becomes a path, and nothing is written over."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO, Final

LONGEST: Final = 200
"""Bytes of a name; file systems take 255, and a number may come on top."""
_BAD: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_TRIES: Final = 1000


def safe_name(name: str, fallback: str) -> str:
    """The last part of `name`, without what a file system or terminal could take amiss; never empty, `.` or `..`."""
    last = re.split(r"[/\\]", name)[-1]
    kept = _BAD.sub("_", last).strip(" .")
    if not kept:
        return safe_name(fallback, "file") if fallback != "file" else "file"
    if last.startswith("."):
        kept = f"_{kept}"
    if _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    return _shortened(kept)


def _shortened(name: str) -> str:
    stem, suffix = os.path.splitext(name)
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    stem = stem if suffix or not os.path.splitext(name)[1] else name
    room = LONGEST - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix


def open_new(folder: Path, name: str) -> tuple[Path, BinaryIO]:
    """A new file in `folder`: `name`, or with a number where that is taken. Raises OSError."""
    stem, suffix = os.path.splitext(name)
    for number in range(_TRIES):
        path = folder / (f"{stem} ({number + 1}){suffix}" if number else name)
        try:
            return path, path.open("xb")
        except FileExistsError:
            continue
    raise FileExistsError(f"{_TRIES} files of this name are there already")

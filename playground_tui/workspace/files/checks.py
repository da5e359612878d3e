"""Can this file go to the server? Looked at before a byte of it is sent; blocks on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.writing.attachment_check import Use, check_file, refused

SNIFFED: Final = 8192
"""Bytes of a file that are looked at."""
PDF_LOOKED_AT: Final = 1 << 20
"""Bytes in which a PDF has its first object."""
MOST_FILES: Final = 2000
"""Taken of one folder: what the API takes in one batch."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Checked:
    path: Path
    size: int
    purpose: Literal["assistants", "vision"]


def check_upload(path: Path, *, searched: bool) -> Checked:
    """`searched`: it goes into a vector store, so it must hold text. Raises FailureError."""
    use: Use = "file_search" if searched else "auto"
    found = check_file(path, use, ("code_interpreter",))
    absolute = Path(found.source)
    if searched:
        check_text(absolute)
    return Checked(absolute, found.size, "vision" if found.kind == "image" else "assistants")


def check_attached(path: Path, use: Use, tools: tuple[str, ...]) -> None:
    """Before a file is attached to a message, as `Attachments.add_file` will. Raises FailureError."""
    found = check_file(path, use, tools)
    if found.kind == "file" and "file_search" in found.tools:
        check_text(Path(found.source))


def check_text(path: Path) -> None:
    """Raises FailureError for a file whose name promises text that is not in it. What can be read from the others is
    the server's to say."""
    try:
        with path.open("rb") as file:
            head = file.read(SNIFFED)
    except OSError as error:
        raise refused(path, (error.strerror or type(error).__name__).lower()) from None
    if head.lstrip().startswith(b"%PDF-"):
        _check_pdf(path, head)
        return
    if path.suffix.lower() == ".pdf":
        raise refused(path, "it is named as a PDF but is none")
    if b"\0" in head and not head.startswith(_UTF16):
        raise refused(path, "file search finds no text in it: it is a binary file")


def _check_pdf(path: Path, head: bytes) -> None:
    """What is in its objects is the server's to say, but there must be one."""
    try:
        if b"obj" not in head:
            with path.open("rb") as file:
                head = file.read(PDF_LOOKED_AT)
    except OSError as error:
        raise refused(path, (error.strerror or type(error).__name__).lower()) from None
    if b"obj" not in head:
        raise refused(path, "it is a broken PDF: nothing but its first line is one")


@dataclass(frozen=True, slots=True)
class Folder:
    paths: tuple[Path, ...]
    more: bool
    """There are more than `MOST_FILES`."""


def files_in(folder: Path) -> Folder:
    """All files below a folder, in order; hidden ones and links to folders are left out. Raises FailureError."""
    try:
        with os.scandir(folder):
            pass
    except OSError as error:
        raise refused(folder, (error.strerror or type(error).__name__).lower()) from None
    found: list[Path] = []
    for path in _walk(folder):
        if len(found) == MOST_FILES:
            return Folder(tuple(found), True)
        found.append(path)
    return Folder(tuple(found), False)


def _walk(folder: Path) -> Iterator[Path]:
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(base) / name

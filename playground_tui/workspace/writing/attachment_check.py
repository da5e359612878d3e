"""Is this file one that can be attached? Looked at before a byte of it is sent. Blocks on the disk."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final, Literal

from playground_tui.limits.file_bodies import MAX_FILE_BYTES, MAX_IMAGE_BYTES
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.writing.attachment import Attachment

Use = Literal["auto", "image", "file_search", "code_interpreter"]

_IMAGES: Final = {
    ".png": b"\x89PNG",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".gif": b"GIF8",
    ".webp": b"RIFF",
}
_NO_TEXT: Final = re.compile(
    r"\.(png|jpe?g|gif|webp|bmp|tiff?|ico|heic|mp3|wav|flac|ogg|m4a|mp4|mov|avi|mkv|webm|zip|tar|gz|bz2|xz|7z|rar|exe|dll"
    r"|so|dylib|bin|iso|sqlite|db|parquet|woff2?|ttf|otf)"
)
"""Nothing in these can be searched as text; whether anything in others can is the server's to say."""


def is_image(path: Path) -> bool:
    return path.suffix.lower() in _IMAGES


def check_file(path: Path, use: Use = "auto", tools: tuple[str, ...] = ()) -> Attachment:
    """The file as an attachment that waits to be uploaded. `auto`: a picture is shown to the model, another file goes
    to the first of the assistant's `tools` that takes files. Raises FailureError for one that cannot be attached."""
    path = _absolute(path)
    size, head = _look(path)
    image = is_image(path) if use == "auto" else use == "image"
    if image:
        _check_image(path, size, head)
        return Attachment(_new_id(), "image", path.name, str(path), size)
    if size > MAX_FILE_BYTES:
        raise refused(path, f"it is larger than {MAX_FILE_BYTES // 1024**2} MB")
    tool = _tool(tools) if use == "auto" else use
    if tool == "file_search" and _NO_TEXT.fullmatch(path.suffix.lower()):
        raise refused(path, "file search finds no text in a file of this kind")
    return Attachment(_new_id(), "file", path.name, str(path), size, (tool,))


def check_url(url: str) -> Attachment:
    """A picture by its address, which the server fetches. Raises FailureError."""
    url = url.strip()
    if not url.lower().startswith(("https://", "http://")) or any(sign.isspace() for sign in url):
        what = "A picture's address begins with https:// and has no spaces."
        raise FailureError(Failure("invalid", what, field="attachments"))
    name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return Attachment(_new_id(), "image", name or url, url=url, phase="ready")


def refused(path: Path, why: str) -> FailureError:
    return FailureError(Failure("invalid", f"{path.name} cannot be attached: {why}.", field="attachments"))


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except (RuntimeError, OSError):
        raise refused(path, "its name makes no sense") from None


def _look(path: Path) -> tuple[int, bytes]:
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise refused(path, "it is a folder")
        if not stat.S_ISREG(found.st_mode):
            raise refused(path, "it is no ordinary file")
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise refused(path, (error.strerror or type(error).__name__).lower()) from None
    except ValueError:
        raise refused(path, "its name makes no sense") from None
    if not found.st_size:
        raise refused(path, "it is empty")
    return found.st_size, head


def _check_image(path: Path, size: int, head: bytes) -> None:
    if not is_image(path):
        raise refused(path, "a picture is PNG, JPEG, GIF or WebP")
    if not head.startswith(_IMAGES[path.suffix.lower()]):
        raise refused(path, f"its contents are no {path.suffix[1:].upper()} picture")
    if size > MAX_IMAGE_BYTES:
        raise refused(path, f"a picture has at most {MAX_IMAGE_BYTES // 1024**2} MB")


def _tool(tools: tuple[str, ...]) -> str:
    return next((tool for tool in tools if tool in ("file_search", "code_interpreter")), "file_search")


def _new_id() -> str:
    return f"local_{os.urandom(6).hex()}"

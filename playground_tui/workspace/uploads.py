"""Files of this machine on their way to a server."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, cast

from playground_tui.workspace.api_objects import as_dict, as_text
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError

if TYPE_CHECKING:
    import openai

UPLOAD_SECONDS: Final = 600.0
"""Without a byte; the server may take its time over a large file."""
STEP: Final = 1 << 18
"""Bytes between two reports."""


async def upload(
    client: openai.AsyncOpenAI,
    path: Path,
    purpose: Literal["assistants", "vision"],
    told: Callable[[int], None] | None = None,
) -> str:
    """Send one file, streamed from the disk; its id. `told` hears how many bytes were read so far. Raises
    `FailureError`."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    try:
        with path.open("rb") as file:
            source = cast("BinaryIO", Watched(file, told)) if told is not None else file
            answer = await client.files.with_raw_response.create(
                file=(path.name, source, kind), purpose=purpose, timeout=UPLOAD_SECONDS
            )
        made: dict[str, Any] = as_dict(answer.http_response.json())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise FailureError(Failure("storage", f"{path} could not be read: {why}.")) from None
    except Exception as error:
        raise FailureError(failure_of(error)) from error
    if not (file_id := as_text(made.get("id"))):
        raise FailureError(Failure("server", "The server's answer to a file makes no sense: it has no id."))
    return file_id


class Watched(io.BufferedIOBase):
    """A file as it is read for sending; tells how far it is."""

    def __init__(self, source: BinaryIO, told: Callable[[int], None], step: int = STEP) -> None:
        self._source, self._told, self._step = source, told, step
        self._last = 0

    def read(self, size: int | None = -1, /) -> bytes:
        block = self._source.read(-1 if size is None else size)
        place = self._source.tell()
        if place - self._last >= self._step:
            self._last = place
            self._told(place)
        return block

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._source.fileno()

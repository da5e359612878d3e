"""Server-sent events as bytes: `event: NAME`, `data: JSON`, a blank line (wire.md §6)."""

from __future__ import annotations

import json
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, Final

from playground_tui.service.errors import ApiError
from playground_tui.service.store.objects import dump

DONE: Final = b"event: done\ndata: [DONE]\n\n"


def frame(event: str, body: str) -> bytes:
    """`body` is JSON text, as `dump` writes it: UTF-8 and without a line break."""
    return f"event: {event}\ndata: {body}\n\n".encode()


def error_frame(error: ApiError) -> bytes:
    """The error bare, as the description has it, and once more under `error`: the openai client raises only then."""
    inner = error.body()["error"]
    return frame("error", dump({**inner, "error": inner}))


def progress_frame(phase: str, message: str, retry_in: float | None = None) -> bytes:
    """An extension; only for listeners that asked for it."""
    return frame("playground.progress", dump({"phase": phase, "retry_in": retry_in, "message": message}))


def json_string(text: str) -> bytes:
    """`text` as a JSON string in UTF-8."""
    try:
        return encode_basestring(text).encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return encode_basestring_ascii(text).encode()


class DeltaFrames:
    """Frames that differ in one string only; everything around it is written once.

    A reply is thousands of such frames: this costs a tenth of dumping the whole object each time."""

    __slots__ = ("_head", "_tail")

    def __init__(self, event: str, template: dict[str, Any]) -> None:
        """`template` holds the string `"\\0"` where the changing one goes."""
        head, _, tail = frame(event, dump(template)).partition(json.dumps("\0").encode())
        self._head, self._tail = head, tail

    def of(self, text: str) -> bytes:
        return self._head + json_string(text) + self._tail

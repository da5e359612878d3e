"""How much of an answer is read into memory, whatever a server sends. Counted is what comes out of the decompression,
which the HTTP library does in pieces of at most 1 MiB."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import httpx2

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of an answer that is read whole. The largest lists of the API, a hundred messages of 256,000 characters, have about
half of it. Downloads are not read whole."""
MOST_ERROR_BYTES: Final = 1024 * 1024
"""Of an answer that refuses; the rest is not read, and what came is taken for all of it."""
MOST_LINE_BYTES: Final = 32 * 1024 * 1024
"""Of one line or event of a stream; a whole image in an event is about 10 MB."""
MOST_STREAM_BYTES: Final = 512 * 1024 * 1024
"""Of one stream of events: several hundred bytes for every token of the longest reply there is."""


class TooMuch(Exception):
    """An answer grew beyond what any answer has. `request`: what it answers, where that is known."""

    def __init__(self, request: httpx2.Request | None = None) -> None:
        super().__init__()
        self.request = request


async def bound(response: httpx2.Response) -> None:
    """A response hook: what reads the whole body then, raises `TooMuch` beyond `MOST_BYTES`. Streams that are
    read piece by piece are left alone."""
    refused = response.status_code >= 400
    answer: Any = response
    read, pieces = response.aread, response.aiter_bytes

    async def counted(chunk_size: int | None = None) -> AsyncGenerator[bytes]:
        size = 0
        async with aclosing(pieces(chunk_size)) as parts:
            async for part in parts:
                size += len(part)
                if refused and size > MOST_ERROR_BYTES:
                    yield part[: MOST_ERROR_BYTES - size]
                    return
                if size > MOST_BYTES:
                    raise TooMuch(response.request)
                yield part

    async def aread() -> bytes:
        answer.aiter_bytes = counted
        try:
            return await read()
        finally:
            answer.aiter_bytes = pieces

    answer.aread = aread

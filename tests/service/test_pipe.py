"""Bytes from one loop to another: what a consumer may take for the end."""

from __future__ import annotations

import asyncio

from playground_tui.service.pipe import Pipe


async def test_an_empty_chunk_is_not_the_end():
    """A form with an empty file sends one; taken alone it cut the form off, and the upload was refused."""
    pipe = Pipe()
    await pipe.put(b"")
    reading = asyncio.ensure_future(pipe.get())
    await asyncio.sleep(0)
    assert not reading.done()
    await pipe.put(b"the rest")
    assert await reading == b"the rest"
    pipe.end()
    assert await pipe.get() == b""

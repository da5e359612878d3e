"""The parent's side of the extraction child: one process, one file at a time, ended when idle, hung or closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any, Final

SILENCE: Final = 60.0
"""Seconds without a chunk after which a file is given up."""
IDLE: Final = 20.0
"""Seconds without work after which the child is ended."""
_LINE_LIMIT: Final = 1 << 22


class ExtractionError(Exception):
    """A file whose text could not be had; the sentence says why."""

    def __init__(self, sentence: str, code: str = "server_error") -> None:
        super().__init__(sentence)
        self.code = code
        """`unsupported_file`, `invalid_file` or `server_error`."""


class Extractor:
    """Belongs to one event loop. `chunks` may be called by many; they wait for each other."""

    def __init__(self, *, silence: float = SILENCE, idle: float = IDLE) -> None:
        self._silence = silence
        self._idle = idle
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def chunks(self, path: Path, name: str, size: int, overlap: int) -> AsyncGenerator[dict[str, Any]]:
        """The chunks of one file as they come: `text`, `start`, `tokens`, `pages`. Raises `ExtractionError`. A reader
        that stops early ends the child, for its answer would be read by the next."""
        async with self._turn:
            clean = False
            try:
                async for chunk in self._ask({"path": str(path), "name": name, "size": size, "overlap": overlap}):
                    yield chunk
                clean = True
            except ExtractionError:
                clean = self._child is not None
                raise
            finally:
                if clean:
                    self._rest()
                else:
                    await self._end()

    async def close(self) -> None:
        async with self._turn:
            await self._end()

    async def _ask(self, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        child = await self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            await child.stdin.drain()
            while True:
                async with asyncio.timeout(self._silence):
                    line = await child.stdout.readline()
                if not line:
                    await self._end()
                    raise ExtractionError("Reading it brought the reader down; it was started again.")
                said = json.loads(line)
                if "chunk" not in said:
                    break
                yield said["chunk"]
        except TimeoutError:
            await self._end()
            raise ExtractionError(f"Reading it gave nothing for {self._silence:g} s; it was given up.") from None
        except (BrokenPipeError, ConnectionResetError, ValueError):
            await self._end()
            raise ExtractionError("Reading it brought the reader down; it was started again.") from None
        if "error" in said:
            raise ExtractionError(said["error"], said.get("code", "server_error"))

    async def _started(self) -> asyncio.subprocess.Process:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "playground_tui.service.files.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                limit=_LINE_LIMIT,
            )
        return self._child

    def _rest(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._idle, self._idle_over)

    def _idle_over(self) -> None:
        if self._child is not None and self._child.stdin is not None and not self._turn.locked():
            self._child.stdin.close()  # the child ends with its input
            self._child = None

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()

"""Runs an approved handler in a process group of its own: no shell, no terminal, bounded time and output.

Whatever happens comes back as a `HandlerResult`; only cancellation passes through, and ends the processes too.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import sys
import time
from pathlib import Path

from playground_tui.workspace.handlers.model import MAX_OUTPUT_BYTES, Handler, HandlerResult

MAX_LOG_BYTES = 8 * 1024
_CHILD = Path(__file__).with_name("child.py")
_KILL_SECONDS = 1.0


async def run_handler(handler: Handler, name: str, arguments: str, *, interpreter: str = "") -> HandlerResult:
    """Answer one call of function `name`. `arguments` is the model's JSON text, `interpreter` the Python for Python
    handlers (empty: this one)."""
    if handler.kind == "mock":
        return HandlerResult(handler.target, 0.0)
    if handler.kind == "hand":
        return _failed("This function has no handler.", 0.0)
    if problem := handler.problem():
        return _failed(problem, 0.0)
    began = time.monotonic()
    try:
        process = await _start(_argv(handler, interpreter), name, handler.folder)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return _failed(f"The handler could not be started: {why}.", time.monotonic() - began)
    return await _finish(process, handler, arguments, began)


def _argv(handler: Handler, interpreter: str) -> list[str]:
    if handler.kind == "command":
        argv = shlex.split(handler.target)
        return [os.path.expanduser(argv[0]), *argv[1:]]
    place, _, function = handler.target.rpartition(":")
    return [interpreter or sys.executable, str(_CHILD), place, function]


async def _start(argv: list[str], name: str, folder: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder or None,
        # A session of its own has no controlling terminal: nothing it does can reach the screen.
        start_new_session=True,
        env={**_environment(), "PLAYGROUND_TUI_FUNCTION": name},
    )


def _environment() -> dict[str, str]:
    """This process's environment without the model keys a handler has no business with."""
    return {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}


async def _finish(process: asyncio.subprocess.Process, handler: Handler, arguments: str, began: float) -> HandlerResult:
    assert process.stdout is not None
    assert process.stderr is not None
    readers = asyncio.gather(
        _feed(process, arguments),
        _read(process.stdout, MAX_OUTPUT_BYTES + 1, keep_end=False),
        _read(process.stderr, MAX_LOG_BYTES, keep_end=True),
        process.wait(),
    )
    try:
        async with asyncio.timeout(handler.timeout):
            _, output, log, _ = await readers
    except TimeoutError:
        await _end(process)
        return _failed(f"The handler gave no answer within {handler.timeout:g} s.", time.monotonic() - began)
    except BaseException:
        await _end(process)
        raise
    _kill_group(process)
    return _result(process.returncode or 0, output, log, time.monotonic() - began)


def _result(code: int, output: bytes, log: bytes, seconds: float) -> HandlerResult:
    text = output[:MAX_OUTPUT_BYTES].decode("utf-8", "replace").removesuffix("\n")
    tail = log.decode("utf-8", "replace")
    if code:
        what = f"ended by signal {-code}" if code < 0 else f"ended with status {code}"
        if not _is_error(text):
            text = json.dumps({"error": f"The handler {what}."})
        return HandlerResult(text, seconds, failed=True, note=f"The handler {what}.", log=tail)
    if len(output) > MAX_OUTPUT_BYTES:
        note = f"The output was cut at {MAX_OUTPUT_BYTES // 1024} kB."
        return HandlerResult(text, seconds, note=note, log=tail)
    return HandlerResult(text, seconds, log=tail)


def _is_error(text: str) -> bool:
    try:
        data = json.loads(text)
    except ValueError:
        return False
    return isinstance(data, dict) and "error" in data


def _failed(sentence: str, seconds: float) -> HandlerResult:
    return HandlerResult(json.dumps({"error": sentence}), seconds, failed=True, note=sentence)


async def _feed(process: asyncio.subprocess.Process, arguments: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(arguments.encode("utf-8", "replace"))
        await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return


async def _read(stream: asyncio.StreamReader, limit: int, *, keep_end: bool) -> bytes:
    """Read to the end in bounded memory: the first `limit` bytes, or the last."""
    kept = bytearray()
    while chunk := await stream.read(65_536):
        if keep_end:
            kept += chunk
            del kept[:-limit]
        elif len(kept) < limit:
            kept += chunk[: limit - len(kept)]
    return bytes(kept)


async def _end(process: asyncio.subprocess.Process) -> None:
    _kill_group(process)
    try:
        async with asyncio.timeout(_KILL_SECONDS):
            await process.wait()
    except TimeoutError:
        return


def _kill_group(process: asyncio.subprocess.Process) -> None:
    """End the handler and everything it started; grandchildren that hold its pipes too."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()
    except (ProcessLookupError, PermissionError):
        return

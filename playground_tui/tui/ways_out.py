"""Every way out leads to `flush`: signals, a lost terminal, an end of the interpreter that nobody planned."""

from __future__ import annotations

import asyncio
import atexit
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger("playground_tui.tui")

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""By name: no system has them all."""


@contextmanager
def guarded(flush: Callable[[], None], leave: Callable[[int], None]) -> Iterator[None]:
    """Within: a signal flushes at once, then calls `leave` with the shell's code for it (128 + number). Needs a
    running loop. `flush` may be called more than once."""
    loop = asyncio.get_running_loop()
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]

    def on_signal(number: int) -> None:
        log.info("signal %d", number)
        flush()
        leave(128 + number)

    atexit.register(flush)
    undo = [_install(loop, number, on_signal) for number in numbers]
    try:
        yield
    finally:
        for restore in undo:
            restore()
        atexit.unregister(flush)


def _install(loop: asyncio.AbstractEventLoop, number: int, on_signal: Callable[[int], None]) -> Callable[[], None]:
    """Prefer the loop's handler: it runs between callbacks, never inside one. Returns what takes it away again."""
    try:
        loop.add_signal_handler(number, on_signal, number)
    except (NotImplementedError, RuntimeError, ValueError):
        return _install_plain(loop, number, on_signal)
    return lambda: None if loop.is_closed() else _remove(loop, number)


def _remove(loop: asyncio.AbstractEventLoop, number: int) -> None:
    loop.remove_signal_handler(number)


def _install_plain(
    loop: asyncio.AbstractEventLoop, number: int, on_signal: Callable[[int], None]
) -> Callable[[], None]:
    """Where loops take no handlers (Windows, or a thread that is not the first one)."""
    try:
        before = signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal, number))
    except (OSError, ValueError):
        return lambda: None
    return lambda: _put_back(number, before)


def _put_back(number: int, before: object) -> None:
    signal.signal(number, before)  # type: ignore[arg-type]

"""Runs a program in a pseudo-terminal, reads what it writes, types into it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Ran:
    status: int
    written: int = 0
    """Bytes that the program wrote to the terminal."""
    sent: list[float] = field(default_factory=list)
    """Monotonic times of typed keys."""


def run_in_terminal(
    command: Sequence[str],
    *,
    size: tuple[int, int] = (120, 40),
    key: Callable[[], bytes | None] | None = None,
    timeout: float = 600,
) -> Ran:
    """`key` is asked about 50 times a second for bytes to type; None for none."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, close_fds=True)
    os.close(slave)
    ran = Ran(0)
    end = time.monotonic() + timeout
    try:
        _pump(process, master, ran, key, end)
    finally:
        if process.poll() is None:
            process.kill()
        ran.status = process.wait()
        os.close(master)
    return ran


def _pump(
    process: subprocess.Popen[bytes], master: int, ran: Ran, key: Callable[[], bytes | None] | None, end: float
) -> None:
    while process.poll() is None and time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.02)
        if ready:
            try:
                ran.written += len(os.read(master, 1 << 16))
            except OSError:
                return
        if key is not None and (data := key()):
            ran.sent.append(time.monotonic())
            os.write(master, data)


def python(module: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", module, *map(str, arguments)]

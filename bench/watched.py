"""A program in a real pseudo-terminal, watched by the clock: when does it show what, what does it cost."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLUMNS, ROWS = 120, 40
ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z$]|\x1b[PX^_\]].*?(?:\x1b\\|\x07)|\x1b[=>78]")


@dataclass
class Cost:
    cpu: float
    """Seconds, user and system."""
    peak_mb: float


class Watched:
    """The child started at `started` (monotonic seconds, taken right before fork)."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], *, folder: str | None = None) -> None:
        self.raw = b""
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            if folder:
                os.chdir(folder)
            os.execvpe(command[0], list(command), dict(environ))

    def write(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def read_for(self, seconds: float) -> None:
        """Take what comes within `seconds`, or at once what is there."""
        if self.fd < 0:
            raise EOFError("the terminal was taken away")
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if ready:
            try:
                self.raw += os.read(self.fd, 1 << 16)
            except OSError:
                raise EOFError("the program ended") from None

    def until(self, *texts: str, timeout: float = 20) -> float:
        """Seconds from the start until every text was written, escape sequences left out."""
        end = time.monotonic() + timeout
        while True:
            shown = self.shown()
            if all(text in shown for text in texts):
                return time.monotonic() - self.started
            if time.monotonic() > end:
                raise TimeoutError(f"{texts} did not come; the end of what came: {shown[-3000:]!r}")
            self.read_for(0.05)

    def main_cpu(self) -> float:
        """CPU seconds of its main thread until now; 0 where the system does not tell (only Linux does)."""
        try:
            with open(f"/proc/{self.pid}/task/{self.pid}/schedstat", encoding="ascii") as file:
                return int(file.read().split()[0]) / 1e9
        except OSError:
            return 0.0

    def shown(self) -> str:
        return ESCAPES.sub(b"", self.raw).decode("utf-8", "replace")

    def end(self) -> Cost:
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                self.read_for(0.02)
            except EOFError:
                pass
            pid, _status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            _pid, _status, usage = os.wait4(self.pid, 0)
        os.close(self.fd)
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

"""A program in a pseudo-terminal, read until it ends by itself."""

from __future__ import annotations

import os

from bench.watched import Watched


def read_to_the_end(watched: Watched, patience: float) -> int:
    """Its exit code, as a shell has it but for signals, which are negative. `watched` keeps all that was written."""
    try:
        while True:
            watched.read_for(patience)
    except EOFError:
        _, status = os.waitpid(watched.pid, 0)
        os.close(watched.fd)
    return os.waitstatus_to_exitcode(status)

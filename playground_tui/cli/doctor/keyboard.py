"""Asks the terminal whether it has the Kitty keyboard protocol (sw.kovidgoyal.net/kitty/keyboard-protocol).

The question is followed by one that every terminal answers, so that nothing has to be waited for in vain.
"""

from __future__ import annotations

import os
import re
import select
import sys
import time

ANSWER_SECONDS = 0.5
QUESTION = b"\x1b[?u\x1b[c"


def speaks_kitty() -> bool | None:
    """None: there is no terminal to ask, or it gave no answer at all."""
    try:
        import termios
        import tty
    except ImportError:
        return None
    if sys.stdin is None or not sys.stdin.isatty():
        return None
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number, termios.TCSANOW)
        os.write(1, QUESTION)
        answer = _answer(number)
    except OSError:
        return None
    finally:
        termios.tcsetattr(number, termios.TCSANOW, before)
    return re.search(rb"\x1b\[\?\d+u", answer) is not None if answer else None


def _answer(number: int) -> bytes:
    found, end = b"", time.monotonic() + ANSWER_SECONDS
    while not re.search(rb"\x1b\[\?[\d;]*c", found):
        ready, _, _ = select.select([number], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            break
        found += os.read(number, 1024)
    return found

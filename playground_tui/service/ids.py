"""Ids as the API makes them: a prefix and 24 characters of base 62."""

from __future__ import annotations

import os
from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 24


def new_id(prefix: str) -> str:
    """`new_id("run")` → `run_…`. Prefixes in use: asst, thread, msg, run, step, call, req, vs, vsfb, file."""
    number = int.from_bytes(os.urandom(18), "big")
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return f"{prefix}{'-' if prefix == 'file' else '_'}{''.join(digits)}"

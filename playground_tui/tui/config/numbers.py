"""Numbers as a person types, steps and drags them. Contract: pure; values between steps are never rounded away."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)


def parse_number(text: str, *, integer: bool = False) -> float | int | None:
    """What `text` means, or None. A decimal comma counts as a point; exponents and `nan` do not count."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    if integer:
        return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None
    return float(text.replace(",", "."))


def number_words(value: float) -> str:
    """The shortest text that means exactly `value`: `1`, `0.35`."""
    return repr(value).removesuffix(".0")


def nudge(value: float, step: float, direction: int, low: float, high: float) -> float:
    """The next multiple of `step` above (1) or below (-1) `value`, kept within the limits."""
    steps = round(value / step, 6)
    target = math.floor(steps) + 1 if direction > 0 else math.ceil(steps) - 1
    return min(high, max(low, round(target * step, 10)))


def snap(fraction: float, step: float, low: float, high: float) -> float:
    """The multiple of `step` nearest to a place on the track, 0 being its left end and 1 its right one."""
    raw = low + min(1.0, max(0.0, fraction)) * (high - low)
    return min(high, max(low, round(round(raw / step) * step, 10)))

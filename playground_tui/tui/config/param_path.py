"""From the API's notation of a place (`tools[0].function.name`) to its steps."""

from __future__ import annotations

import re

_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[]+)")


def param_path(param: str) -> tuple[str | int, ...]:
    """Keys that hold a point or bracket come apart; whoever looks for them finds the place around them."""
    return tuple(int(index) if index else key for index, key in _STEP.findall(param))

"""Wait for a condition, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


async def wait_until(condition: Callable[[], Any], patience: float = 20.0) -> None:
    """Give way until `condition()` is true. AssertionError after `patience` seconds, which only a failing test sees."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while not condition():
        assert loop.time() < deadline, "the condition never came true"
        await asyncio.sleep(0.001)

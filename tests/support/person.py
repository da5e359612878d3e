"""What a person at a pilot does and waits for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot


async def press(pilot: Pilot[Any], keys: Iterable[str]) -> None:
    """As `Pilot.press`, but a run of characters is sent at once, as they come from a fast typist: it waits for the
    screen only after the last of them."""
    for is_text, run in groupby(keys, key=lambda key: len(key) == 1):
        names = list(run)
        if is_text:
            driver = pilot.app._driver
            assert driver is not None
            for character in names[:-1]:
                event = events.Key(character if character.isalnum() else _character_to_key(character), character)
                event.set_sender(pilot.app)
                driver.send_message(event)
            names = names[-1:]
        await pilot.press(*names)


async def until(condition: Callable[[], Any], told: Callable[[], str] = str, patience: float = 30.0) -> None:
    """Look again until the condition holds. A `Pilot.pause` in between would send every widget a message each time."""
    end, wait = time.monotonic() + patience, 0.004
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"the condition did not come true:\n{told()}")
        await asyncio.sleep(wait)
        wait = min(wait * 1.3, 0.05)

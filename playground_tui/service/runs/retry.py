"""When a model endpoint is asked again: three times in all, on trouble that may pass, before its first event only."""

from __future__ import annotations

import random
from typing import Final

from playground_tui.service.engines.base import EngineError

TRIES: Final = 3
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 60.0
"""An endpoint that wants a longer pause is not asked again; the person is told instead."""


def wait_before(error: EngineError, tried: int) -> float | None:
    """Seconds until the next try after `tried` of them; None: no more. Without the endpoint's own wish it doubles,
    with up to a quarter added so that many runs do not come back at once."""
    if not error.retryable or tried >= TRIES:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_WAIT else None
    wait = FIRST_WAIT * (1 << (tried - 1))
    return wait + random.uniform(0, wait / 4)

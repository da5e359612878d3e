"""What the service is given from outside. Contract: cheap to import; nothing of the service is loaded by it."""

from __future__ import annotations

import time
from collections.abc import Callable

from playground_tui.limits.file_bodies import MAX_FILE_BYTES
from playground_tui.quick_dataclass import dataclass
from playground_tui.settings.model import Provider, Settings
from playground_tui.settings.paths import Paths

API_RUN_EXPIRY = 600.0
"""Seconds the API gives a run to be done (wire.md §4)."""


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    paths: Paths
    settings: Callable[[], Settings]
    """Asked at each use, so that a change needs no restart. Called on the service's thread."""
    key: Callable[[Provider], str | None]
    """Resolves a provider's key; may raise `playground_tui.settings.keys.KeyUnavailable`, and may block."""
    run_expiry: float = API_RUN_EXPIRY
    """Seconds from a run's creation to `expires_at`."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    api_key: str | None = None
    """What clients must send; None: not checked (in process)."""
    max_file_bytes: int = MAX_FILE_BYTES
    """Of one uploaded file."""
    serve: bool = False
    """True behind HTTP: `Host` and `Origin` are checked, requests are logged."""
    key_refused: Callable[[Provider], None] = lambda provider: None
    """Hears when a provider answered 401, so that `key` may fetch another one."""

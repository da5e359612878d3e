"""Keeps what was last said between this program and the server about runs: in memory, bounded, never on disk or in a
log. It is shown through `exchanges.py` alone, which masks it."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from playground_tui.workspace.clock import Clock, SystemClock

if TYPE_CHECKING:
    import httpx2

KEPT: Final = 40
"""Exchanges."""
MOST_BYTES: Final = 256 * 1024
"""Of one answer; the rest is only counted."""


class Recording:
    """An exchange that goes on."""

    def __init__(self, method: str, body: Any, started_at: datetime) -> None:
        self.method, self.body, self.started_at = method, body, started_at
        self.url = ""
        self.sent: dict[str, str] = {}
        self.status = 0
        self.headers: dict[str, str] = {}
        self.bytes = 0
        self._parts: list[bytes] = []
        self._kept = 0

    def answered(self, response: httpx2.Response) -> None:
        self.url = str(response.request.url)
        self.sent = dict(response.request.headers.items())
        self.status = response.status_code
        self.headers = dict(response.headers.items())

    def heard(self, part: bytes) -> None:
        """Some bytes of the answer."""
        self.bytes += len(part)
        if self._kept < MOST_BYTES:
            self._parts.append(part[: MOST_BYTES - self._kept])
            self._kept += len(self._parts[-1])

    @property
    def text(self) -> str:
        return b"".join(self._parts).decode("utf-8", "replace")

    def about(self, name: str) -> bool:
        """Whether a thread's or run's id is part of it."""
        return f"/{name}" in self.url or f'"{name}"' in self.text


class Exchanges:
    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._kept: deque[Recording] = deque(maxlen=KEPT)

    def begin(self, method: str, body: Any) -> Recording:
        recording = Recording(method, body, self._clock.now())
        self._kept.append(recording)
        return recording

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Oldest first; unmasked."""
        return tuple(self._kept)

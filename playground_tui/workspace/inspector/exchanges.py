"""What was last said between this program and the server about runs, kept in memory and bounded. What may be secret is
masked when it is read: every header and query value that is not known to be harmless, and whatever looks like a key."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.clock import Clock, SystemClock

if TYPE_CHECKING:
    import httpx2

KEPT: Final = 40
"""Exchanges."""
MOST_BYTES: Final = 256 * 1024
"""Of one answer; the rest is only counted."""
MASK: Final = "•••"
_PLAIN_HEADERS: Final = (
    "accept",
    "content-type",
    "content-length",
    "content-encoding",
    "date",
    "openai-beta",
    "openai-processing-ms",
    "openai-version",
    "playground-tui-events",
    "retry-after",
    "server",
    "transfer-encoding",
    "user-agent",
    "x-request-id",
)
_PLAIN_PREFIXES: Final = ("x-stainless-", "x-ratelimit-")
_PLAIN_QUERY: Final = ("after", "api-version", "before", "include[]", "limit", "order", "run_id")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, masked."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: Any
    started_at: datetime
    status: int = 0
    """0: no answer came."""
    response_headers: Mapping[str, str] = ()  # type: ignore[assignment]
    response: str = ""
    """JSON or the event stream as it came."""
    bytes: int = 0
    """Of the whole answer."""
    cut: bool = False
    """`response` is only its beginning."""


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

    def of(self, name: str, redact: Callable[[str], str] = str) -> tuple[Exchange, ...]:
        """Those about a run or a thread, oldest first."""
        return tuple(_masked(recording, redact) for recording in self._kept if recording.about(name))


def _masked(recording: Recording, redact: Callable[[str], str]) -> Exchange:
    return Exchange(
        recording.method,
        redact(_masked_url(recording.url)),
        _masked_headers(recording.sent),
        redacted(recording.body, redact),
        recording.started_at,
        recording.status,
        _masked_headers(recording.headers),
        redact(recording.text),
        recording.bytes,
        recording.bytes > MOST_BYTES,
    )


def redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """A JSON value with every text in it redacted."""
    return json.loads(redact(json.dumps(value, ensure_ascii=False, default=str)))


def _masked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value if _is_plain(name.lower()) else MASK for name, value in headers.items()}


def _is_plain(name: str) -> bool:
    return name in _PLAIN_HEADERS or name.startswith(_PLAIN_PREFIXES)


def _masked_url(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(f"{quote(k, safe='[]')}={quote(v) if k in _PLAIN_QUERY else MASK}" for k, v in pairs)
    return urlunsplit((parts.scheme, host, parts.path, query, ""))

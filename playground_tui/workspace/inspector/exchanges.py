"""What was recorded of requests about runs, to be shown. What may be secret is masked: every header and query value
that is not known to be harmless, and whatever looks like a key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.inspector.recorder import MOST_BYTES, Exchanges, Recording

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


def exchanges_of(kept: Exchanges, name: str, redact: Callable[[str], str] = str) -> tuple[Exchange, ...]:
    """Those about a run or a thread, by its id, oldest first."""
    return tuple(_masked(recording, redact) for recording in kept.recordings if recording.about(name))


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

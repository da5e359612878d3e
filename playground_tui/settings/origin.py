"""Whether an address belongs to the endpoint that was configured."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_same_place(base_url: str, url: str) -> bool:
    """The same host and port; from http to https on the same host is the same place too. Keys and contents go nowhere
    else, whatever a redirect says."""
    ours, theirs = urlsplit(base_url), urlsplit(url)
    if (ours.hostname or "").lower() != (theirs.hostname or "").lower():
        return False
    return _port(ours.scheme, ours.port) == _port(theirs.scheme, theirs.port) or (
        (ours.scheme, theirs.scheme) == ("http", "https")
    )


def _port(scheme: str, port: int | None) -> int:
    return port or (443 if scheme == "https" else 80)

"""Who may ask: the key, and on loopback only pages and names of this machine (against DNS rebinding)."""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from playground_tui.service.errors import ApiError


def check_key(headers: Headers, expected: str | None) -> None:
    """The bearer key or Azure's `api-key`, compared in constant time. `expected` None: everyone may. Raises 401."""
    if expected is None:
        return
    given = _given_key(headers)
    if not given:
        raise ApiError(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer "
            "auth (i.e. Authorization: Bearer YOUR_KEY).",
            code="missing_api_key",
            headers={"www-authenticate": "Bearer"},
        )
    if not hmac.compare_digest(given.encode("latin-1"), expected.encode()):
        message = "Incorrect API key provided. The key of this service is the one that `serve` was started with."
        raise ApiError(401, message, code="invalid_api_key", headers={"www-authenticate": "Bearer"})


def _given_key(headers: Headers) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("api-key", "").strip()


def check_origin(headers: Headers) -> None:
    """Refuse a request that reached this machine under a foreign name or from a foreign page. Raises 403."""
    if not is_loopback(_host(headers.get("host", ""))):
        raise ApiError(403, "This service only answers on the names of this machine.", code="foreign_host")
    origin = headers.get("origin")
    if origin is not None and not _loopback_origin(origin):
        raise ApiError(403, "Pages of other origins may not use this service.", code="foreign_origin")


def is_loopback(host: str) -> bool:
    """True for `localhost`, its subdomains and loopback addresses."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host(header: str) -> str:
    if header.startswith("["):
        return header.partition("]")[0]
    return header.rpartition(":")[0] if header.count(":") == 1 else header


def _loopback_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and is_loopback(parts.hostname or "")
    except ValueError:
        return False

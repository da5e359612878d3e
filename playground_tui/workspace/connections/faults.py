"""What a failed call of a test means, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playground_tui.workspace.client import is_on_this_machine
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure


def failure_at(error: BaseException, base_url: str, *, proxied: bool = False) -> Failure:
    """Like `failure_of`, with advice for an endpoint at `base_url`."""
    if isinstance(error, (ValueError, ImportError)):
        return Failure("invalid", "Its proxy or base URL cannot be used.", next="Edit it.")
    failure = failure_of(error)
    if failure.kind == "offline":
        return replace(failure, next=_advice(error, base_url, proxied=proxied), details="")
    if failure.kind == "timeout":
        return replace(failure, next="A model that is being loaded may need a minute: test again.")
    if failure.kind == "storage":
        return Failure("storage", "Its CA bundle cannot be read.", next="Name a file in PEM form.")
    return failure


def _advice(error: BaseException, base_url: str, *, proxied: bool) -> str:
    text = " ".join(str(cause) for cause in _causes(error)).lower()
    if "certificate" in text or "ssl" in text:
        return "Its certificate is not trusted here: name a CA bundle, or write http:// if it has none."
    if proxied:
        return "Its proxy may be the reason."
    if any(words in text for words in ("name or service", "nodename", "getaddrinfo", "temporary failure in name")):
        return "Its name is not known: check the base URL and the network."
    if is_on_this_machine(base_url):
        return "Is it running? Start it and test again."
    return "Check the base URL and the network."


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def is_page(content_type: str, body: Any) -> bool:
    """A web page where an API was expected."""
    return "html" in content_type or (isinstance(body, str) and body.lstrip()[:1] == "<")

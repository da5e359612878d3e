"""What an exception of a call means to a person. Contract: `failure_of` knows every exception that the workspace's
calls raise, never raises itself, and puts no key and no contents of a person or model into a log."""

from __future__ import annotations

import errno
import logging
import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from time import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from playground_tui.limits import ASSISTANT_FIELDS, RUN_SETTINGS
from playground_tui.settings.keys import KeyUnavailable, the_key
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.store import NewerStoreError, RefusedError, StoreError

if TYPE_CHECKING:
    import httpx2
    import openai

log = logging.getLogger("playground_tui.workspace")

FACTS: Final = "playground_tui.server"
"""Key of `ServerFacts` in the extensions of every request of a client that `make_client` made."""

RETIRED: Final = Failure(
    "retired",
    "OpenAI switched its Assistants API off on 2026-08-26.",
    next="Use the local server; `import` brings definitions over.",
    status=404,
)
FULL: Final = Failure("storage", "The disk is full.", next="Free some space.")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
NOT_STARTED: Final = "The local service could not start"
"""How the carried service's transport begins what it raises when there is no service."""
_PATH_IS_UNKNOWN: Final = re.compile(r"invalid url|unknown (request )?url|not implemented|unsupported", re.IGNORECASE)
_RUN_IS_ACTIVE: Final = re.compile(r"already has an active run|while a run .* is active", re.IGNORECASE)
_NAMED_AT_END: Final = re.compile(r"\(parameter: ([\w.\[\]]+)\)\s*$")
_LONGEST: Final = 400
"""Characters of a server's own message."""
LONGEST_PAUSE: Final = 100 * 365 * 86400.0
"""Seconds; a rate limit that lasts longer is none."""
_LONGEST_NAME: Final = 100
"""Of its codes and ids."""


class ServerFacts(NamedTuple):
    """What a failure's sentence needs to know of the server that was called."""

    title: str
    base_url: str
    key_place: str = ""
    """Where the key is set, in words; empty: none is set."""
    redact: Callable[[str], str] = str


def failure_of(error: BaseException) -> Failure:
    """`kept` is left empty: only the caller knows what it kept."""
    if isinstance(error, FailureError):
        return error.failure
    if isinstance(error, KeyUnavailable):
        return Failure("key", error.sentence)
    if isinstance(error, (StoreError, NewerStoreError)):
        return _storage(error)
    sdk = sys.modules.get("openai")  # while a thread imports it, there are parts of it
    if isinstance(error, getattr(sdk, "APIError", ())):
        return _of_call(error, sdk)  # type: ignore[arg-type]
    if _is_too_much(error):
        request = getattr(error, "request", None)
        return _too_much(facts_of(request).title if request is not None else "The server")
    if isinstance(error, RecursionError):
        return Failure("server", "The server's answer is nested too deeply to be read.", next="Try again.")
    if isinstance(error, UnicodeEncodeError):
        return Failure("invalid", "A text holds bytes that are no characters.", next="Give it as UTF-8.")
    if isinstance(error, TimeoutError):
        return Failure("timeout", "The server gave no sign of life in time.", next="Try again.")
    if isinstance(error, ConnectionError):
        return Failure("offline", "The server was not reached.", details=type(error).__name__)
    if isinstance(error, OSError) and error.errno in _FULL:
        return FULL
    if isinstance(error, OSError):
        return Failure("storage", f"This machine refused: {error.strerror or type(error).__name__}.")
    where = "".join(traceback.format_tb(error.__traceback__))  # without the message, which may repeat contents
    log.error("unexpected %s\n%s", type(error).__name__, where)
    return Failure("internal", f"A fault of this program ({type(error).__name__}).", next="The log has the details.")


def is_retired_url(url: str) -> bool:
    """Whether it is one of OpenAI's own Assistants API."""
    parts = urlsplit(url)
    return parts.hostname == "api.openai.com" and re.match(r"/v1/(assistants|threads)\b", parts.path) is not None


def field_of(param: str | None) -> str | None:
    """The assistant field or run setting that an API `param` is in: `tools[0].function.name` → `tools`."""
    found = re.match(r"[A-Za-z_]+", param or "")
    name = found.group() if found else ""
    return name if name in ASSISTANT_FIELDS or name in RUN_SETTINGS else None


def field_in(message: str) -> str | None:
    """The field that a run's `last_error.message` names at its end: `… (parameter: temperature)`."""
    found = _NAMED_AT_END.search(message)
    return field_of(found.group(1)) if found else None


def _storage(error: StoreError | NewerStoreError) -> Failure:
    if isinstance(error, NewerStoreError):
        what = "The workspace's database was written by a newer version of this program."
        return Failure("storage", what, next="Update playground-tui.", details=", ".join(error.names))
    if isinstance(error, RefusedError):
        return _refused(error)
    advice = "Check the disk's free space and permissions; `playground-tui doctor` tells whether the file is damaged."
    return Failure("storage", str(error), next=advice)


def _refused(error: RefusedError) -> Failure:
    if error.full:
        return replace(FULL, details=str(error))
    return Failure(
        "storage", "The disk cannot be written.", next="Check its space and permissions.", details=str(error)
    )


def _of_call(error: openai.APIError, sdk: Any) -> Failure:
    facts = facts_of(error.request)
    if isinstance(error, sdk.APITimeoutError):
        return Failure("timeout", f"{facts.title} gave no sign of life in time.", next="It is tried again.")
    if isinstance(error, sdk.APIConnectionError):
        # A key that a local run needs may be missing only when the transport asks for it.
        if isinstance(error.__cause__, (KeyUnavailable, FailureError)):
            return failure_of(error.__cause__)
        if _is_too_much(error.__cause__):
            return _too_much(facts.title)
        return replace(not_reached(facts.title, error.__cause__), details=_cause(error, facts))
    if isinstance(error, sdk.APIStatusError):
        return _of_status(error, facts)
    return Failure("server", f"{facts.title} gave an answer that makes no sense.", details=_message(error, facts))


def _is_too_much(error: BaseException | None) -> bool:
    bounds = sys.modules.get("playground_tui.limits.answers")  # loaded with the client
    return isinstance(error, getattr(bounds, "TooMuch", ()))


def _too_much(title: str) -> Failure:
    return Failure("server", f"{title} sent far more than any answer has.")


def _of_status(error: openai.APIStatusError, facts: ServerFacts) -> Failure:
    status, message = error.status_code, _message(error, facts)
    details = _details(error)
    title = facts.title
    if status == 401:
        return refused_key(facts, details)
    if status == 403:
        return Failure("key", f"{title} does not allow this: {message}", details=details, status=status)
    if status in (404, 405, 501):
        return _not_there(error, facts, message, details)
    if status == 408 or status == 504:
        return Failure("timeout", f"{title} gave up waiting.", details=details, status=status)
    if status == 429:
        return _rate(error, title, message, details)
    if status == 409 or (status == 400 and _RUN_IS_ACTIVE.search(message)):
        return Failure("conflict", f"{title} refused: {message}", details=details, status=status)
    if status < 500:
        field = field_of(_param(error))
        return Failure("invalid", f"{title} refused: {message}", details=details, field=field, status=status)
    return Failure("server", f"{title} failed: {message}", details=details, status=status)


def not_reached(title: str, error: BaseException | None) -> Failure:
    """`error` is the transport's; only the carried service's tells why, and that it is of no use to wait."""
    if error is not None and str(error).startswith(NOT_STARTED):
        return Failure("offline", str(error), next="`playground-tui doctor` tells what is wrong with its data.")
    return Failure("offline", f"{title} was not reached.")


def refused_key(facts: ServerFacts, details: str = "status 401") -> Failure:
    if not facts.key_place:
        what = f"{facts.title} wants a key, and none is set."
    else:
        what = f"{facts.title} refused {the_key(facts.key_place)}."
    return Failure("key", what, next="Give another one there or in Connections.", details=details, status=401)


def _not_there(error: openai.APIStatusError, facts: ServerFacts, message: str, details: str) -> Failure:
    url = str(error.request.url)
    if error.status_code == 404 and is_retired_url(url):
        return RETIRED
    if error.status_code == 404 and _names_an_object(error) and not _PATH_IS_UNKNOWN.search(message):
        return Failure("missing", f"{facts.title} does not have it (any more): {message}", details=details, status=404)
    what = f"{facts.title} does not offer {error.request.method} {urlsplit(url).path}."
    return Failure("unsupported", what, details=details, status=error.status_code)


def _names_an_object(error: openai.APIStatusError) -> bool:
    """Whether the 404 is the API's own (its `error` object) and not some web server's for an unknown path."""
    return isinstance(error.body, dict) and bool(error.body.get("message")) and "detail" not in error.body


def _rate(error: openai.APIStatusError, title: str, message: str, details: str) -> Failure:
    if error.code == "insufficient_quota":
        return Failure("rate", f"{title}: the account's quota is used up.", next="Check its plan.", details=details)
    wait = _retry_after(error.response)
    when = f"in {wait:.0f} s" if wait else "in a moment"
    return Failure(
        "rate",
        f"{title} limits the rate: {message}",
        next=f"Try again {when}.",
        details=details,
        retry_after=wait,
        status=429,
    )


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds, from `retry-after-ms` or `Retry-After` (seconds or a date)."""
    try:
        wait = _wait_in(response.headers)
    except (ValueError, TypeError, OverflowError):
        return None
    return wait if wait is not None and wait <= LONGEST_PAUSE else None


def _wait_in(headers: httpx2.Headers) -> float | None:
    if ms := headers.get("retry-after-ms"):
        return max(0.0, float(ms) / 1000)
    value = headers.get("retry-after", "")
    if not value:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    from email.utils import parsedate_to_datetime

    return max(0.0, parsedate_to_datetime(value).timestamp() - time())


def _param(error: openai.APIStatusError) -> str | None:
    if error.param:
        return str(error.param)
    detail = error.body.get("detail") if isinstance(error.body, dict) else None
    if isinstance(detail, list) and detail and isinstance(detail[0], dict):  # FastAPI's validation errors
        return next((str(part) for part in detail[0].get("loc", ()) if part != "body"), None)
    return None


def _message(error: openai.APIError, facts: ServerFacts) -> str:
    body = error.body
    found: object = body.get("message") or body.get("detail") if isinstance(body, dict) else None
    if isinstance(found, list) and found and isinstance(found[0], dict):
        found = found[0].get("msg")
    status = getattr(error, "status_code", None)
    text = " ".join(str(found).split()) if found else f"status {status}" if status else "no details"
    text = facts.redact(text)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def _details(error: openai.APIStatusError) -> str:
    parts = [f"status {error.status_code}"]
    named = (("code", error.code), ("parameter", error.param), ("request", error.request_id))
    parts += [f"{name} {str(value)[:_LONGEST_NAME]}" for name, value in named if value]
    return ", ".join(parts)


def _cause(error: BaseException, facts: ServerFacts) -> str:
    cause = error.__cause__
    return f"{facts.base_url}: {type(cause).__name__}" if cause is not None else facts.base_url


def facts_of(request: httpx2.Request) -> ServerFacts:
    facts = request.extensions.get(FACTS)
    if isinstance(facts, ServerFacts):
        return facts
    host = urlsplit(str(request.url)).hostname or "The server"
    return ServerFacts(host, host)

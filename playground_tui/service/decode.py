"""Bytes from a client → checked values. Contract: whatever is sent, the answer is a value or an `ApiError` of 4xx."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from playground_tui.limits.bodies import check_body
from playground_tui.limits.rules import Problem, Rule
from playground_tui.service.errors import ApiError

MAX_BODY: Final = 32 * 1024 * 1024
"""Bytes of a JSON body: room for images as data URLs. Files have a limit of their own."""
MAX_DEPTH: Final = 100
"""Levels of arrays and objects within each other."""
_MAX_INTEGER: Final = 2**63 - 1
_NOT_JSON: Final = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly. The API expects a JSON payload, but what was sent was not valid JSON.)"
)


async def read_body(request: Request, rule: Rule, *, optional: bool = False) -> dict[str, Any]:
    """The request's JSON object, checked. `optional`: no body at all counts as `{}`."""
    raw = await read_bytes(request, MAX_BODY)
    if not raw.strip():
        if optional:
            return {}
        raise ApiError(400, "The request has no body, but this method needs a JSON object.", code="missing_body")
    _check_content_type(request)
    body = parse_json(raw)
    refuse(check_body(rule, body))
    checked: dict[str, Any] = body
    return checked


def refuse(problem: Problem | None) -> None:
    """Raise what a rule found."""
    if problem is not None:
        raise ApiError(400, problem.message, param=problem.param, code=problem.code)


async def read_bytes(request: Request, most: int) -> bytes:
    """The whole body; stops reading as soon as it is larger than `most`."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > most:
        raise _too_large(most)
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise _too_large(most)
            parts.append(part)
    except ClientDisconnect as error:
        raise ApiError(400, "The request ended before its body was complete.", code="incomplete_body") from error
    return b"".join(parts)


def _too_large(most: int) -> ApiError:
    return ApiError(413, f"The request is too large: at most {most:,} bytes are taken.", code="request_too_large")


def _check_content_type(request: Request) -> None:
    given = request.headers.get("content-type")
    kind = (given or "").partition(";")[0].strip().lower()
    if given is None or kind == "application/json" or kind.endswith("+json"):
        return
    raise ApiError(
        415,
        f"Unsupported content type: '{kind[:80]}'. This API method only accepts 'application/json' requests.",
        code="unsupported_content_type",
    )


# -- JSON --------------------------------------------------------------------------------------------------------------


# One that is never closed reaches to the end: a match at every quote keeps the time linear.
_STRINGS: Final = re.compile(r'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS: Final = [1 if byte in b"[{" else -1 for byte in range(256)]


class _Refused(ValueError):
    pass


def _constant(name: str) -> Any:
    raise _Refused(f"{name} is not JSON.")


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(value := int(digits)) > _MAX_INTEGER:
        raise _Refused("The body has an integer that does not fit into 64 bits.")
    return value


def _decimal(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _Refused("The body has a number that is too large.")
    return value


_decoder = json.JSONDecoder(parse_constant=_constant, parse_int=_integer, parse_float=_decimal)


def parse_json(raw: bytes) -> Any:
    """JSON that can be stored and sent on: no NaN, no integer over 64 bits, no lone surrogate, no NUL, not nested
    deeper than `MAX_DEPTH`. Raises `ApiError`."""
    try:
        text = raw.decode("utf-8-sig")
        _check_depth(text)
        value = _decoder.decode(text)
    except _Refused as error:
        raise ApiError(400, str(error), code="invalid_json") from error
    except (ValueError, RecursionError) as error:
        raise ApiError(400, _NOT_JSON, code="invalid_json") from error
    if "\\u0000" in text or "\\ud" in text or "\\uD" in text:
        _check_text(value)
    return value


def _check_depth(text: str) -> None:
    """Before the parser sees it: what is nested too deeply for SQLite's JSON functions must not be stored."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    brackets = _STRINGS.sub("", text).encode(errors="replace").translate(None, _NOT_BRACKETS)
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise _Refused(f"The body is nested too deeply: at most {MAX_DEPTH} levels are taken.")


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ApiError(400, "The body has a NUL character (\\u0000), which is not allowed.", code="invalid_string")
        try:
            value.encode()
        except UnicodeEncodeError:
            sentence = "The body has half of a surrogate pair, which is not valid Unicode."
            raise ApiError(400, sentence, code="invalid_string") from None
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)

"""Bytes from a client → checked values. Contract: whatever is sent, the answer is a value or an `ApiError` of 4xx."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from playground_tui.limits.bodies import check_body
from playground_tui.limits.rules import Problem, Rule
from playground_tui.service.errors import ApiError
from playground_tui.service.json_text import parse_json

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of a JSON body: an assistant with every field at its limit. Files have a limit of their own."""
MAX_MESSAGES_BODY: Final = 32 * 1024 * 1024
"""Of one that may bring messages or outputs: room for images as data URLs."""


async def read_body(request: Request, rule: Rule, *, optional: bool = False, messages: bool = False) -> dict[str, Any]:
    """The request's JSON object, checked. `optional`: no body at all counts as `{}`. `messages`: it may be larger."""
    raw = await read_bytes(request, MAX_MESSAGES_BODY if messages else MAX_BODY)
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

"""JSON text from a client → values that can be stored and sent on. Nothing a client sends may hold the event loop for
long: what decides about the work (values, levels) is counted by a few passes over the bytes before the parser runs."""

from __future__ import annotations

import json
import math
from itertools import accumulate
from typing import Any, Final

from playground_tui.service.errors import ApiError

MAX_DEPTH: Final = 100
"""Levels of arrays and objects within each other."""
MAX_VALUES: Final = 250_000
"""Members and items of one body: about 0.1 s of parsing. An assistant with every list at its limit has a tenth."""
_MAX_INTEGER: Final = 2**63 - 1
_NOT_JSON: Final = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library "
    "correctly. The API expects a JSON payload, but what was sent was not valid JSON.)"
)
_NOT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS: Final = [1 if byte in b"[{" else -1 for byte in range(256)]


class _Refused(ValueError):
    pass


def parse_json(raw: bytes) -> Any:
    """No NaN, no integer over 64 bits, no lone surrogate, no NUL, at most `MAX_DEPTH` levels and `MAX_VALUES` values.
    Raises `ApiError`."""
    try:
        text = raw.decode("utf-8-sig")
        _check_shape(raw)
        value = _decoder.decode(text)
    except _Refused as error:
        raise ApiError(400, str(error), code="invalid_json") from error
    except (ValueError, RecursionError) as error:
        raise ApiError(400, _NOT_JSON, code="invalid_json") from error
    if "\\u0000" in text or "\\ud" in text or "\\uD" in text:
        _check_text(value)
    return value


def _check_shape(raw: bytes) -> None:
    """What is nested too deeply for SQLite's JSON functions must not be stored either."""
    opened = raw.count(b"[") + raw.count(b"{")
    if opened <= MAX_DEPTH and raw.count(b",") <= MAX_VALUES:
        return
    bare = _without_strings(raw)
    brackets = bare.translate(None, _NOT_BRACKETS)
    if bare.count(b",") + len(brackets) // 2 > MAX_VALUES:
        raise _too_many()
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH:
        raise _Refused(f"The body is nested too deeply: at most {MAX_DEPTH} levels are taken.")


def _without_strings(raw: bytes) -> bytes:
    """A quote that opens a string never follows a backslash, so there are at least half as many strings as quotes
    without one."""
    if raw.count(b'"') - raw.count(b'\\"') > 4 * MAX_VALUES:
        raise _too_many()
    plain = raw.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in raw else raw
    return b"".join(plain.split(b'"')[::2])


def _too_many() -> _Refused:
    return _Refused(f"The body has too many values: at most {MAX_VALUES:,} are taken.")


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

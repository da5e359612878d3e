"""What went wrong at a model endpoint → one `EngineError`. Contract: no sentence holds a key, and an endpoint's own
words are taken over in one line of at most `MAX_WORDS` characters.

Bodies seen in the field: `{"error": {"message", "param", "code"}}` (OpenAI), `{"error": "text"}` (Ollama),
`{"detail": [{"loc", "msg"}]}` (vLLM, Mistral), `[{"error": {…}}]` (Gemini), `{"message"}`, a web page, nothing.
"""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.engines.base import EngineError
from playground_tui.service.engines.params import assistants_name, named_in
from playground_tui.settings.keys import the_key

MAX_WORDS = 500
Code = Literal["server_error", "rate_limit_exceeded", "invalid_prompt"]

_PROMPT_STATUS = (400, 413, 415, 422)
_EXHAUSTED = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
"""429s that no waiting mends."""
_LIMITED = ("rate_limit_exceeded", "rate_limit_error", "rate_limited", "too_many_requests", "resource_exhausted")
_WRONG_PROMPT = ("invalid_request_error", "invalid_prompt", "context_length_exceeded", "invalid_argument")
_TOO_LONG = (
    "context_length_exceeded",  # OpenAI, Groq, OpenRouter
    "exceed_context_size",  # llama.cpp
    "maximum context length",  # vLLM, Mistral, DeepSeek
    "context window",
    "prompt is too long",  # Anthropic
    "input token count",  # Gemini
)


@dataclass(frozen=True, slots=True)
class Words:
    """What an endpoint said about an error."""

    message: str = ""
    param: str | None = None
    """In the endpoint's own words."""
    code: str = ""
    status: int | None = None

    def mention(self, *needles: str) -> bool:
        text = f"{self.message} {self.param or ''} {self.code}".lower()
        return any(needle in text for needle in needles)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is spoken of in the sentences, and what must not be said."""

    name: str
    """The provider's title or id."""
    base_url: str
    key_source: str = ""
    """Where the key is set, in words; empty where none is."""
    secrets: tuple[str, ...] = ()
    proxied: bool = False

    def __repr__(self) -> str:
        return f"Speaker({self.name!r})"

    @property
    def is_local(self) -> bool:
        host = urlsplit(self.base_url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    def clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "•••") if len(secret) >= 4 else text
        text = " ".join(text.split())
        return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1] + "…"


def words_of(body: object) -> Words:
    """Whatever a body says, in any of the known shapes. `body`: decoded JSON, or text."""
    if isinstance(body, list) and body:
        body = body[0]
        if isinstance(body, dict) and "loc" in body:
            body = {"detail": [body]}
    if isinstance(body, str):
        return Words("" if _is_page(body) else body)
    if not isinstance(body, dict):
        return Words()
    error = body.get("error", body)
    if isinstance(error, str):
        error = {"message": error, "code": body.get("code")}
    if not isinstance(error, dict):
        error = body
    if isinstance(detail := error.get("detail"), list) and detail:
        return _from_detail(detail[0])
    message = _first_text(error, "message", "detail", "error_description", "msg", "error")
    param = error.get("param") if isinstance(error.get("param"), str) else None
    code = error.get("code")
    status = code if isinstance(code, int) and 400 <= code <= 599 else error.get("status_code")
    label = next((v for v in (code, error.get("type"), error.get("status")) if isinstance(v, str) and v), "")
    return Words(message, param or named_in(message), label, status if isinstance(status, int) else None)


def _from_detail(item: object) -> Words:
    if not isinstance(item, Mapping):
        return Words(str(item))
    place = item.get("loc")
    where = [str(part) for part in place if part != "body"] if isinstance(place, list) else []
    message = str(item.get("msg") or "")
    return Words(f"{'.'.join(where)}: {message}" if where else message, ".".join(where) or None)


def _first_text(body: Mapping[str, Any], *names: str) -> str:
    return next((body[n] for n in names if isinstance(body.get(n), str) and body[n]), "")


def _is_page(text: str) -> bool:
    return text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<head", "<?xml", "<body"))


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait, never negative. `headers` looks names up without regard to case."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        if (value := headers.get(name)) is None:
            continue
        try:
            seconds = float(value) / unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    parsed = email.utils.parsedate_tz(headers.get("retry-after") or "")
    if parsed is None:
        return None
    try:
        return max(0.0, email.utils.mktime_tz(parsed) - (time.time() if now is None else now))
    except (ValueError, OverflowError):
        return None


def refused(speaker: Speaker, status: int, words: Words, headers: Mapping[str, str] | None = None) -> EngineError:
    """The error of an HTTP answer ≥ 400, or of an error object that carries such a status."""
    code = _code(status, words)
    exhausted = words.code in _EXHAUSTED
    return EngineError(
        _sentence(speaker, status, words, exhausted),
        code=code,
        status=status,
        param=_field(status, words),
        retryable=not exhausted and (status in (408, 429) or status >= 500),
        retry_after=retry_after(headers or {}),
        context_exceeded=status < 500 and words.mention(*_TOO_LONG),
    )


def said_in_stream(speaker: Speaker, words: Words, *, early: bool) -> EngineError:
    """The error of an error object inside an answer that began with status 200. `early`: nothing came before it."""
    status = words.status or _status_of(words)
    error = refused(speaker, status, words)
    message = error.message
    if words.status is None and status != 429:  # the status is a guess, not the endpoint's own
        message = _join(f"{speaker.name} reported an error", speaker.clean(words.message))
    retryable = error.retryable and early
    return EngineError(
        message,
        code=error.code,
        status=words.status,
        param=error.param,
        retryable=retryable,
        context_exceeded=error.context_exceeded,
    )


def cut(speaker: Speaker, *, early: bool) -> EngineError:
    when = "before it said anything" if early else "before the reply was complete"
    return EngineError(f"{speaker.name} ended the connection {when}.", retryable=early)


def timed_out(speaker: Speaker, *, early: bool) -> EngineError:
    said = "did not answer in time" if early else "stopped in the middle of the reply"
    return EngineError(f"{speaker.name} {said}.", retryable=early)


def unreachable(speaker: Speaker) -> EngineError:
    advice = "is it running?" if speaker.is_local else "check the network and the address."
    if speaker.proxied:
        advice = "its proxy may be the reason."
    where = speaker.clean(_plain_url(speaker.base_url))
    return EngineError(f"{speaker.name} could not be reached at {where}: {advice}", retryable=True)


def nonsense(speaker: Speaker, what: str) -> EngineError:
    """The endpoint answered, but with something that is no answer. `what` continues "… answered with"."""
    return EngineError(f"{speaker.name} answered with {what}; check that its base URL ends where the API begins.")


def too_much(speaker: Speaker) -> EngineError:
    return EngineError(f"{speaker.name} sent far more than any answer has.")


def _plain_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _status_of(words: Words) -> int:
    if words.code in _LIMITED or words.code in _EXHAUSTED:
        return 429
    return 400 if words.code in _WRONG_PROMPT or words.code.startswith(("invalid_", "image_")) else 500


def _code(status: int, words: Words) -> Code:
    if status == 429 or words.code in _LIMITED:
        return "rate_limit_exceeded"
    return "invalid_prompt" if status in _PROMPT_STATUS else "server_error"


def _field(status: int, words: Words) -> str | None:
    if status == 404 and words.mention("model"):
        return "model"
    return assistants_name(words.param) if status < 500 and status not in (401, 403, 429) else None


def _sentence(speaker: Speaker, status: int, words: Words, exhausted: bool) -> str:
    said = speaker.clean(words.message)
    if status == 401:
        source = speaker.key_source
        what = f"refused {the_key(source, 'from')}" if source else "wants a key, and none is set"
        return f"{speaker.name} {what}."
    if exhausted:
        return _join(f"{speaker.name} has no quota left for this key", said)
    if status == 429:
        return _join(f"{speaker.name} limits the rate of requests", said)
    if status == 404 and not said:
        return f"{speaker.name} has nothing at {_plain_url(speaker.base_url)}: check the base URL and the model."
    if status == 403:
        return _join(f"{speaker.name} does not allow this with the key", said)
    return _join(f"{speaker.name} answered {status}", said)


def _join(head: str, said: str) -> str:
    return f"{head}: {said}" if said else f"{head}."

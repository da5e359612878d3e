"""The HTTP side of one model endpoint, shared by the engines that have one. Contract: one event loop; every failure
leaves as `EngineError`; nothing is retried.

The `openai` client carries the requests (its headers, proxies, connection pool, status errors) but the answers are
read raw: its typed events cost about 50 µs each (performance.md) and reject what real endpoints send. It is imported
and built in a thread on first use, since both take tens to hundreds of milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground_tui.service.engines import errors
from playground_tui.service.engines.base import EngineError, ModelInfo
from playground_tui.settings.keys import KeyUnavailable, describe
from playground_tui.settings.model import Provider

if TYPE_CHECKING:
    import httpx2
    import openai

log = logging.getLogger("playground_tui.engines")

ResolveKey = Callable[[Provider], str | None]
MAX_BODY_BYTES = 32 * 1024 * 1024
DRAIN_SECONDS = 0.1
"""How long a finished stream may take to end properly, so that its connection can be used again."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `read` is between two blocks of a stream; a model may think for minutes without a byte."""

    connect: float = 15.0
    read: float = 600.0
    write: float = 120.0
    pool: float = 60.0


class Link:
    def __init__(self, provider: Provider, key: ResolveKey, timeouts: Timeouts) -> None:
        self.provider = provider
        self._key = key
        self._timeouts = timeouts
        self._client: asyncio.Task[openai.AsyncOpenAI] | None = None

    async def post(self, path: str, body: Mapping[str, Any]) -> Stream:
        """Send, and come back once the status is known. Raises `EngineError`, with `words` when it was refused."""
        speaker, headers = await self._speak()
        headers |= {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        merged = {**body, **self.provider.extra_body}
        client = await self._connect(speaker)
        import httpx2
        from openai import AsyncStream

        with _as_engine_error(speaker):
            answer: Any = await client.post(
                path,
                cast_to=httpx2.Response,
                body=merged,
                options={"headers": headers},
                stream=True,
                stream_cls=AsyncStream[Any],
            )
        return Stream(answer, speaker)

    async def models(self) -> list[ModelInfo]:
        """What `/models` lists. Raises `EngineError`."""
        speaker, headers = await self._speak()
        client = await self._connect(speaker)
        import httpx2

        with _as_engine_error(speaker):
            answer = await client.get("/models", cast_to=httpx2.Response, options={"headers": headers})
        try:
            return models_in(json.loads(answer.content))
        except ValueError:
            raise errors.nonsense(speaker, "something that is no list of models") from None

    async def aclose(self) -> None:
        task, self._client = self._client, None
        if task is not None:
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await (await task).close()

    async def _speak(self) -> tuple[errors.Speaker, dict[str, Any]]:
        """Who speaks, and the headers that carry the key. The key is asked for at each request, so that one given
        later counts at once."""
        provider = self.provider
        name = provider.title or provider.id
        source = describe(provider.key) if provider.key else ""
        try:
            key = await asyncio.to_thread(self._key, provider)
        except KeyUnavailable as error:
            raise EngineError(f"{name} needs a key: {error.sentence}", status=401) from None
        if key is None and provider.key:
            raise EngineError(f"{name} needs a key, and {source} gives none.", status=401)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if key and provider.preset == "azure":
            headers["api-key"] = key
        if key and not key.isascii():
            raise EngineError(f"{name} cannot use the key from {source}: it has characters no key has.", status=401)
        return errors.Speaker(name, provider.base_url, source or ("this session" if key else ""), key), headers

    async def _connect(self, speaker: errors.Speaker) -> openai.AsyncOpenAI:
        if self._client is None:
            self._client = asyncio.create_task(asyncio.to_thread(build_client, self.provider, self._timeouts))
        try:
            return await asyncio.shield(self._client)
        except Exception as error:
            self._client = None
            log.warning("no client for provider %s: %s", self.provider.id, type(error).__name__)
            raise EngineError(f"{speaker.name} is set up wrongly: {speaker.clean(str(error))}.") from None


class Stream:
    """An answer being read."""

    def __init__(self, answer: httpx2.Response, speaker: errors.Speaker) -> None:
        self._answer = answer
        self._bytes = answer.aiter_bytes()
        self.speaker = speaker
        self.came = False
        """Set by the reader once the model said something: what fails from then on is not to be repeated."""
        self.over = False
        """Set by the reader once the reply is complete; whatever the connection does then is no failure."""

    async def blocks(self) -> AsyncIterator[bytes]:
        """Bytes as they come. Raises `EngineError`."""
        try:
            async for block in self._bytes:
                yield block
        except Exception as error:
            if not self.over:
                raise _lost(self.speaker, error, early=not self.came) from None

    async def rest(self) -> bytes:
        """Everything that is still to come. Raises `EngineError`."""
        body = bytearray()
        async for block in self.blocks():
            body += block
            if len(body) > MAX_BODY_BYTES:
                raise errors.nonsense(self.speaker, "far too much")
        return bytes(body)

    async def aclose(self) -> None:
        """Let go of the connection; a complete reply may end properly first."""
        if self.over:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(DRAIN_SECONDS):
                    async for _ in self._bytes:
                        pass
        with contextlib.suppress(Exception):
            await self._answer.aclose()


@contextlib.contextmanager
def _as_engine_error(speaker: errors.Speaker) -> Any:
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        words = errors.words_of(error.body if error.body is not None else "")
        wrapped = errors.refused(speaker, error.status_code, words, error.response.headers)
        log.info("provider answered %s", error.status_code)
        raise Refused(wrapped, words) from None
    except openai.APITimeoutError:
        raise errors.timed_out(speaker, early=True) from None
    except openai.APIConnectionError as error:
        raise _unanswered(speaker, error.__cause__) from None
    except UnicodeEncodeError:
        raise EngineError(
            f"{speaker.name} is set up wrongly: a header has characters that no header may have."
        ) from None


class Refused(EngineError):
    """An `EngineError` that keeps what the endpoint said in its own words, for the engines' own fallbacks."""

    def __init__(self, error: EngineError, words: errors.Words) -> None:
        super().__init__(
            error.message,
            code=error.code,
            status=error.status,
            param=error.param,
            retryable=error.retryable,
            retry_after=error.retry_after,
        )
        self.words = words


def _unanswered(speaker: errors.Speaker, cause: BaseException | None) -> EngineError:
    """A request that got no status: refused at the door, a certificate that is not trusted, or a line cut."""
    import httpx2

    text = str(cause)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
        return EngineError(f"{speaker.name} shows a certificate that is not trusted here; set its CA bundle.")
    if isinstance(cause, httpx2.ReadError | httpx2.WriteError | httpx2.RemoteProtocolError):
        return errors.cut(speaker, early=True)
    return errors.unreachable(speaker)


def _lost(speaker: errors.Speaker, error: Exception, *, early: bool) -> EngineError:
    import httpx2

    if isinstance(error, httpx2.TimeoutException):
        return errors.timed_out(speaker, early=early)
    return errors.cut(speaker, early=early)


def build_client(provider: Provider, timeouts: Timeouts) -> openai.AsyncOpenAI:
    """A client that obeys the provider's settings and nothing of the environment but the system's proxies.

    Slow: call it in a thread. Raises OSError or ValueError for a CA bundle or proxy that cannot be used."""
    import httpx2
    import openai

    verify: bool | ssl.SSLContext = True
    if provider.ca_bundle:
        verify = ssl.create_default_context(cafile=os.path.expanduser(provider.ca_bundle))
    local = errors.Speaker(provider.id, provider.base_url).is_local
    http = openai.DefaultAsyncHttpxClient(
        verify=verify,
        proxy=provider.proxy or None,
        trust_env=not local,  # a proxy of the environment cannot reach a server on this machine
        timeout=httpx2.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool),
    )
    return openai.AsyncOpenAI(
        base_url=provider.base_url,
        api_key="none",  # the client wants one; the real key comes with each request
        admin_api_key="",
        max_retries=0,
        timeout=http.timeout,
        default_headers=_headers(provider),
        default_query=dict(provider.query),
        http_client=http,
    )


def _headers(provider: Provider) -> dict[str, Any]:
    """The client sends `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID` and `OPENAI_CUSTOM_HEADERS` to any base URL by itself."""
    from openai import Omit

    omitted = {line.partition(":")[0].strip() for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")}
    headers: dict[str, Any] = {name: Omit() for name in omitted if name}
    headers |= {"Authorization": Omit(), "OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
    if provider.organization:
        headers["OpenAI-Organization"] = provider.organization
    if provider.project:
        headers["OpenAI-Project"] = provider.project
    known = {name.lower(): name for name in headers}
    for name, value in provider.headers.items():
        headers[known.get(name.lower(), name)] = value
    return headers


def models_in(body: object) -> list[ModelInfo]:
    """Models in `{"data": […]}`, a bare list, or Ollama's `{"models": […]}`. Raises ValueError for anything else."""
    if isinstance(body, dict):
        listed = body.get("data")
        body = listed if isinstance(listed, list) else body.get("models")
    if not isinstance(body, list):
        raise ValueError("no list of models")
    found = (_model(item) for item in body)
    return [model for model in found if model is not None]


def _model(item: object) -> ModelInfo | None:
    if isinstance(item, str):
        return ModelInfo(item)
    if not isinstance(item, dict):
        return None
    name = next((item[k] for k in ("id", "name", "model") if isinstance(item.get(k), str) and item[k]), None)
    if name is None:
        return None
    created, owner = item.get("created"), item.get("owned_by")
    extra = {k: v for k, v in item.items() if k not in ("id", "object", "created", "owned_by")}
    return ModelInfo(
        name.removeprefix("models/"),  # Gemini's resource names; it takes the bare ones
        int(created) if isinstance(created, int | float) and not isinstance(created, bool) else 0,
        owner if isinstance(owner, str) else "",
        extra,
    )

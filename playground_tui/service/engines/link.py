"""The HTTP side of one model endpoint, shared by the engines that have one. Contract: one event loop; every failure
leaves as `EngineError`; nothing is retried.

The `openai` client carries the requests (its headers, proxies, connection pool, status errors) but the answers are
read raw (see `chat.py`). It is imported
and built in a thread on first use, since both take tens to hundreds of milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import weakref
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground_tui.limits.answers import MOST_BYTES, TooMuch
from playground_tui.service.engines import errors
from playground_tui.service.engines.base import EngineError, ModelInfo
from playground_tui.service.engines.client import SentOn, Timeouts, build_client
from playground_tui.service.engines.model_list import models_in, next_page
from playground_tui.settings.keys import KeyUnavailable, describe, own_secrets, the_key
from playground_tui.settings.model import Provider

if TYPE_CHECKING:
    import httpx2
    import openai

log = logging.getLogger("playground_tui.engines")

ResolveKey = Callable[[Provider], str | None]
KeyRefused = Callable[[Provider], None]
MAX_PAGES = 20
"""Of a list of models."""
FINISH_PATIENCE = 2.0
"""Seconds that a reply with its finish reason may go on for the token counts and its closing word: some endpoints send
neither and leave the connection open."""
DRAIN_SECONDS = 0.1
"""How long a finished stream may take to end properly, so that its connection can be used again."""


class Link:
    def __init__(
        self, provider: Provider, key: ResolveKey, timeouts: Timeouts, key_refused: KeyRefused = lambda provider: None
    ) -> None:
        """`key_refused` hears of each 401, before the key is resolved anew."""
        self.provider = provider
        self._key = key
        self._key_refused = key_refused
        self._timeouts = timeouts
        self._client: asyncio.Task[openai.AsyncOpenAI] | None = None
        self._streams: weakref.WeakSet[Stream] = weakref.WeakSet()

    async def post(self, path: str, body: Mapping[str, Any]) -> Stream:
        """Send, and come back once the status is known. Raises `EngineError`, with `words` when it was refused. A key
        that was refused is resolved anew; when it is another one by now, this is sent once more."""
        speaker, headers = await self._speak()
        try:
            return await self._post(path, body, speaker, headers)
        except EngineError as error:
            if error.status != 401:
                raise
            other, fresh = await self._speak()
            if fresh == headers:
                raise
        return await self._post(path, body, other, fresh)

    async def _post(
        self, path: str, body: Mapping[str, Any], speaker: errors.Speaker, headers: Mapping[str, Any]
    ) -> Stream:
        client = await self._connect(speaker)
        headers = {**headers, "Accept": "text/event-stream", "Accept-Encoding": "identity", **self._no_key(headers)}
        import httpx2
        from openai import AsyncStream

        with self._asking(speaker):
            answer: Any = await client.post(
                path,
                cast_to=httpx2.Response,
                body={**body, **self.provider.extra_body},
                options={"headers": headers},
                stream=True,
                stream_cls=AsyncStream[Any],
            )
        return self._reading(answer, speaker)

    async def models(self) -> list[ModelInfo]:
        """What `/models` lists. Raises `EngineError`."""
        speaker, headers = await self._speak()
        client = await self._connect(speaker)
        import httpx2

        found: dict[str, ModelInfo] = {}
        options: Any = {"headers": headers | self._no_key(headers)}
        for _ in range(MAX_PAGES):
            try:
                with self._asking(speaker):
                    answer = await client.get("/models", cast_to=httpx2.Response, options=options)
                body = json.loads(answer.content)
                listed = {model.id: model for model in models_in(body)}
            except (EngineError, ValueError, RecursionError) as error:
                if found:  # the endpoint pages, but not in a way known here
                    break
                if isinstance(error, EngineError):
                    raise
                raise errors.nonsense(speaker, "something that is no list of models") from None
            fresh = listed.keys() - found.keys()
            found |= listed
            last = next_page(body)
            if last is None or not fresh:
                break
            options["params"] = {"after": last, "after_id": last}  # OpenAI's and Anthropic's word for it
        return list(found.values())

    async def upload(self, path: Path, name: str, lifetime: int) -> str:
        """Send a file to `/files`. Returns its id there. Raises `EngineError`."""
        speaker, headers = await self._speak()
        client = await self._connect(speaker)
        with self._asking(speaker), path.open("rb") as content:
            made = await client.files.create(
                file=(name, content),
                purpose="user_data",
                expires_after={"anchor": "created_at", "seconds": lifetime},
                extra_headers=headers | self._no_key(headers),
            )
        return made.id

    async def download(self, path: str) -> AsyncGenerator[bytes]:
        """A file's content in blocks. Raises `EngineError`."""
        speaker, headers = await self._speak()
        client = await self._connect(speaker)
        import httpx2
        from openai import AsyncStream

        with self._asking(speaker):
            answer: Any = await client.get(
                path,
                cast_to=httpx2.Response,
                options={"headers": headers | self._no_key(headers) | {"Accept": "application/binary"}},
                stream=True,
                stream_cls=AsyncStream[Any],
            )
        stream = self._reading(answer, speaker)
        try:
            async for block in stream:
                yield block
        finally:
            await stream.aclose()

    @property
    def is_read(self) -> bool:
        """Whether an answer is still being read."""
        return any(not stream.closed for stream in self._streams)

    def _reading(self, answer: httpx2.Response, speaker: errors.Speaker) -> Stream:
        stream = Stream(answer, speaker)
        self._streams.add(stream)
        return stream

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
            raise EngineError(f"{name} cannot use {the_key(source, 'from')}: it has characters no key has.", status=401)
        if not provider.base_url:
            raise EngineError(f"{name} has no base URL.")
        secrets = tuple(filter(None, (key, *own_secrets(provider))))
        source = source or (describe("session") if key else "")
        return errors.Speaker(name, provider.base_url, source, secrets, bool(provider.proxy)), headers

    @contextlib.contextmanager
    def _asking(self, speaker: errors.Speaker) -> Iterator[None]:
        try:
            with _as_engine_error(speaker):
                yield
        except EngineError as error:
            if error.status == 401:
                self._key_refused(self.provider)
            raise

    def _no_key(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        """The client sends its placeholder unless told not to."""
        from openai import Omit

        given = {name.lower() for name in (*headers, *self.provider.headers)}
        return {} if "authorization" in given else {"Authorization": Omit()}

    async def _connect(self, speaker: errors.Speaker) -> openai.AsyncOpenAI:
        if self._client is None:
            self._client = asyncio.create_task(asyncio.to_thread(build_client, self.provider, self._timeouts))
        try:
            return await asyncio.shield(self._client)
        except Exception as error:
            self._client = None
            log.warning("no client for provider %s: %s", self.provider.id, type(error).__name__)
            raise EngineError(f"{speaker.name} is set up wrongly: {_what_is_wrong(self.provider, error)}.") from None


class Stream:
    """An answer being read: blocks of bytes, as they come. Iterating raises `EngineError`."""

    def __init__(self, answer: httpx2.Response, speaker: errors.Speaker) -> None:
        self._answer = answer
        self._bytes = answer.aiter_bytes()
        self.speaker = speaker
        self.closed = False
        self.came = False
        """Set by the reader once the model said something: what fails from then on is not to be repeated."""
        self._until: float | None = None

    @property
    def complete(self) -> bool:
        """Set by the reader once nothing of the reply is missing; what the connection does then is no failure, and it
        is not waited for much longer."""
        return self._until is not None

    @complete.setter
    def complete(self, complete: bool) -> None:
        if complete != self.complete:
            self._until = _soon() if complete else None

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        try:
            if not self.complete:
                return await anext(self._bytes)
            async with asyncio.timeout_at(self._until):
                block = await anext(self._bytes)
            if b"data:" in block:  # and not only a sign of life
                self._until = _soon()
            return block
        except StopAsyncIteration:
            raise
        except Exception as error:
            if self.complete:
                raise StopAsyncIteration from None
            raise _lost(self.speaker, error, early=not self.came) from None

    async def rest(self) -> bytes:
        """Everything that is still to come. Raises `EngineError`."""
        body = bytearray()
        async for block in self:
            body += block
            if len(body) > MOST_BYTES:
                raise errors.too_much(self.speaker)
        return bytes(body)

    async def aclose(self) -> None:
        """Let go of the connection; a complete reply may end properly first."""
        self.closed = True
        if self.complete:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(DRAIN_SECONDS):
                    async for _ in self._bytes:
                        pass
        with contextlib.suppress(Exception):
            await self._answer.aclose()


def _soon() -> float:
    return asyncio.get_running_loop().time() + FINISH_PATIENCE


def _what_is_wrong(provider: Provider, error: Exception) -> str:
    """In own words: the library's may repeat a proxy's password."""
    if isinstance(error, OSError) and provider.ca_bundle:
        return "its CA bundle cannot be read"
    if isinstance(error, ImportError):
        return "a SOCKS proxy needs the package socksio"
    return "its proxy or base URL cannot be used" if provider.proxy else "its base URL cannot be used"


@contextlib.contextmanager
def _as_engine_error(speaker: errors.Speaker) -> Any:
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        words = errors.words_of(error.body if error.body is not None else "")
        words = replace(words, message=speaker.clean(words.message))
        wrapped = errors.refused(speaker, error.status_code, words, error.response.headers)
        log.info("provider answered %s", error.status_code)
        raise Refused(wrapped, words) from None
    except SentOn as error:
        host = speaker.clean(error.host)
        message = f"{speaker.name} sends its callers on to {host}: make that its base URL if you trust it."
        raise EngineError(message) from None
    except TooMuch:
        raise errors.too_much(speaker) from None
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
            context_exceeded=error.context_exceeded,
        )
        self.words = words


def _unanswered(speaker: errors.Speaker, cause: BaseException | None) -> EngineError:
    """A request that got no status: refused at the door, a certificate that is not trusted, or a line cut."""
    import httpx2

    if isinstance(cause, TooMuch):
        return errors.too_much(speaker)
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

"""Reads one answer of a model endpoint, whichever API it speaks. Contract: events as they come, each failure as
`EngineError`, and the connection let go of in every case.

What an answer is, is seen from its first character: endpoints label streams as JSON, JSON as streams, and send web
pages with status 200.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Iterable
from typing import Any, Protocol

from playground_tui.limits.answers import MOST_STREAM_BYTES, TooMuch
from playground_tui.service.engines import errors
from playground_tui.service.engines.base import EngineEvent
from playground_tui.service.engines.link import Stream
from playground_tui.service.engines.sse import SSEDecoder

log = logging.getLogger("playground_tui.engines")


class SaidError(Exception):
    """An error object inside an answer that began well."""

    def __init__(self, words: errors.Words) -> None:
        super().__init__(words.code)
        self.words = words


MOST_CALLS = 1000
"""Function calls of one reply; no model means more."""


class Nonsense(Exception):
    """An answer that is none; the text continues "… answered with"."""


def check_calls(known: int) -> None:
    """Before another call is begun. Raises `Nonsense`."""
    if known >= MOST_CALLS:
        raise Nonsense(f"more than {MOST_CALLS:,} function calls")


class Reply(Protocol):
    """One answer as events. All may raise `SaidError` or `Nonsense`."""

    over: bool
    """True once the endpoint said that it is done."""

    @property
    def may_stop_here(self) -> bool:
        """Whether a connection that ends now, without a closing word, left out nothing."""
        ...

    def feed(self, data: dict[str, Any]) -> Iterable[EngineEvent]: ...

    def end(self) -> Iterable[EngineEvent]: ...

    def whole(self, body: Any) -> Iterable[EngineEvent] | None:
        """An answer that came in one piece although a stream was asked for, with its end; None if it is none."""
        ...


async def read(answer: Stream, reply: Reply) -> AsyncGenerator[EngineEvent]:
    """Raises `EngineError`."""
    decoder, begun, size = SSEDecoder(), False, 0
    try:
        async for block in answer:
            if not begun and block.strip():
                begun = True
                if block.lstrip()[:1] in (b"{", b"[", b"<"):
                    for event in _judge(answer, _whole(reply, block + await answer.rest())):
                        yield event
                    return
            size += len(block)
            if size > MOST_STREAM_BYTES:
                raise errors.too_much(answer.speaker)
            for event in _judge(answer, _events(reply, decoder.feed, block)):
                yield event
            answer.complete = reply.over or reply.may_stop_here
            if reply.over:
                break
        for event in _judge(answer, _last(reply, decoder)):
            yield event
        if not reply.over:
            raise errors.cut(answer.speaker, early=not answer.came)
    finally:
        await answer.aclose()


def _judge(answer: Stream, events: Iterable[EngineEvent]) -> Iterable[EngineEvent]:
    try:
        for event in events:
            answer.came = True
            yield event
    except SaidError as error:
        raise errors.said_in_stream(answer.speaker, error.words, early=not answer.came) from None
    except Nonsense as error:
        raise errors.nonsense(answer.speaker, str(error)) from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        log.warning("an answer could not be read: %s", type(error).__name__)
        raise errors.nonsense(answer.speaker, "JSON of another shape") from None
    except TooMuch:
        raise errors.nonsense(answer.speaker, "one endless line") from None


def _events(reply: Reply, decode: Any, block: bytes) -> Iterable[EngineEvent]:
    for data in decode(block):
        if data.startswith(b"[DONE]"):
            reply.over = True
        elif data[:1] == b"{" or data.lstrip()[:1] == b"{":  # anything else is a sign of life
            for chunk in _objects(data):
                yield from reply.feed(chunk)
        if reply.over:
            return


def _last(reply: Reply, decoder: SSEDecoder) -> Iterable[EngineEvent]:
    if not reply.over:
        yield from _events(reply, lambda _: decoder.end(), b"")
        reply.over = reply.over or reply.may_stop_here
    if reply.over:
        yield from reply.end()


def _objects(data: bytes) -> list[dict[str, Any]]:
    """The JSON objects of one event: one, or several where the blank lines between events are missing."""
    try:
        return [json.loads(data)]
    except (ValueError, RecursionError):
        pass
    try:
        lines = [line for line in data.split(b"\n") if line.strip() and not line.startswith(b"[DONE]")]
        return [value for line in lines if isinstance(value := json.loads(line), dict)]
    except (ValueError, RecursionError):
        raise Nonsense("a stream that is not JSON") from None


def _whole(reply: Reply, content: bytes) -> Iterable[EngineEvent]:
    if content.lstrip()[:1] == b"<":
        raise Nonsense("a web page")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise Nonsense("something that is not JSON") from None
    events = reply.whole(body)
    if events is None:
        words = errors.words_of(body)
        raise SaidError(words) if words.message else Nonsense("something that is no reply")
    yield from events

"""A model endpoint's reply at an even pace, however long the asking program takes, and when it began and ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from bench.text import markdown, tokens_of
from tests.support.replies import Call, Say, Step, Wire, chat_chunk, sse

END = "endofreply"
"""The last word of each reply: whether it came onto the screen."""


class PacedReply:
    """A script of `ScriptedEndpoint`. Calls that ask for no stream (titles, tests) get one word."""

    def __init__(self, tokens: int, rate: int = 100) -> None:
        self._tokens, self._rate = [*tokens_of(markdown(tokens)), "\n\n" + END], rate
        self.begun, self.ended = threading.Event(), threading.Event()
        self.sent = 0
        """Tokens that left."""

    def __call__(self, call: Call) -> Wire | Say:
        if not (isinstance(call.body, dict) and call.body.get("stream")):
            return Say("Paced")
        return Wire(self._steps())  # type: ignore[arg-type]  # made as they are sent

    def _steps(self) -> Iterator[Step]:
        start = time.monotonic()
        self.begun.set()
        yield sse(chat_chunk(role="assistant", content=""))
        for number, token in enumerate(self._tokens):
            if (early := start + number / self._rate - time.monotonic()) > 0:
                yield early
            yield sse(chat_chunk(content=token))
            self.sent = number + 1
        yield sse(chat_chunk(finish_reason="stop"))
        yield b"data: [DONE]\n\n"
        self.ended.set()

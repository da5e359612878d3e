"""One completion: what the engine is asked, and taking what it gives."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.engines.base import (
    Engine,
    EngineError,
    EngineEvent,
    EngineRequest,
    HoldsFiles,
    OutputFile,
    ReasoningDelta,
)
from playground_tui.service.runs.budget import Budget
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.conversation import Senses
from playground_tui.service.runs.feed import Feed
from playground_tui.service.runs.frames import progress_frame
from playground_tui.service.runs.interrupting import Interruptible
from playground_tui.service.runs.means import LimitReached, Means
from playground_tui.service.runs.objects import Object
from playground_tui.service.runs.output import Output
from playground_tui.service.runs.request import Work, engine_request
from playground_tui.service.runs.retry import TRIES, wait_before
from playground_tui.service.runs.tokens import fixed_tokens
from playground_tui.service.runs.truncation import cut_auto, cut_last
from playground_tui.service.runs.window import read_blocks
from playground_tui.service.store.runs import count_before
from playground_tui.settings.model import Route

MOST_TOKENS: Final = 4_000_000
"""Estimated tokens of one reply, tens of times what any model writes: an endpoint that never ends must not fill memory
and disk."""
log = logging.getLogger("playground_tui.service.runs")


@dataclass(frozen=True, slots=True)
class Question:
    request: EngineRequest
    tokens: int
    """Estimated."""
    omitted: int
    """Older messages that do not fit."""


async def make_request(means: Means, engine: Engine, route: Route, run: Object, work: Work, budget: Budget) -> Question:
    """Raises `LimitReached` when what must be sent is more than the run may
    still use, and `EngineError` when the endpoint does not take the run's files."""
    model = route.model
    bare = engine_request(run, work, model, engine.capabilities, means.tools)
    fixed = fixed_tokens(bare)
    room = budget.room(fixed, means.calibration.factor(run["model"]))
    strategy = run["truncation_strategy"]
    last = strategy["last_messages"] if strategy["type"] == "last_messages" else None
    senses = Senses(engine.capabilities.images, means.files.image_url, kind=engine.kind)
    blocks = await means.db.read(lambda conn: read_blocks(conn, run["thread_id"], run["id"], senses, room, last))
    cut = cut_auto(blocks if last is None else cut_last(blocks, last), room)
    if not cut.fits and budget.prompt_limit is not None:
        raise LimitReached("max_prompt_tokens")
    omitted = 0
    if cut.dropped and last is None:
        sent = sum(block.is_message and not block.own for block in cut.blocks)
        omitted = max(0, await means.db.read(lambda conn: count_before(conn, run["thread_id"], run["id"])) - sent)
        log.info("run %s: %d older messages left out", run["id"], omitted)
    turns = tuple(turn for block in cut.blocks for turn in block.turns)
    left = budget.completion_left()
    files = await _code_files(means, engine, route, run, work)
    request = engine_request(run, work, model, engine.capabilities, means.tools, turns, left, files)
    return Question(request, fixed + cut.tokens, omitted)


async def _code_files(means: Means, engine: Engine, route: Route, run: Object, work: Work) -> tuple[str, ...]:
    """The run's files for a code interpreter of the endpoint, by the endpoint's own ids."""
    wanted = any(tool["type"] == "code_interpreter" for tool in run["tools"])
    if not wanted or not engine.capabilities.hosted_code_interpreter:
        return ()
    resources = work.resources
    lent = await means.files.lend(engine, route.provider, resources.own_files) if resources.own_files else ()
    return (*resources.foreign_files, *lent)


class Asking:
    def __init__(
        self,
        means: Means,
        feed: Feed,
        interruptible: Interruptible,
        store: Callable[[Changes], Awaitable[None]],
    ) -> None:
        self._means, self._feed, self._interruptible, self._store = means, feed, interruptible, store
        self.begun = False
        """Whether the engine gave anything in the last completion."""
        self.last_sign = asyncio.get_running_loop().time()
        """Loop time of the engine's last event, or of the last try."""

    async def ask(self, engine: Engine, request: EngineRequest, output: Output) -> None:
        """Try again on trouble that may pass, as long as the engine has given nothing. Raises `EngineError`."""
        self.begun = False
        for tried in range(1, TRIES + 1):
            self._sign()
            self._feed.tell(progress_frame("connecting", f"Asking {request.model}."))
            try:
                await self._interruptible.waits(self._listen(engine, request, output))
                break
            except EngineError as error:
                wait = wait_before(error, tried)
                if self.begun or wait is None:
                    raise
                self._feed.tell(progress_frame("retrying", error.message, round(wait, 1)))
                await self._interruptible.waits(self._means.sleep(wait))

    async def _listen(self, engine: Engine, request: EngineRequest, output: Output) -> None:
        most = MOST_TOKENS if request.max_output_tokens is None else 2 * request.max_output_tokens
        events = engine.stream(request)
        try:
            async for event in events:
                if isinstance(event, OutputFile):
                    self._fetch(engine, event)
                    continue
                await self._take(event, output)
                if output.said > most:  # an endpoint that pays no heed to its limit, or has none
                    if request.max_output_tokens is not None:
                        raise LimitReached("max_completion_tokens")
                    raise EngineError(f"The model endpoint's reply grew beyond {most:,} tokens and was cut off.")
        finally:
            if (close := getattr(events, "aclose", None)) is not None:
                with contextlib.suppress(Exception):
                    await close()
        if output.finish is None:
            raise EngineError("The model endpoint's reply ended before it was complete.")

    def _fetch(self, engine: Engine, made: OutputFile) -> None:
        self._sign()
        self.begun = True
        if isinstance(engine, HoldsFiles):
            self._means.files.fetch(made.file_id, made.name, engine.download(made))

    async def _take(self, event: EngineEvent, output: Output) -> None:
        self._sign()
        if not self.begun and isinstance(event, ReasoningDelta):
            self._feed.tell(progress_frame("thinking", "The model is thinking."))
        self.begun = True
        done = output.take(event)
        if isinstance(done, bytes):
            self._feed.send(done)
            if self._feed.is_behind():
                await self._feed.caught_up()
        elif done is not None:
            async with self._interruptible.undisturbed():
                await self._store(done)

    def _sign(self) -> None:
        self.last_sign = asyncio.get_running_loop().time()

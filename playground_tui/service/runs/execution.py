"""One leg of a run at work: from `queued` until it rests. Owned by the service, not by whoever asked for it.

Every change is stored under the condition that the run is still this leg's; finding it `cancelling` ends the leg as
cancelled. The leg is interrupted only while it waits for the engine, never in the middle of storing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from playground_tui.service.config import ServiceConfig
from playground_tui.service.engines.base import Engine, EngineError, EngineEvent, EngineRequest, ReasoningDelta
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.budget import Budget
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.conversation import Senses
from playground_tui.service.runs.ending import STOPPED, Ending, Status, end_stored
from playground_tui.service.runs.feed import Feed
from playground_tui.service.runs.frames import error_frame, progress_frame
from playground_tui.service.runs.listening import real_sleep
from playground_tui.service.runs.objects import MessageReason, Object, end_run, required_action
from playground_tui.service.runs.output import Output
from playground_tui.service.runs.prepare import resolve_model
from playground_tui.service.runs.request import Work, engine_request, served_here
from playground_tui.service.runs.retry import TRIES, wait_before
from playground_tui.service.runs.states import WORKING, check_move
from playground_tui.service.runs.tokens import Calibration, fixed_tokens
from playground_tui.service.runs.tools import ServiceTool
from playground_tui.service.runs.truncation import Cut, cut_auto, cut_last
from playground_tui.service.runs.window import read_blocks
from playground_tui.service.runs.writing import End
from playground_tui.service.store import Database
from playground_tui.service.store import runs as store
from playground_tui.settings.model import Provider, Route

log = logging.getLogger("playground_tui.service.runs")

MOST_ROUNDS: Final = 64
"""Completions of one leg; only tools that the service answers make more than one."""
STORE_TRIES: Final = (0.2, 1.0, 3.0)
"""Seconds between tries to store a run's end."""
Reason = Literal["cancelled", "expired", "closing", "silent"]


class Engines(Protocol):
    def get(self, provider: Provider) -> Engine: ...


@dataclass(slots=True)
class Means:
    """What all runs of a service share."""

    db: Database
    config: ServiceConfig
    engines: Engines
    owner: str
    tools: Mapping[str, ServiceTool] = field(default_factory=dict)
    """Tools the service answers itself, by type."""
    file_url: Callable[[str], str | None] = lambda file_id: None
    """A picture's file id → its content as a data URL. Called on a reader thread."""
    sleep: Callable[[float], Awaitable[None]] = real_sleep
    calibration: Calibration = field(default_factory=Calibration)

    def now(self) -> int:
        return int(self.config.clock())


class _Stopped(Exception):
    """Someone wants the leg to end."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Gone(Exception):
    """The run is no longer this leg's: deleted, or ended by another."""


class _Limit(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Failure(Exception):
    def __init__(self, code: str, message: str, message_reason: MessageReason | None = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message}
        self.message_reason = message_reason


class Execution:
    def __init__(self, means: Means, run: Object, work: Work, feed: Feed) -> None:
        self.run, self.feed = run, feed
        self._means, self._work = means, work
        self._budget = Budget.of(run, work.usage)
        self._output: Output | None = None
        self._estimate = 0
        self._begun = False
        self._stopping: Reason | None = None
        self._interruptible = False
        self._task: asyncio.Task[None] | None = None
        self.last_sign = 0.0
        """Loop time of the engine's last event."""

    # -- from outside --------------------------------------------------------------------------------------------------

    def start(self) -> asyncio.Task[None]:
        self._sign()
        self._task = asyncio.create_task(self._main(), name=self.run["id"])
        return self._task

    def stop(self, reason: Reason) -> None:
        """End the leg as soon as nothing is being stored. The first reason counts."""
        if self._stopping is None:
            self._stopping = reason
            if self._interruptible and self._task is not None:
                self._task.cancel()

    # -- the leg -------------------------------------------------------------------------------------------------------

    async def _main(self) -> None:
        last_words = b""
        try:
            last_words = await self._until_rest()
        except _Gone:
            log.info("run %s is no longer at work here", self.run["id"])
        finally:
            self.feed.end(last_words)

    async def _until_rest(self) -> bytes:
        """Returns what is to be said beside the stored events."""
        try:
            await self._begin()
            for _ in range(MOST_ROUNDS):
                if await self._round():
                    return b""
            raise _Failure("server_error", f"The model called tools {MOST_ROUNDS} times without coming to an end.")
        except _Stopped as stopped:
            return await self._end_stopped(stopped.reason)
        except _Limit as limit:
            return await self._end("incomplete", limit=limit.reason)
        except _Failure as failure:
            return await self._end("failed", error=failure.error, message_reason=failure.message_reason)
        except EngineError as error:
            return await self._end("failed", error=_last_error(error))
        except ApiError as error:
            failed = {"code": "server_error", "message": error.message}
            return await self._end("failed", error=failed) or error_frame(error)
        except _Gone:
            raise
        except Exception as error:
            log.error("run %s: fault inside (%s at %s)", self.run["id"], type(error).__name__, _place(error))
            fault = ApiError(500, "The service had an error while working on this run.", type="server_error")
            failed = {"code": "server_error", "message": fault.message}
            return await self._end("failed", error=failed) or error_frame(fault)

    async def _begin(self) -> None:
        run = dict(self.run)
        check_move(run["status"], "in_progress")
        run["status"] = "in_progress"
        run["started_at"] = run["started_at"] or self._means.now()
        changes = Changes()
        changes.run(run, "in_progress")
        await self._store(changes, expected="queued")
        self.run = run

    async def _round(self) -> bool:
        """One completion. True: the run rests."""
        if limit := self._budget.exhausted():
            raise _Limit(limit)
        route = self._route()
        engine = self._means.engines.get(route.provider)
        request = await self._request(route, engine)
        served = served_here(self.run, self._work.resources, self._means.tools)
        self._output = output = Output(
            self.run,
            self._means.now,
            kind=engine.kind,
            parallel=self.run["parallel_tool_calls"] is not False,
            own=frozenset(served),
        )
        try:
            await self._ask(engine, request, output)
        except EngineError as error:
            if self._begun or not error.context_exceeded or self._budget.context < 4000:
                raise
            self._budget.shrink()
            return False
        return await self._conclude(output, route, served)

    def _route(self) -> Route:
        try:
            return resolve_model(self._means.config.settings(), self.run["model"])
        except ApiError as error:
            raise _Failure("invalid_prompt", error.message) from error

    # -- asking the engine ---------------------------------------------------------------------------------------------

    async def _request(self, route: Route, engine: Engine) -> EngineRequest:
        run, means = self.run, self._means
        left = self._budget.completion_left()
        bare = engine_request(run, self._work, route.model, engine.capabilities, means.tools)
        fixed = fixed_tokens(bare)
        room = self._budget.room(fixed, means.calibration.factor(run["model"]))
        strategy = run["truncation_strategy"]
        last = strategy["last_messages"] if strategy["type"] == "last_messages" else None
        senses = Senses(engine.capabilities.images, means.file_url, engine.kind)
        blocks = await means.db.read(lambda conn: read_blocks(conn, run["thread_id"], run["id"], senses, room, last))
        cut = cut_auto(blocks if last is None else cut_last(blocks, last), room)
        if not cut.fits and self._budget.prompt_limit is not None:
            raise _Limit("max_prompt_tokens")
        self._estimate = fixed + cut.tokens
        turns = tuple(turn for block in cut.blocks for turn in block.turns)
        self._note_cut(cut)
        return engine_request(run, self._work, route.model, engine.capabilities, means.tools, turns, left)

    def _note_cut(self, cut: Cut) -> None:
        if cut.dropped:
            log.info("run %s: %d older parts of the conversation left out", self.run["id"], cut.dropped)

    async def _ask(self, engine: Engine, request: EngineRequest, output: Output) -> None:
        """Try again on trouble that may pass, as long as the engine has given nothing."""
        self._begun = False
        for tried in range(1, TRIES + 1):
            self.feed.tell(progress_frame("connecting", f"Asking {request.model}."))
            try:
                await self._interruptibly(self._listen(engine, request, output))
                break
            except EngineError as error:
                wait = wait_before(error, tried)
                if self._begun or wait is None:
                    raise
                self.feed.tell(progress_frame("retrying", error.message, round(wait, 1)))
                await self._interruptibly(self._means.sleep(wait))

    async def _listen(self, engine: Engine, request: EngineRequest, output: Output) -> None:
        most = None if request.max_output_tokens is None else 2 * request.max_output_tokens
        events = engine.stream(request)
        try:
            async for event in events:
                await self._take(event, output)
                if most is not None and output.said > most:
                    raise _Limit("max_completion_tokens")  # an endpoint that pays no heed to the limit it was given
        finally:
            if (close := getattr(events, "aclose", None)) is not None:
                await close()
        if output.finish is None:
            raise EngineError("The model endpoint's reply ended before it was complete.")

    async def _take(self, event: EngineEvent, output: Output) -> None:
        self._sign()
        if not self._begun and isinstance(event, ReasoningDelta):
            self.feed.tell(progress_frame("thinking", "The model is thinking."))
        self._begun = True
        done = output.take(event)
        if done is None:
            return
        if isinstance(done, bytes):
            self.feed.send(done)
            if self.feed.is_behind():
                await self.feed.caught_up()
            return
        self._interruptible = False
        await self._store(done)
        self._interruptible = True
        self._check_stop()

    async def _interruptibly(self, waiting: Awaitable[None]) -> None:
        try:
            self._check_stop()
        except _Stopped:
            if hasattr(waiting, "close"):
                waiting.close()
            raise
        self._interruptible = True
        try:
            await waiting
        except asyncio.CancelledError:
            if self._stopping is None:
                raise
            if self._task is not None:
                self._task.uncancel()
            raise _Stopped(self._stopping) from None
        finally:
            self._interruptible = False

    def _check_stop(self) -> None:
        if self._stopping is not None:
            raise _Stopped(self._stopping)

    def _sign(self) -> None:
        self.last_sign = asyncio.get_running_loop().time()

    # -- after a completion --------------------------------------------------------------------------------------------

    async def _conclude(self, output: Output, route: Route, served: Mapping[str, ServiceTool]) -> bool:
        usage = output.usage(self._estimate)
        if not usage.get("estimated"):
            self._means.calibration.learn(self.run["model"], self._estimate, usage["prompt_tokens"])
        self._budget.spend(usage)
        self._work.usage = self._budget.usage
        self._work.rounds += 1
        self._estimate = 0
        if output.finish == "content_filter":
            said = f"The content filter of '{route.provider.id}' stopped the reply."
            raise _Failure("invalid_prompt", said, "content_filter")
        if output.finish == "length":
            raise _Limit("max_completion_tokens")
        if output.calls is None:
            await self._complete(output, usage)
            return True
        return await self._answer(output, usage, served)

    async def _answer(self, output: Output, usage: Object, served: Mapping[str, ServiceTool]) -> bool:
        calls = output.calls
        if calls is None:
            return True
        tools = {tool["type"]: tool for tool in self.run["tools"]}
        for call in calls.for_service():
            await self._interruptibly(self._answer_one(call, served[call.name], tools[call.name]))
        changes = Changes()
        if wanted := calls.for_client():
            calls.keep(changes, output.extra(usage) or {})
            await self._require(changes, wanted)
            return True
        output.end(changes, End(self._means.now(), usage, output.extra(usage)))
        changes.run(self.run, extra=self._work.keep())
        await self._store(changes)
        return False

    async def _answer_one(self, call: Any, own: ServiceTool, tool: Object) -> None:
        call.answer = await own.answer(tool, call.arguments, self._work.resources)

    async def _require(self, changes: Changes, calls: list[Object]) -> None:
        run = dict(self.run)
        check_move(run["status"], "requires_action")
        run["status"] = "requires_action"
        run["required_action"] = required_action(calls)
        changes.run(run, "requires_action", extra=self._work.keep())
        await self._store(changes, next_owner=None)
        self.run = run

    async def _complete(self, output: Output, usage: Object) -> None:
        """Completed, or incomplete when the whole run took more than it was allowed."""
        run, now = dict(self.run), self._means.now()
        changes = Changes()
        output.end(changes, End(now, usage, output.extra()))
        limit = self._budget.exceeded()
        status = "completed" if limit is None else "incomplete"
        check_move(run["status"], status)
        end_run(run, status, now, usage=self._budget.usage)
        run["incomplete_details"] = None if limit is None else {"reason": limit}
        changes.run(run, status, extra=self._work.keep())
        await self._store(changes, next_owner=None)
        self.run = run

    # -- storing -------------------------------------------------------------------------------------------------------

    async def _store(self, changes: Changes, *, expected: str = "in_progress", next_owner: str | None = "") -> None:
        """Store, then send. Raises `_Stopped` when the run is being cancelled, `_Gone` when it is not this leg's."""
        owner = self._means.owner
        sealed = self.feed.seal(changes.frames)
        move = store.Move(
            self.run["id"],
            frozenset({expected}),
            owner,
            tuple(changes.rows.values()),
            tuple((chunk.seq, b"".join(chunk.frames)) for chunk in sealed),
            owner if next_owner == "" else next_owner,
        )
        found = await self._means.db.write(lambda conn: store.move(conn, move))
        if found is None:
            self.feed.publish(sealed)
        elif found == "cancelling":
            raise _Stopped("cancelled")
        else:
            raise _Gone

    async def _end_stopped(self, reason: Reason) -> bytes:
        if reason == "cancelled":
            return await self._end("cancelled")
        if reason == "expired":
            return await self._end("expired")
        if reason == "closing":
            return await self._end("failed", error=dict(STOPPED))
        said = "The model endpoint gave no sign of life for too long."
        return await self._end("failed", error={"code": "server_error", "message": said})

    async def _end(
        self,
        status: Status,
        *,
        error: Object | None = None,
        limit: str | None = None,
        message_reason: MessageReason | None = None,
    ) -> bytes:
        """Store the run's end, in spite of trouble if that passes. Returns an error event when it does not."""
        output, owner, run_id = self._output, self._means.owner, self.run["id"]
        if (
            output is not None and self._begun and self._estimate
        ):  # a completion broke off: what it cost can only be estimated
            self._budget.spend(output.usage(self._estimate))
            self._estimate = 0
        sealed = self.feed.seal([])
        ending = Ending(
            status,
            self._means.now(),
            error,
            limit,
            message_reason,
            self._budget.usage,
            output.written() if output is not None else {},
            tuple((chunk.seq, b"".join(chunk.frames)) for chunk in sealed),
            self.feed.next_seq(sealed),
        )
        for pause in (*STORE_TRIES, None):
            try:
                ended = await self._means.db.write(
                    lambda conn: end_stored(conn, run_id, ending, expected=WORKING, owner=owner)
                )
            except ApiError as trouble:
                log.error("run %s: its end could not be stored (%s)", run_id, trouble.code)
                if pause is None:
                    return error_frame(trouble)
                await self._means.sleep(pause)
                continue
            if ended is None:
                raise _Gone
            self.feed.publish(self.feed.sealed_as(sealed, ended.seq, ended.frames))
            return b""
        raise AssertionError


def _last_error(error: EngineError) -> Object:
    field = f" (parameter: {error.param})" if error.param else ""
    return {"code": error.code, "message": f"{error.message}{field}"}


def _place(error: BaseException) -> str:
    """Where it was raised; its words may hold contents."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return "?" if at is None else f"{at.tb_frame.f_code.co_filename.rpartition('/')[2]}:{at.tb_lineno}"

"""One leg of a run at work: from `queued` until it rests. Owned by the service, not by whoever asked for it.

Every change is stored under the condition that the run is still this leg's; finding it `cancelling` ends the leg as
cancelled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from playground_tui.service.engines.base import EngineError
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.asking import Asking, make_request
from playground_tui.service.runs.budget import Budget
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.ending import SILENT, STOPPED, Ending, Status, end_stored
from playground_tui.service.runs.feed import Feed
from playground_tui.service.runs.frames import error_frame
from playground_tui.service.runs.interrupting import Interruptible
from playground_tui.service.runs.means import Failure, Gone, LimitReached, Means, Stopped, StopReason
from playground_tui.service.runs.objects import MessageReason, Object, end_run, required_action
from playground_tui.service.runs.output import Output
from playground_tui.service.runs.prepare import resolve_model
from playground_tui.service.runs.request import Work, served_here
from playground_tui.service.runs.states import WORKING, check_move
from playground_tui.service.runs.tools import ServiceTool
from playground_tui.service.runs.writing import CallsWriter, End
from playground_tui.service.store import runs as store
from playground_tui.settings.model import Route

log = logging.getLogger("playground_tui.service.runs")

MOST_ROUNDS: Final = 64
"""Completions of one leg; only tools that the service answers make more than one."""
LEAST_CONTEXT: Final = 4000
"""Tokens below which a conversation is not shortened further for an endpoint that finds it too long."""
STORE_PAUSES: Final = (0.2, 1.0, 3.0)
"""Seconds between tries to store a run's end."""


class Execution:
    def __init__(self, means: Means, run: Object, work: Work, feed: Feed) -> None:
        self.run, self.feed = run, feed
        self._means, self._work = means, work
        self._budget = Budget.of(run, work.usage)
        self._interruptible = Interruptible()
        self._asking = Asking(means, feed, self._interruptible, self._store)
        self._output: Output | None = None
        self._estimate = 0
        """Prompt tokens of the completion under way."""

    def start(self) -> asyncio.Task[None]:
        return self._interruptible.start(self._main(), self.run["id"])

    def stop(self, reason: StopReason) -> None:
        """End the leg as soon as nothing is being stored."""
        self._interruptible.stop(reason)

    @property
    def last_sign(self) -> float:
        """Loop time of the engine's last event."""
        return self._asking.last_sign

    # -- the leg -------------------------------------------------------------------------------------------------------

    async def _main(self) -> None:
        last_words = b""
        try:
            last_words = await self._until_rest()
        except Gone:
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
            raise Failure("server_error", f"The model called tools {MOST_ROUNDS} times without coming to an end.")
        except Stopped as stopped:
            return await self._end_stopped(stopped.reason)
        except LimitReached as limit:
            return await self._end("incomplete", limit=limit.reason)
        except Failure as failure:
            return await self._end("failed", error=failure.error, message_reason=failure.message_reason)
        except EngineError as error:
            return await self._end("failed", error=_last_error(error))
        except Gone:
            raise
        except Exception as error:
            return await self._end_faulty(error)

    async def _begin(self) -> None:
        run = self._moved("in_progress")
        run["started_at"] = run["started_at"] or self._means.now()
        changes = Changes()
        changes.run(run, "in_progress")
        await self._store(changes, expected="queued")
        self.run = run

    async def _round(self) -> bool:
        """One completion. True: the run rests."""
        if limit := self._budget.exhausted():
            raise LimitReached(limit)
        route = self._route()
        engine = self._means.engines.get(route.provider)
        question = await self._interruptible.waits(
            make_request(self._means, engine, route, self.run, self._work, self._budget)
        )
        await self._tell_omitted(question.omitted)
        self._estimate = question.tokens
        served = served_here(self.run, self._work.resources, self._means.tools)
        parallel = self.run["parallel_tool_calls"] is not False
        self._output = output = Output(
            self.run,
            self._means.now,
            kind=engine.kind,
            parallel=parallel,
            own=frozenset(served),
            sources=self._work.sources,
            contents=self._work.contents,
        )
        try:
            await self._asking.ask(engine, question.request, output)
        except EngineError as error:
            if self._asking.begun or not error.context_exceeded or self._budget.context < LEAST_CONTEXT:
                raise
            self._budget.shrink(self._estimate)
            return False
        return await self._conclude(output, route, served)

    async def _tell_omitted(self, count: int) -> None:
        """An extension: a key of the run that is there only when messages were left out."""
        if count and count != self.run.get("omitted_messages"):
            self.run = {**self.run, "omitted_messages": count}
            changes = Changes()
            changes.run(self.run)
            await self._store(changes)

    def _route(self) -> Route:
        try:
            return resolve_model(self._means.config.settings(), self.run["model"])
        except ApiError as error:
            raise Failure("invalid_prompt", error.message) from error

    def _moved(self, status: str) -> Object:
        """The run in its next state, to be stored before it counts."""
        check_move(self.run["status"], status)
        return {**self.run, "status": status}

    # -- after a completion --------------------------------------------------------------------------------------------

    async def _conclude(self, output: Output, route: Route, served: Mapping[str, ServiceTool]) -> bool:
        usage = self._spend(output)
        if output.finish == "content_filter":
            said = f"The content filter of '{route.provider.id}' stopped the reply."
            raise Failure("invalid_prompt", said, "content_filter")
        if output.finish == "length":
            raise LimitReached("max_completion_tokens")
        if output.calls is None:
            await self._complete(output, usage)
            return True
        await self._answer(output.calls, served)
        if wanted := output.calls.for_client():
            await self._require(output, output.calls, wanted, usage)
            return True
        changes = Changes(self._work.contents)
        output.end(changes, End(self._means.now(), usage, output.extra(usage)))
        changes.run(self.run, extra=self._work.keep())
        await self._store(changes)
        return False

    def _spend(self, output: Output) -> Object:
        usage = output.usage(self._estimate)
        if not usage.get("estimated"):
            self._means.calibration.learn(self.run["model"], self._estimate, usage["prompt_tokens"])
        self._budget.spend(usage)
        self._work.usage = self._budget.usage
        self._work.rounds += 1
        self._estimate = 0
        return usage

    async def _answer(self, calls: CallsWriter, served: Mapping[str, ServiceTool]) -> None:
        tools = {tool["type"]: tool for tool in self.run["tools"]}
        for call in calls.for_service():

            async def answer(call: Any = call) -> None:
                own = served[call.name]
                number = len(self._work.sources)
                call.answer = await own.answer(tools[call.name], call.arguments, self._work.resources, number)
                self._work.sources.append(list(call.answer.sources))

            await self._interruptible.waits(answer())

    async def _require(self, output: Output, calls: CallsWriter, wanted: list[Object], usage: Object) -> None:
        run = self._moved("requires_action")
        run["required_action"] = required_action(wanted)
        changes = Changes()
        calls.keep(changes, output.extra(usage) or {})
        changes.run(run, "requires_action", extra=self._work.keep())
        await self._store(changes, at_rest=True)
        self.run = run

    async def _complete(self, output: Output, usage: Object) -> None:
        """Completed; or incomplete, when the completions together took more than the run was allowed."""
        now, limit = self._means.now(), self._budget.exceeded()
        changes = Changes(self._work.contents)
        output.end(changes, End(now, usage, output.extra()))
        status = "completed" if limit is None else "incomplete"
        run = self._moved(status)
        details = None if limit is None else {"reason": limit}
        end_run(run, status, now, usage=self._budget.usage, incomplete_details=details)
        changes.run(run, status, extra=self._work.keep())
        await self._store(changes, at_rest=True)
        self.run = run

    # -- storing -------------------------------------------------------------------------------------------------------

    async def _store(self, changes: Changes, *, expected: str = "in_progress", at_rest: bool = False) -> None:
        """Store, then send. Raises `Stopped` when the run is being cancelled, `Gone` when it is not this leg's."""
        owner = self._means.owner
        sealed = self.feed.seal(changes.frames)
        move = store.Move(
            self.run["id"],
            frozenset({expected}),
            owner,
            tuple(changes.rows.values()),
            tuple((chunk.seq, b"".join(chunk.frames)) for chunk in sealed),
            None if at_rest else owner,
        )
        found = await self._means.db.write(lambda conn: store.move(conn, move))
        if found is None:
            self.feed.publish(sealed)
        elif found == "cancelling":
            raise Stopped("cancelled")
        else:
            raise Gone

    async def _end_stopped(self, reason: StopReason) -> bytes:
        if reason in ("cancelled", "expired"):
            return await self._end("cancelled" if reason == "cancelled" else "expired")
        return await self._end("failed", error=dict(STOPPED if reason == "closing" else SILENT))

    async def _end_faulty(self, error: Exception) -> bytes:
        """The service's own fault, or its store's: the run fails, and the stream says so in an `error` event too."""
        if isinstance(error, ApiError):
            trouble = error
        else:
            log.error("run %s: fault inside (%s at %s)", self.run["id"], type(error).__name__, _place(error))
            trouble = ApiError(500, "The service had an error while working on this run.", type="server_error")
        return await self._end("failed", error={"code": "server_error", "message": trouble.message}) or error_frame(
            trouble
        )

    async def _end(
        self,
        status: Status,
        *,
        error: Object | None = None,
        limit: str | None = None,
        message_reason: MessageReason | None = None,
    ) -> bytes:
        """Store the run's end, in spite of trouble if that passes. Returns an error event when it does not."""
        output = self._output
        if output is not None and self._asking.begun and self._estimate:
            self._budget.spend(output.usage(self._estimate))  # a completion broke off
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
        run_id, owner = self.run["id"], self._means.owner
        for pause in (*STORE_PAUSES, None):
            try:
                ended = await self._means.db.write(
                    lambda conn: end_stored(conn, run_id, ending, expected=WORKING, owner=owner)
                )
                break
            except ApiError as trouble:
                log.error("run %s: its end could not be stored (%s)", run_id, trouble.code)
                if pause is None:
                    return error_frame(trouble)
                await self._means.sleep(pause)
        if ended is None:
            raise Gone
        self.feed.publish(self.feed.sealed_as(sealed, ended.seq, ended.frames))
        return b""


def _last_error(error: EngineError) -> Object:
    field = f" (parameter: {error.param})" if error.param else ""
    return {"code": error.code, "message": f"{error.message}{field}"}


def _place(error: BaseException) -> str:
    """Where it was raised; its words may hold contents."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return "?" if at is None else f"{at.tb_frame.f_code.co_filename.rpartition('/')[2]}:{at.tb_lineno}"

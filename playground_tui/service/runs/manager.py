"""All runs of one service. A run belongs to the service: whoever asked for it may leave, listen again, or listen from
another process on the same database.

`recover()` once at start, `close()` at the end; between them everything is called on one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

from playground_tui.service.config import ServiceConfig
from playground_tui.service.errors import ApiError
from playground_tui.service.files.attachments import attach
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.ending import STOPPED, Ending, end_stored
from playground_tui.service.runs.execution import Execution
from playground_tui.service.runs.feed import Feed
from playground_tui.service.runs.frames import frame
from playground_tui.service.runs.listening import RunHandle, follow_stored, listen, real_sleep
from playground_tui.service.runs.means import Engines, Files, Means, NoFiles
from playground_tui.service.runs.objects import Object
from playground_tui.service.runs.ownership import Ownership
from playground_tui.service.runs.prepare import new_run, read_resources, resolve_model
from playground_tui.service.runs.request import Work
from playground_tui.service.runs.states import CANCELLABLE, WORKING
from playground_tui.service.runs.submitting import accept_outputs
from playground_tui.service.runs.tools import Resources, ServiceTool, check_choice, check_tools
from playground_tui.service.shapes import new_message
from playground_tui.service.store import ASSISTANTS, MESSAGES, RUNS, THREADS, Connection, Database, objects
from playground_tui.service.store import runs as store
from playground_tui.service.store.objects import dump

T = TypeVar("T")

LOOK: Final = 0.3
"""Seconds between looks for runs that another process wants cancelled, and for stalled ones."""
SWEEP: Final = 30.0
"""Seconds at most between looks for runs whose service died or whose time is over."""
SILENCE: Final = 600.0
"""Seconds without any event after which a model endpoint counts as lost, whatever its own time-outs are."""
LAST_GRACE: Final = 10.0
"""Seconds at most for a stopped run to be stored as such."""
EVENTS_KEPT: Final = 3600
"""Seconds after its creation for which a finished run's events are kept for late listeners."""


class RunManager:
    def __init__(
        self,
        db: Database,
        config: ServiceConfig,
        engines: Engines,
        *,
        tools: Mapping[str, ServiceTool] | None = None,
        files: Files | None = None,
        attached: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[None]] = real_sleep,
    ) -> None:
        """`tools`: those the service answers itself, by type. `attached` is told when a run's own messages brought
        files along."""
        self._db = db
        self._ownership = Ownership(config.paths.locks)
        self._means = Means(db, config, engines, self._ownership.id, tools or {}, files or NoFiles(), sleep)
        self._attached = attached
        self._executions: dict[str, Execution] = {}
        self._mine: Counter[str] = Counter()
        """Legs per run that this manager is at work on, or about to be."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._legs: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._sooner = asyncio.Event()
        self._closing = False

    # -- requests ------------------------------------------------------------------------------------------------------

    async def create(
        self,
        thread_id: str,
        body: Object,
        *,
        stream: bool = False,
        thread_created: Object | None = None,
        contents: bool = False,
    ) -> RunHandle:
        """`body`: checked. `thread_created`: a thread made for this run, to be announced first. `contents`: the run's
        stream shows the texts that file search found. The run begins at once, streamed or not. Raises the API's 404
        and 400: no such thing, thread locked, model or tools not to be had."""
        return await self._to_the_end(self._create(thread_id, body, thread_created, contents))

    async def submit(self, thread_id: str, run_id: str, outputs: Sequence[Object]) -> RunHandle:
        """The run goes on here, whoever had it before. Raises the API's 404 and 400."""
        return await self._to_the_end(self._submit(thread_id, run_id, outputs))

    async def cancel(self, thread_id: str, run_id: str) -> Object:
        """The run as it then is: `cancelling`, or `cancelled` when nobody was at work on it. Raises 404 and 400."""
        return await self._to_the_end(self._cancel(thread_id, run_id))

    async def follow(self, thread_id: str, run_id: str, *, progress: bool = False) -> AsyncIterator[bytes]:
        """All events of a run from its creation, over all legs, until it rests. Raises the API's 404."""
        await self.settle(thread_id)
        await self._db.read(lambda conn: objects.require_text(conn, RUNS, run_id, thread_id=thread_id))
        execution = self._executions.get(run_id)
        if execution is not None:
            return listen(self._db, execution.feed, 0, progress=progress)
        return follow_stored(self._db, run_id, lambda: self.settle(thread_id), self._means.sleep)

    async def settle(self, thread_id: str) -> None:
        """End the thread's active run if its time is over or its service is gone. Before whatever needs the thread
        free, and before a run is shown."""
        for active in await self._db.read(lambda conn: store.active_runs(conn, thread_id=thread_id)):
            await self._settle(active)

    # -- life ----------------------------------------------------------------------------------------------------------

    async def recover(self) -> None:
        """Take this service's lock and end what services that are gone left behind. Raises OSError, `StoreError`."""
        self._ownership.take()
        self._ownership.forget_dead()
        await self.sweep()
        await self._forget_events()
        self._sweeping = asyncio.create_task(self._keep_sweeping(), name="sweep runs")

    async def sweep(self) -> float | None:
        """Settle every run of every process. Returns the time at which the next waiting run expires."""
        runs = await self._db.read(store.active_runs)
        for active in runs:
            await self._settle(active)
        waiting = [run.expires_at for run in runs if run.status == "requires_action" and run.expires_at is not None]
        now = self._means.config.clock()
        return min((at for at in waiting if at > now), default=None)

    async def close(self, grace: float) -> None:
        """No new runs; those at work may end for `grace` seconds, then they fail as stopped."""
        self._closing = True
        if self._legs:
            await asyncio.wait(self._legs, timeout=grace)
        for execution in list(self._executions.values()):
            execution.stop("closing")
        if pending := [*self._legs, *self._tasks]:
            await asyncio.wait(pending, timeout=LAST_GRACE)
        for task in (self._sweeping, self._watching):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        self._ownership.release()

    # -- making a run --------------------------------------------------------------------------------------------------

    async def _create(self, thread_id: str, body: Object, thread_created: Object | None, contents: bool) -> RunHandle:
        self._refuse_when_closing()
        await self.settle(thread_id)
        assistant, _ = await self._db.read(lambda conn: _owners(conn, body["assistant_id"], thread_id))
        now = self._means.now()
        run = new_run(thread_id, assistant, body, now, int(now + self._means.config.run_expiry))
        effort = body.get("reasoning_effort") or assistant.get("reasoning_effort")
        work = Work(effort, contents=contents)
        check = self._check_of(run)
        added = [new_message(thread_id, message, now) for message in body.get("additional_messages") or ()]
        changes = Changes()
        if thread_created is not None:
            changes.frames.append(frame("thread.created", dump(thread_created)))
        changes.run(run, "created", "queued", new=True)
        feed = Feed(self._db, run["id"], 0)
        sealed = feed.seal(changes.frames)
        owner, frames = self._ownership.id, b"".join(changes.frames)

        def insert(conn: Connection) -> None:
            objects.require_text(conn, THREADS, thread_id)
            store.refuse_when_active(conn, thread_id)
            store.refuse_messages_when_full(conn, thread_id, len(added))
            for message in added:
                objects.insert(conn, MESSAGES, message)
            attach(conn, thread_id, added, now)
            work.resources = read_resources(conn, assistant, objects.require(conn, THREADS, thread_id), now)
            check(work.resources)
            work.after = store.last_message_seq(conn, thread_id)
            objects.insert(conn, RUNS, run, extra=work.keep())
            store.set_owner(conn, run["id"], owner)
            store.add_events(conn, run["id"], 0, frames)

        await self._as_mine(run["id"], insert)
        if any(message["attachments"] for message in added):
            self._attached()
        feed.publish(sealed)
        self._begin(run, work, feed)
        return RunHandle(run, feed, self._db)

    def _check_of(self, run: Object) -> Callable[[Resources], None]:
        """What is wrong with the run alone is raised at once, what depends on its files by what is returned."""
        route = resolve_model(self._means.config.settings(), run["model"])
        can = self._means.engines.get(route.provider).capabilities
        check_choice(run["tool_choice"], run["tools"])
        return lambda resources: check_tools(run["tools"], resources, can, route.provider.id, self._means.tools)

    async def _submit(self, thread_id: str, run_id: str, outputs: Sequence[Object]) -> RunHandle:
        self._refuse_when_closing()
        await self.settle(thread_id)
        owner, now = self._ownership.id, self._means.now()
        accepted = await self._as_mine(
            run_id, lambda conn: accept_outputs(conn, thread_id, run_id, outputs, owner=owner, now=now)
        )
        feed = Feed(self._db, run_id, accepted.seq)
        feed.publish(feed.seal(accepted.frames))
        self._begin(accepted.run, Work.kept(accepted.extra), feed)
        return RunHandle(accepted.run, feed, self._db)

    async def _as_mine(self, run_id: str, write: Callable[[Connection], T]) -> T:
        """From before the write on nobody here takes the run for orphaned."""
        self._mine[run_id] += 1
        try:
            return await self._db.write(write)
        except BaseException:
            self._release(run_id)
            raise

    def _release(self, run_id: str) -> None:
        self._mine[run_id] -= 1
        if not self._mine[run_id]:
            del self._mine[run_id]

    def _begin(self, run: Object, work: Work, feed: Feed) -> None:
        execution = Execution(self._means, run, work, feed)
        self._executions[run["id"]] = execution
        leg = execution.start()
        self._legs.add(leg)
        leg.add_done_callback(lambda task: self._rested(run["id"], execution, task))
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="watch runs")

    def _rested(self, run_id: str, execution: Execution, leg: asyncio.Task[None]) -> None:
        self._legs.discard(leg)
        if self._executions.get(run_id) is execution:
            del self._executions[run_id]
        self._release(run_id)
        self._sooner.set()

    # -- ending a run --------------------------------------------------------------------------------------------------

    async def _cancel(self, thread_id: str, run_id: str) -> Object:
        await self.settle(thread_id)
        now = self._means.now()
        run = await self._db.write(lambda conn: _ask_cancel(conn, thread_id, run_id, now))
        if (execution := self._executions.get(run_id)) is not None:
            execution.stop("cancelled")
        return run

    async def _settle(self, active: store.ActiveRun) -> None:
        now = self._means.now()
        if active.id in self._mine:
            return
        if active.status == "requires_action":
            if active.expires_at is None or now < active.expires_at:
                return
            status, error, expected = "expired", None, frozenset({"requires_action"})
        elif active.owner not in (None, self._ownership.id) and self._ownership.is_alive(str(active.owner)):
            return
        else:
            status, error, expected = "failed", dict(STOPPED), WORKING

        def end(conn: Connection) -> None:
            if active.id not in self._mine:
                usage = Work.kept(objects.extra(conn, RUNS, active.id)).usage
                ending = Ending("expired" if status == "expired" else "failed", now, error, usage=usage)
                end_stored(conn, active.id, ending, expected=expected, owner=active.owner)

        await self._db.write(end)

    # -- watching ------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """While runs are at work here."""
        owner = self._ownership.id
        while self._executions:
            with contextlib.suppress(ApiError):
                for run_id in await self._db.read(lambda conn: store.cancelling(conn, owner)):
                    if run_id in self._executions:
                        self._executions[run_id].stop("cancelled")
            now, silent_since = self._means.config.clock(), asyncio.get_running_loop().time() - SILENCE
            for execution in self._executions.values():
                if now >= (execution.run["expires_at"] or now + 1):
                    execution.stop("expired")
                elif execution.last_sign < silent_since:
                    execution.stop("silent")
            await asyncio.sleep(LOOK)

    async def _keep_sweeping(self) -> None:
        swept = 0.0
        while True:
            wait = SWEEP
            with contextlib.suppress(ApiError):
                next_at = await self.sweep()
                if next_at is not None:
                    wait = min(SWEEP, max(0.5, next_at - self._means.config.clock()))
                if (swept := swept + wait) > EVENTS_KEPT / 4:
                    swept = 0.0
                    await self._forget_events()
            self._sooner.clear()
            with contextlib.suppress(TimeoutError):  # not wait_for: it can swallow the cancelling at close
                async with asyncio.timeout(wait):
                    await self._sooner.wait()

    async def _forget_events(self) -> None:
        before = self._means.now() - EVENTS_KEPT
        await self._db.write(lambda conn: store.forget_events(conn, before))

    # -- small things --------------------------------------------------------------------------------------------------

    def _refuse_when_closing(self) -> None:
        if self._closing:
            raise ApiError(503, "The service is stopping.", type="server_error", code="service_closing")

    async def _to_the_end(self, doing: Coroutine[Any, Any, T]) -> T:
        """A client that goes away in the middle must not leave half of it done."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._forget_task)
        return await asyncio.shield(task)

    def _forget_task(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited may have left


def _owners(conn: Connection, assistant_id: str, thread_id: str) -> tuple[Object, Object]:
    thread = objects.require(conn, THREADS, thread_id)
    return objects.require(conn, ASSISTANTS, assistant_id), thread


def _ask_cancel(conn: Connection, thread_id: str, run_id: str, now: int) -> Object:
    """A run that nobody is at work on ends at once; else its owner sees the new status."""
    run = objects.require(conn, RUNS, run_id, thread_id=thread_id)
    if run["status"] == "cancelling":
        return run
    if run["status"] not in CANCELLABLE:
        raise ApiError(400, f"Cannot cancel run with status '{run['status']}'.")
    if run["status"] == "requires_action":
        usage = Work.kept(objects.extra(conn, RUNS, run_id)).usage
        ending = Ending("cancelled", now, usage=usage)
        end_stored(conn, run_id, ending, expected=frozenset({"requires_action"}), owner=None)
    else:
        objects.update(conn, RUNS, {**run, "status": "cancelling"})
    return objects.require(conn, RUNS, run_id)

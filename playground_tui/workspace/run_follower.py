"""One run followed to its end or to the point where it waits for tool outputs, whatever happens to the connection."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from playground_tui.limits.answers import TooMuch
from playground_tui.workspace.api_objects import as_dict, as_text, seconds_in
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.patience import Patience
from playground_tui.workspace.run_events import Changes, RunReducer
from playground_tui.workspace.run_failures import NOT_STORED, stream_failure
from playground_tui.workspace.thread_api import EventStream, ThreadApi
from playground_tui.workspace.turns import active_run
from playground_tui.workspace.values import ConversationChange

log = logging.getLogger("playground_tui.workspace.runs")

POLL_SECONDS: Final = 1.0
"""Between two looks at a run that cannot be streamed; what the API's own client takes."""
MESSAGES_OF_A_RUN: Final = 100

Opening = AbstractAsyncContextManager[EventStream]


class RunFollower:
    """`tell` hears after every group of events, with the changes it brought (maybe none)."""

    def __init__(
        self,
        api: ThreadApi,
        thread_id: str,
        reducer: RunReducer,
        *,
        clock: Clock,
        silence: float,
        tell: Callable[[Changes], None],
        lacking: Callable[[], frozenset[str]],
        lack: Callable[[str], None],
        warn: Callable[[float | None], None] = lambda left: None,
    ) -> None:
        """`warn`: as `Patience` has it."""
        self.reducer = reducer
        self._api = api
        self._thread_id = thread_id
        self._clock = clock
        self._silence = silence
        self._tell = tell
        self._lacking = lacking
        self._lack = lack
        self._warn = warn
        self._patience = Patience(clock, silence)

    async def create(self, body: Mapping[str, Any]) -> None:
        """Make the run and follow it. Raises what the client raises when it was not made, `FailureError` when it went
        silent or can no longer be looked at."""
        await self._through(self._api.create_run(self._thread_id, body))

    async def submit(self, outputs: Sequence[Mapping[str, str]], taken: Callable[[], None]) -> None:
        """Hand in all tool outputs and follow on; `taken` is called when the server has them. Raises as `create`."""
        opening = self._api.submit_outputs(self._thread_id, self.reducer.run_id or "", outputs)
        await self._through(self._taken(opening, taken))

    @asynccontextmanager
    async def _taken(self, opening: Opening, taken: Callable[[], None]) -> AsyncIterator[EventStream]:
        async with opening as stream:
            self.reducer.outputs_taken()
            taken()
            self._tell(())
            yield stream

    async def follow(self) -> None:
        """Follow a run that was found active. Raises as `create`."""
        await self._through(None)

    async def _through(self, opening: Opening | None) -> None:
        self._patience = Patience(self._clock, self._silence, self._warn)
        try:
            async with self._patience:
                if opening is not None:
                    await self._listen(opening)
                await self._catch_up()
        except TimeoutError:
            raise FailureError(await self._went_silent()) from None

    # -- streams -------------------------------------------------------------------------------------------------------

    async def _listen(self, opening: Opening) -> None:
        """Take events until the run settles or the stream ends, be it cut off or not."""
        import httpx2

        async with opening as stream:
            try:
                async for group in stream.groups():
                    if group:  # a comment tells that the server lives, not that the run does
                        self._patience.touch()
                        self._take(group)
                    if self._settled:
                        return
            except (httpx2.HTTPError, httpx2.StreamError, TooMuch) as error:
                log.info("a run's stream broke off: %s", type(error).__name__)

    def _take(self, group: Sequence[tuple[str, Any]]) -> None:
        changes: list[ConversationChange] = []
        for event, data in group:
            if event == "playground.progress":
                self._patience.allow(_wait_in(data))
            changes += self.reducer.apply(event, data)
        self._tell(changes)

    @property
    def _settled(self) -> bool:
        return self.reducer.ended or self.reducer.waits_for_outputs

    # -- without a stream ----------------------------------------------------------------------------------------------

    async def _catch_up(self) -> None:
        """The stream ended and the run may not have: look, follow it again where the server can, else keep looking."""
        tried_again = False
        while not self._settled:
            await self._look()
            if self._settled:
                return
            if as_text((self.reducer.error or {}).get("code")).startswith(NOT_STORED):
                raise FailureError(self._lost())
            if not tried_again and "run.events" not in self._lacking():
                tried_again = True
                await self._follow_again()
            else:
                await self._clock.sleep(POLL_SECONDS)

    async def _follow_again(self) -> None:
        self.reducer.begin_again()
        try:
            await self._listen(self._api.follow_run(self._thread_id, self.reducer.run_id or ""))
        except Exception as error:
            if failure_of(error).kind in ("unsupported", "missing"):
                self._lack("run.events")

    async def _look(self) -> None:
        """Fetch the run. A server that cannot be reached just now is asked again until patience ends."""
        run_id = self.reducer.run_id or await self._active_id()
        if run_id is None:
            raise FailureError(self._lost())
        try:
            run = await self._api.run(self._thread_id, run_id)
        except Exception as error:
            failure = failure_of(error)
            if failure.kind in ("offline", "timeout", "rate", "server"):
                return
            raise FailureError(self._lost(failure)) from error
        await self._take_fetched(run)

    async def _active_id(self) -> str | None:
        """Nothing was heard of the run, but it may have been made."""
        found = await active_run(self._api, self._thread_id)
        return as_text(found.get("id")) if found is not None else None

    async def _take_fetched(self, run: dict[str, Any]) -> None:
        known = self.reducer.run
        if any(known.get(key) != value for key, value in run.items()):
            self._patience.touch()
        changes: list[ConversationChange] = []
        if as_text(run.get("status")) not in ("queued", "in_progress", "cancelling"):
            changes += await self._fetch_replies(as_text(run.get("id")))
        changes += self.reducer.take_run(run)
        self._tell(changes)

    async def _fetch_replies(self, run_id: str) -> list[ConversationChange]:
        try:
            page = await self._api.list_messages(self._thread_id, MESSAGES_OF_A_RUN, run_id=run_id)
        except Exception as error:
            log.info("a run's messages could not be read: %s", failure_of(error).kind)
            return []
        ours = [m for m in reversed(page.data) if m.get("run_id") == run_id]
        return [change for message in ours for change in self.reducer.settle(message)]

    # -- giving up -----------------------------------------------------------------------------------------------------

    def _lost(self, failure: Failure | None = None) -> Failure:
        """Nothing can be learned of the run any more."""
        if self.reducer.error is not None:
            failure = stream_failure(self.reducer.error)
        what = "The stream broke off, and what became of the run cannot be seen."
        failure = failure or Failure("server", what, next="Open the thread again to see it.")
        self._tell(self.reducer.give_up("failed", failure.what))
        return failure

    async def _went_silent(self) -> Failure:
        run_id = self.reducer.run_id or await self._active_id()
        end = "was cancelled" if await self._cancelled(run_id) else "is no longer followed"
        what = f"The run gave no sign of life for {self._silence:g} s and {end}."
        self._tell(self.reducer.give_up("failed", what))
        details = ", ".join(f"{k} {v}" for k, v in (("run", run_id), ("thread", self._thread_id)) if v)
        return Failure("timeout", what, next="Send it again, or raise the time-out.", details=details)

    async def _cancelled(self, run_id: str | None) -> bool:
        if run_id is None or "cancel" in self._lacking():
            return False
        try:
            await self._api.cancel_run(self._thread_id, run_id)
        except Exception as error:
            if failure_of(error).kind == "unsupported":
                self._lack("cancel")
            return False
        return True


def _wait_in(progress: Any) -> float:
    """Seconds for which our own service told that nothing will come."""
    return seconds_in(as_dict(progress).get("retry_in")) or 0.0

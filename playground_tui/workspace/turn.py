"""One message and its run in a thread, followed from outside: for one question what `Conversation` does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import as_text
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.patience import when_allowed
from playground_tui.workspace.run_events import Changes
from playground_tui.workspace.store import threads as table
from playground_tui.workspace.store.threads import ThreadRecord
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.thread_run import ThreadRun
from playground_tui.workspace.turns import active_run, make_thread, title_from
from playground_tui.workspace.values import ChatMessage, RunView, ToolCallView

STOP_SECONDS: Final = 5.0
"""How long a cancelled run's last events are waited for."""
PREVIEW: Final = 120
"""Characters."""


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    images: Sequence[Mapping[str, Any]] = ()
    """Content parts: `image_url`, `image_file`."""
    attachments: Sequence[Mapping[str, Any]] = ()

    def body(self) -> dict[str, Any]:
        text = [{"type": "text", "text": self.text}] if self.text else []
        body: dict[str, Any] = {"role": "user", "content": [*text, *self.images] if self.images else self.text}
        return {**body, "attachments": list(self.attachments)} if self.attachments else body


class Turn:
    """Every method raises `FailureError` and what the client raises."""

    def __init__(
        self,
        context: ChatContext,
        api: ThreadApi,
        *,
        thread_id: str | None = None,
        tell: Callable[[Changes], None],
        show: Callable[[RunView], None],
    ) -> None:
        self.thread_id = thread_id
        self.run: ThreadRun | None = None
        self._context = context
        self._api = api
        self._tell = tell
        self._show = show

    async def post(self, question: Question, assistant_id: str) -> None:
        """Put the question into the thread, which is made when there is none."""
        title = title_from(question.text or "Image")
        self._show(RunView("sending"))
        if self.thread_id is None:
            made = await when_allowed(self._context.clock, lambda: make_thread(self._api, title), self._wait)
            self.thread_id = as_text(made.get("id"))
        thread_id, body = self.thread_id, question.body()
        await when_allowed(self._context.clock, lambda: self._api.create_message(thread_id, body), self._wait)
        await self._record(thread_id, title, question.text, assistant_id)

    async def start(self, assistant_id: str, overrides: Mapping[str, Any], *, author: str, version: int) -> None:
        """Run the thread and follow it until it ends or waits for outputs."""
        run = self._new(author, version)
        await when_allowed(self._context.clock, lambda: run.create(assistant_id, overrides), self._wait)

    async def take_up(self, run_id: str) -> dict[str, Any]:
        """A run that waits for outputs; an empty id: the thread's active one. Returns the run object."""
        thread_id = self.thread_id or ""
        found = await self._api.run(thread_id, run_id) if run_id else await active_run(self._api, thread_id)
        if found is None or found.get("status") != "requires_action":
            status = as_text(found.get("status")) if found else "not there"
            raise FailureError(Failure("conflict", f"The run does not wait for tool outputs: it is {status}."))
        self._new("Assistant", None).found(found, followed=True)
        return found

    async def submit(self, outputs: Mapping[str, str]) -> None:
        """Answer all calls that wait, and follow on."""
        if self.run is not None:
            await self.run.submit(outputs)

    async def cancel(self) -> Failure | None:
        """Ask the server to cancel whatever of this turn is under way there; why it could not."""
        run = self.run
        if run is None or not run.started:
            return None
        if run.id is not None:
            return await run.cancel() if run.active else None
        with suppress(Exception):
            if (found := await active_run(self._api, self.thread_id or "")) is not None:
                await self._api.cancel_run(self.thread_id or "", as_text(found.get("id")))
        return None

    async def stop(self, work: asyncio.Task[Any]) -> Failure | None:
        """Cancel on the server, let `work`, which follows the run, hear the end of it, and end it."""
        failure: Failure | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                failure = await self.cancel()
        if failure is None and self.run is not None and self.run.active:
            await asyncio.wait({work}, timeout=STOP_SECONDS)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return failure

    # -- what it is ----------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> tuple[ToolCallView, ...]:
        """The calls the run waits for."""
        return self.run.view.calls if self.run is not None and self.run.reducer.waits_for_outputs else ()

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        return self.run.reducer.messages() if self.run is not None else ()

    @property
    def run_object(self) -> dict[str, Any]:
        return self.run.reducer.run if self.run is not None else {}

    # -- inside --------------------------------------------------------------------------------------------------------

    def _new(self, author: str, version: int | None) -> ThreadRun:
        self.run = ThreadRun(
            self._context,
            self._api,
            self.thread_id or "",
            author=author,
            version=version,
            tell=self._tell,
            show=self._show,
        )
        return self.run

    def _wait(self, seconds: float) -> None:
        self._show(RunView("retrying", None, f"rate limit, next try in {seconds:.0f} s"))

    async def _record(self, thread_id: str, title: str, text: str, assistant_id: str) -> None:
        """For the app's list, where the server has none of its own."""
        server, now = self._context.server, self._context.clock.now().timestamp()
        preview = " ".join(text[: PREVIEW * 2].split())[:PREVIEW]

        def write(conn: Any) -> None:
            known = table.one_thread(conn, server, thread_id)
            made = ThreadRecord(
                thread_id,
                assistant_id,
                known.title if known and known.title else title,
                preview,
                known.created_at if known else now,
                now,
            )
            table.put_thread(conn, server, made)

        await self._context.store.write(write)

"""A thread's stored messages: first from the local record, then as the server has them, page by page from the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import (
    as_text,
    message_of,
    reading_order,
    run_facts,
    step_calls,
    step_message_id,
)
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.costs import priced
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.message_record import from_record, to_record, with_record
from playground_tui.workspace.store import messages as table
from playground_tui.workspace.store import runs as run_table
from playground_tui.workspace.thread_api import Page, ThreadApi
from playground_tui.workspace.values import ChatMessage, ReplyFacts, ToolCallView

PAGE: Final = 50
"""Messages shown at first, and added on each way up."""
RUNS: Final = 20
"""Runs looked at on opening: the active one is the newest, the others tell their figures."""

Known = Mapping[str, ChatMessage]


@dataclass(frozen=True, slots=True)
class Loaded:
    messages: tuple[ChatMessage, ...]
    """In reading order."""
    has_older: bool


class ThreadHistory:
    def __init__(self, context: ChatContext, thread_id: str) -> None:
        self._context = context
        self._thread_id = thread_id

    # -- local record --------------------------------------------------------------------------------------------------

    def recorded(self) -> Loaded:
        """The newest messages of the record, at once."""
        server, thread = self._context.server, self._thread_id
        rows = self._context.store.read_now(lambda conn: table.newest_messages(conn, server, thread, PAGE + 1))
        return _loaded([from_record(row) for row in rows])

    async def recorded_before(self, message_id: str) -> Loaded:
        server, thread = self._context.server, self._thread_id
        rows = await self._context.store.read(
            lambda conn: table.older_messages(conn, server, thread, message_id, PAGE + 1)
        )
        return _loaded([from_record(row) for row in rows])

    def keep(self, messages: Sequence[ChatMessage]) -> None:
        """Record messages that the server has, new ones at the end."""
        records = [to_record(message) for message in messages if not message.id.startswith("local_")]
        server, thread = self._context.server, self._thread_id
        if records:
            self._context.store.keep(lambda conn: table.append_messages(conn, server, thread, records))

    def forget(self, message_ids: Sequence[str]) -> None:
        server, thread, ids = self._context.server, self._thread_id, list(message_ids)
        self._context.store.keep(lambda conn: table.delete_messages(conn, server, thread, ids))

    # -- server --------------------------------------------------------------------------------------------------------

    async def newest(self, api: ThreadApi, known: Known) -> Loaded:
        """The newest page of the server. Raises what the client raises."""
        page = await api.list_messages(self._thread_id, PAGE)
        messages = self._read(page, known)
        records = [to_record(message) for message in messages]
        server, thread, complete = self._context.server, self._thread_id, not page.has_more
        self._context.store.keep(lambda conn: table.put_newest_page(conn, server, thread, records, complete=complete))
        return Loaded(messages, page.has_more)

    async def before(self, api: ThreadApi, message_id: str, shown: Known) -> Loaded:
        """The page before `message_id`. A server that knows no paging gives the same again: then there is none.
        Raises what the client raises."""
        page = await api.list_messages(self._thread_id, PAGE, after=message_id)
        recorded = await self.recorded_before(message_id)
        found = self._read(page, {message.id: message for message in recorded.messages})
        messages = tuple(message for message in found if message.id not in shown)
        if found and not messages:
            self._context.lack("paging")
            return Loaded((), False)
        records = [to_record(message) for message in messages]
        server, thread = self._context.server, self._thread_id
        self._context.store.keep(lambda conn: table.put_older_page(conn, server, thread, records, message_id))
        return Loaded(messages, page.has_more)

    def _read(self, page: Page, known: Known) -> tuple[ChatMessage, ...]:
        """In reading order, whichever way round the server gave them."""
        now = self._context.clock.now()
        messages = []
        for raw in reading_order(page.data):
            author = self._context.author(as_text(raw.get("assistant_id")))
            message = message_of(raw, author=author or "Assistant", now=now)
            if message is not None:
                messages.append(with_record(message, known.get(message.id)))
        return tuple(messages)

    # -- runs ----------------------------------------------------------------------------------------------------------

    async def runs(self, api: ThreadApi) -> list[dict[str, Any]]:
        """The newest runs, newest first; none from a server that cannot list them or does not answer."""
        if "runs.list" in self._context.lacking():
            return []
        try:
            page = await api.list_runs(self._thread_id, RUNS)
        except Exception as error:
            if failure_of(error).kind == "unsupported":
                self._context.lack("runs.list")
            return []
        return list(reversed(reading_order(page.data)))

    async def facts_of_run(
        self, api: ThreadApi, replies: Sequence[ChatMessage], run: Mapping[str, Any] | None
    ) -> list[ChatMessage]:
        """The replies of one run with figures and tool calls. Raises what the client raises."""
        run_id = replies[-1].run_id or ""
        if run is None:
            run = await api.run(self._thread_id, run_id)
        calls = await self._calls(api, run_id, run)
        record = self._record(run_id)
        made = ReplyFacts(version=record.version, overrides=tuple(sorted(record.overrides))) if record else None
        known = run_facts({name: run.get(name) for name in ("model", "response_format")}, made)
        enriched = [
            replace(
                reply,
                calls=reply.calls or calls.get(reply.id, ()),
                facts=reply.facts or known,
            )
            for reply in replies
        ]
        enriched[-1] = replace(enriched[-1], facts=priced(run_facts(run, enriched[-1].facts), self._context.price))
        return enriched

    async def _calls(self, api: ThreadApi, run_id: str, run: Mapping[str, Any]) -> dict[str, tuple[ToolCallView, ...]]:
        """Message id → the calls made before it."""
        if run.get("tools") == [] or "steps" in self._context.lacking():
            return {}
        try:
            page = await api.list_steps(self._thread_id, run_id)
        except Exception as error:
            if (failure := failure_of(error)).kind not in ("unsupported", "missing"):
                raise
            if failure.kind == "unsupported":
                self._context.lack("steps")
            return {}
        found: dict[str, tuple[ToolCallView, ...]] = {}
        waiting: list[ToolCallView] = []
        for step in reading_order(page.data, newest_first=False):
            waiting += step_calls(step)
            if message_id := step_message_id(step):
                found[message_id] = tuple(waiting)
                waiting = []
        return found

    def _record(self, run_id: str) -> run_table.RunRecord | None:
        server = self._context.server
        return self._context.store.read_now(lambda conn: run_table.one_run(conn, server, run_id))


def _loaded(messages: list[ChatMessage]) -> Loaded:
    return Loaded(tuple(messages[-PAGE:]), len(messages) > PAGE)

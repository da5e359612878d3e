"""Brings a thread's stored messages into the transcript: the record's at once, then the server's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from playground_tui.workspace.api_objects import INCOMPLETE_NOTES, moment
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.chat_history import ThreadHistory
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.run_failures import no_reply
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.transcript import Transcript
from playground_tui.workspace.turns import is_active
from playground_tui.workspace.values import Changed, ChatMessage, NoReply, Prepended, Reset

log = logging.getLogger("playground_tui.workspace.threads")


class ThreadLoading:
    def __init__(self, context: ChatContext, thread_id: str, transcript: Transcript) -> None:
        self.history = ThreadHistory(context, thread_id)
        self._context = context
        self._transcript = transcript
        self.has_older = False
        self.runs: list[dict[str, Any]] = []
        """The newest runs as the server last listed them, newest first."""

    def open_record(self) -> None:
        loaded = self.history.recorded()
        self.has_older = loaded.has_older
        if loaded.messages:
            self._transcript.tell(Reset(_settled(loaded.messages, active=False)))

    async def refresh(self, api: ThreadApi, still: Callable[[], bool]) -> None:
        """Take over what the server has, if `still` wanted when it is there. Raises what the client raises."""
        self.runs = await self.history.runs(api)
        loaded = await self.history.newest(api, self._transcript.by_id())
        if not still():
            return
        active = any(is_active(run) for run in self.runs)
        messages = _with_reasons(_settled(loaded.messages, active=active), self.runs)
        shown = [m for m in self._transcript.messages if not m.id.startswith("local_")]
        waiting = [m for m in self._transcript.messages if m.id.startswith("local_") and m.calls]
        older = _before(shown, messages)
        self.has_older = self.has_older if older else loaded.has_older
        whole = (*older, *messages, *(waiting if active else ()))
        if whole != self._transcript.messages:
            self._transcript.tell(Reset(whole))

    def no_reply(self) -> NoReply | None:
        """Why the last message stands there without a reply, as far as the newest run tells."""
        last, run = next(reversed(self._transcript.messages), None), next(iter(self.runs), None)
        if last is None or run is None or last.role != "user" or not _is_after(run, last):
            return None
        return no_reply(run)

    async def older(self, api: ThreadApi | None) -> None:
        """The page before the first message shown; without an `api` from the record. Raises what the client raises."""
        first = next((m.id for m in self._transcript.messages if not m.id.startswith("local_")), None)
        if first is None:
            self.has_older = False
            return
        known = self._transcript.by_id()
        if api is None:
            loaded = await self.history.recorded_before(first)
        else:
            loaded = await self.history.before(api, first, known)
        self.has_older = loaded.has_older
        if loaded.messages:
            self._transcript.tell(Prepended(_settled(loaded.messages, active=False)))

    async def add_facts(self, api: ThreadApi) -> None:
        """Figures and tool calls of replies that were never seen here, newest first. Gives up at the first failure:
        they are asked for again when the thread is opened the next time."""
        runs = {run.get("id"): run for run in self.runs if not is_active(run)}
        active = {run.get("id") for run in self.runs if is_active(run)}
        for run_id, ids in _without_facts(self._transcript.messages).items():
            if run_id in active:
                continue
            replies = [m for i in ids if (m := self._transcript.get(i)) is not None]
            try:
                enriched = await self.history.facts_of_run(api, replies, runs.get(run_id))
            except Exception as error:
                log.info("facts of earlier replies could not be read: %s", failure_of(error).kind)
                return
            fresh = [m for m in enriched if m.id in self._transcript]
            self._transcript.tell_all(Changed(m.id, m) for m in fresh)
            self.history.keep(fresh)


def _is_after(run: dict[str, Any], message: ChatMessage) -> bool:
    """Of a message that no run was made for, an earlier run tells nothing. Times are whole seconds."""
    made = moment(run.get("created_at"))
    return made is None or made.timestamp() >= int(message.created_at.timestamp())


def _without_facts(messages: Sequence[ChatMessage]) -> dict[str, list[str]]:
    """Run id → ids of its replies, newest run first, for replies whose facts were never read."""
    found: dict[str, list[str]] = {}
    for message in reversed(messages):
        if message.role == "assistant" and message.run_id and message.facts is None:
            found.setdefault(message.run_id, []).insert(0, message.id)
    return found


def _settled(messages: Sequence[ChatMessage], *, active: bool) -> tuple[ChatMessage, ...]:
    """Without an active run nothing streams, whatever a message's status says."""
    if active:
        return tuple(messages)
    return tuple(
        replace(m, status="incomplete", note=m.note or "Not finished.") if m.status == "streaming" else m
        for m in messages
    )


def _with_reasons(messages: Sequence[ChatMessage], runs: Sequence[dict[str, Any]]) -> tuple[ChatMessage, ...]:
    """A stored message says that its run failed; why, only the run says."""
    reasons = {run.get("id"): reason.note for run in runs if (reason := no_reply(run)) is not None}
    return tuple(
        replace(m, note=reasons[m.run_id])
        if m.status == "failed" and m.note in ("", INCOMPLETE_NOTES["run_failed"]) and m.run_id in reasons
        else m
        for m in messages
    )


def _before(shown: Sequence[ChatMessage], page: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """What is shown before the page's first message; nothing when that is not among them."""
    if not page:
        return ()
    for index, message in enumerate(shown):
        if message.id == page[0].id:
            return tuple(shown[:index])
    return ()

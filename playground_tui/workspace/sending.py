"""From a typed text to a run: the queue is worked off, each text is posted once and then run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Final

from playground_tui.workspace.api_objects import as_text, message_of
from playground_tui.workspace.board import IDLE, Board
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.filling import Filling
from playground_tui.workspace.patience import when_allowed
from playground_tui.workspace.rewriting import drop_replies
from playground_tui.workspace.runs import Asked, Runs
from playground_tui.workspace.store.unsent import QueuedText
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.turns import make_thread, post_message, title_from
from playground_tui.workspace.values import Added, Changed, ChatMessage, Removed, RunView
from playground_tui.workspace.writing.attachment import Attachment, from_json, message_body, to_json
from playground_tui.workspace.writing.attachments import Attachments
from playground_tui.workspace.writing.typed_history import TypedHistory
from playground_tui.workspace.writing.variable_values import literal

_numbers = count(1)
RUN_IS_ACTIVE: Final = Failure(
    "conflict",
    "This thread has a run that is still active.",
    kept="Your message waits in the queue.",
    next="Resume the run or stop it.",
)


class Sending:
    def __init__(
        self,
        board: Board,
        runs: Runs,
        *,
        shown: Callable[[], bool],
        made: Callable[[str], None],
        used: Callable[[str], None],
        attachments: Attachments,
        filling: Filling,
    ) -> None:
        self._board = board
        self._runs = runs
        self._attachments = attachments
        self._filling = filling
        self._history = TypedHistory(board.context.store, board.context.server)
        self._shown, self._made, self._used = shown, made, used

    async def send(self, text: str, *, as_is: bool = False) -> None:
        board = self._board
        if text.strip() or (self._attachments.items.value and not board.outbox):
            self._history.add(board.outbox.key, text)
            prepared = literal(text) if as_is else self.prepare(text)
            if prepared is None or not await self._queue(text, prepared):
                return
        if not board.run.followed:
            board.fail(RUN_IS_ACTIVE)
            return
        board.held = False
        self.go_on()

    def prepare(self, text: str) -> str | None:
        """`text` with its slash command carried out. None: a variable in it or in the instructions has no value; the
        text stays in the box."""
        board = self._board
        try:
            prepared = board.context.expand(text)
            self._filling.check(prepared)
        except Exception as error:
            board.outbox.refuse(text)
            board.show_outbox()
            board.fail(replace(failure_of(error), kept="Your text is in the box."))
            return None
        return prepared

    async def _queue(self, text: str, prepared: str) -> bool:
        board, attached = self._board, self._attachments.take()
        try:
            await board.outbox.push(prepared, to_json(attached), typed=text)
        except Exception as error:
            board.outbox.refuse(text)
            self._attachments.put_back(attached)
            board.fail(failure_of(error))
            return False
        finally:
            board.show_outbox()
        return True

    def filled(self, text: str) -> str:
        """As the server gets it. Raises StoreError."""
        return self._filling.message(text)

    def go_on(self) -> None:
        if not self._board.held and self._board.free and self._board.outbox:
            self._board.start(self.drain())

    async def drain(self) -> None:
        board = self._board
        while not board.held and not board.active and (item := await board.outbox.begin()) is not None:
            board.show_outbox()
            went_well = await self._turn(item)
            board.held = board.held or not went_well

    async def ask(self) -> Asked:
        """Save what the form holds, as only the open conversation may, and say who is asked. Raises FailureError and
        what the client raises."""
        board = self._board
        overrides: Mapping[str, Any] = {}
        if self._shown():
            board.assistant_id = await board.context.editor.ensure_created()
            overrides = board.context.editor.run_overrides()
        if board.assistant_id is None:
            raise FailureError(Failure("invalid", "The thread has no assistant.", next="Open it with one, then send."))
        overrides = await self._filling.overrides(overrides)
        return Asked(await board.api(), board.assistant_id, overrides)

    # -- one turn ------------------------------------------------------------------------------------------------------

    async def _turn(self, item: QueuedText) -> bool:
        """Send one text and follow its run. False: the queue is held."""
        text, attached = self.filled(item.text), from_json(item.attachments)
        again = self._unanswered(text) if not attached else None
        sending = None if again is not None else self._show_sending(text, attached)
        self._board.show_sending()
        try:
            self._filling.check(item.text)
            asked = await self.ask()
            if sending is not None:
                await self._post(asked.api, item, sending, attached)
            else:
                self._board.outbox.sent(item)
                await drop_replies(self._board, asked.api, after=again)
        except asyncio.CancelledError:
            if not self._board.closing:
                self._take_back(item, sending)
            raise
        except Exception as error:
            await self._not_sent(item, sending, failure_of(error))
            return False
        went_well = await self._runs.make(asked, item.text, text)
        if messages := self._board.transcript.messages:
            self._used(messages[-1].text)
        return went_well

    async def _post(
        self, api: ThreadApi, item: QueuedText, sending: ChatMessage, attached: Sequence[Attachment]
    ) -> None:
        board = self._board
        if attached:
            board.show_run(RunView("sending", None, "files", board.context.clock.now()))
        body = message_body(sending.text, await self._attachments.ready(attached))
        thread_id = await self._thread(api, sending.text or ", ".join(part.name for part in attached))
        known = set(board.transcript.by_id())
        raw = await when_allowed(
            board.context.clock,
            lambda: post_message(api, thread_id, body, known, tried=item.sending),
            board.show_wait,
        )
        board.outbox.sent(item)
        posted = message_of(raw, author="", now=board.context.clock.now()) or sending
        posted = replace(posted, role="user", text=posted.text or sending.text, status="complete")
        board.transcript.tell(Changed(sending.id, posted))
        board.keep([posted])
        self._used(posted.text)

    async def _thread(self, api: ThreadApi, text: str) -> str:
        """The thread's id; the first message makes it, titled by its text."""
        board = self._board
        if (thread_id := board.thread_id) is not None:
            return thread_id
        title = title_from(text)
        raw = await when_allowed(board.context.clock, lambda: make_thread(api, title), board.show_wait)
        thread_id = as_text(raw.get("id"))
        await board.outbox.move(thread_id)
        board.has_thread(thread_id)
        board.update(thread_id=thread_id, title=title)
        self._made(title)
        return thread_id

    def _show_sending(self, text: str, attached: Sequence[Attachment]) -> ChatMessage:
        sending = ChatMessage(
            f"local_{next(_numbers)}",
            "user",
            text,
            self._board.context.clock.now(),
            "sending",
            images=tuple(part.name for part in attached if part.kind == "image"),
            attachments=tuple(part.name for part in attached if part.kind == "file"),
        )
        self._board.transcript.tell(Added(sending))
        return sending

    def _take_back(self, item: QueuedText, sending: ChatMessage | None) -> None:
        if sending is not None:
            self._board.transcript.tell(Removed(sending.id))
        if self._board.outbox.give_back(item):
            self._attachments.put_back(from_json(item.attachments))
        self._board.show_outbox()

    async def _not_sent(self, item: QueuedText, sending: ChatMessage | None, failure: Failure) -> None:
        self._take_back(item, sending)
        self._board.show_run(IDLE)
        self._board.fail(replace(failure, kept=failure.kept or "Your message is kept."))
        if failure.kind == "conflict":
            await self._runs.find()
        elif failure.kind == "missing":
            await self._look_for_thread()

    async def _look_for_thread(self) -> None:
        """Something was missing: is it the thread?"""
        board = self._board
        try:
            if board.thread_id is not None:
                await (await board.api()).thread(board.thread_id)
        except Exception as error:
            board.update(gone=failure_of(error).kind == "missing" and bool(board.transcript.messages))

    def _unanswered(self, text: str) -> str | None:
        """The id of the thread's last message of the person, when it is this very text and got no good reply."""
        messages = self._board.transcript.messages
        last = next((i for i in range(len(messages) - 1, -1, -1) if messages[i].role == "user"), None)
        if last is None or messages[last].text != text:
            return None
        answered = last < len(messages) - 1
        return None if answered and self._board.failed_text != text else messages[last].id

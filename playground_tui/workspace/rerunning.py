"""Asking again: another reply to what was said, more of one that was cut short, another text in a message's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from playground_tui.workspace.board import IDLE, Board
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.message_record import ENDED_EARLY
from playground_tui.workspace.rewriting import drop_replies, make_room
from playground_tui.workspace.runs import Asked, Runs
from playground_tui.workspace.sending import Sending
from playground_tui.workspace.values import ChatMessage
from playground_tui.workspace.writing.attachment import Attachment, from_json, of_message, to_json
from playground_tui.workspace.writing.attachments import Attachments
from playground_tui.workspace.writing.variable_values import literal

CONTINUE: Final = (
    "Your last message was cut short. Go on exactly where it ends, without repeating any of it and without an "
    "introduction."
)
NOT_REPLACED: Final = Failure(
    "conflict",
    "The earlier message was not replaced: it is gone, or a run is still active in this thread.",
    kept="Your text is in the box.",
    next="When the run has ended, edit the message again.",
)


class Rerunning:
    def __init__(self, board: Board, runs: Runs, sending: Sending, attachments: Attachments) -> None:
        self._board, self._runs, self._sending, self._attachments = board, runs, sending, attachments

    # -- regenerate and continue ---------------------------------------------------------------------------------------

    def regenerate(self) -> None:
        board = self._board
        if board.free and board.thread_id is not None:
            board.start(self._run(self._without_replies))

    def continue_reply(self) -> None:
        board = self._board
        last = next(reversed(board.transcript.messages), None)
        if board.free and last is not None and last.role == "assistant" and last.status in ENDED_EARLY:
            board.start(self._run(_told_to_go_on))

    async def _run(self, prepare: Callable[[Asked], Any]) -> None:
        board = self._board
        board.show_sending()
        try:
            asked = await prepare(await self._sending.ask())
        except Exception as error:
            board.show_run(IDLE)
            board.fail(failure_of(error))
            return
        board.held = not await self._runs.make(asked, "")

    async def _without_replies(self, asked: Asked) -> Asked:
        messages = self._board.transcript.messages
        last = next((m.id for m in reversed(messages) if m.role == "user"), None)
        await drop_replies(self._board, asked.api, after=last)
        return asked

    # -- another text --------------------------------------------------------------------------------------------------

    def resend(self, message_id: str, text: str, *, as_is: bool = False) -> None:
        messages = self._board.transcript.messages
        start = next((i for i, m in enumerate(messages) if m.id == message_id), None)
        if not text.strip():
            return
        if start is None or not self._board.free:
            self._board.outbox.refuse(text)
            self._board.show_outbox()
            self._board.fail(NOT_REPLACED)
            return
        prepared = literal(text) if as_is else self._sending.prepare(text)
        if prepared is not None:
            self._board.start(self._resend(messages[start:], prepared, text))

    async def _resend(self, replaced: Sequence[ChatMessage], text: str, typed: str) -> None:
        board = self._board
        attached = (*await self._attached_to(replaced[0]), *self._attachments.take())
        await board.outbox.push(text, to_json(attached), typed=typed, front=True)
        if await make_room(board, replaced):
            board.held = False
            await self._sending.drain()
        else:
            item = board.outbox.drop(0)
            board.outbox.refuse(item.text)
            self._attachments.put_back(from_json(item.attachments))
            board.show_outbox()

    async def _attached_to(self, message: ChatMessage) -> tuple[Attachment, ...]:
        """What the earlier message had with it goes with the new one."""
        if not message.attachments and not message.images:
            return ()
        try:
            return of_message(await (await self._board.api()).message(self._board.thread_id or "", message.id))
        except Exception as error:
            failure_of(error)
            return ()


async def _told_to_go_on(asked: Asked) -> Asked:
    more = "\n\n".join(filter(None, (asked.overrides.get("additional_instructions"), CONTINUE)))
    return Asked(asked.api, asked.assistant_id, {**asked.overrides, "additional_instructions": more})

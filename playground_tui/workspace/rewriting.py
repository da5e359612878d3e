"""Changing what was said: messages are deleted on the server from the newest back, so that a failure on the way leaves
a thread without holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playground_tui.workspace.board import Board
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.values import ChatMessage, Removed


async def delete_messages(board: Board, api: ThreadApi, messages: Sequence[ChatMessage]) -> None:
    """Raises what the client raises; one that is gone already is no failure."""
    for message in reversed(messages):
        if not message.id.startswith("local_"):
            await _delete(api, board.thread_id or "", message.id)
        board.transcript.tell(Removed(message.id))
        if board.loading is not None:
            board.loading.history.forget([message.id])


async def _delete(api: ThreadApi, thread_id: str, message_id: str) -> None:
    try:
        await api.delete_message(thread_id, message_id)
    except Exception as error:
        if failure_of(error).kind != "missing":
            raise


async def drop_replies(board: Board, api: ThreadApi, after: str | None) -> None:
    """Delete all that comes after the message `after`, where the server can. Raises what the client raises."""
    messages = board.transcript.messages
    start = next((i + 1 for i, m in enumerate(messages) if m.id == after), len(messages))
    try:
        await delete_messages(board, api, messages[start:])
    except Exception as error:
        if failure_of(error).kind != "unsupported":
            raise
        board.context.lack("messages.delete")


async def make_room(board: Board, replaced: Sequence[ChatMessage]) -> bool:
    """Delete the messages that another text will stand in place of. False: it could not be done."""
    try:
        await delete_messages(board, await board.api(), replaced)
    except Exception as error:
        board.fail(_not_replaced(board, failure_of(error)))
        return False
    return True


def _not_replaced(board: Board, failure: Failure) -> Failure:
    if failure.kind == "unsupported":
        board.context.lack("messages.delete")
        what = "This server cannot delete messages, so an earlier one cannot be replaced."
        failure = replace(failure, what=what, next="Send it as a new message.")
    return replace(failure, kept="Your text is in the box.")

"""Which of the files attached to a conversation's messages cannot be searched: told when the server knows it, which is
mostly before the reply is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from playground_tui.workspace.files.values import StoreFile

if TYPE_CHECKING:
    from playground_tui.workspace.conversation import Conversation
    from playground_tui.workspace.files.library import Library
    from playground_tui.workspace.values import ConversationState

T = TypeVar("T")


async def unsearchable(library: Library, conversation: Conversation) -> AsyncIterator[StoreFile]:
    """Each file that could not be indexed, perhaps more than once, until nothing of the conversation is under way."""
    idle = asyncio.ensure_future(conversation.wait_idle())
    try:
        seen = ""
        while not idle.done():
            seen = await _before(idle, _next_run(conversation, seen)) or ""
            if (thread_id := conversation.state.value.thread_id) is None:
                return
            if seen:
                await _before(idle, library.thread_indexed(thread_id))
            for file in await library.citations.failed_in(thread_id):
                yield file
    finally:
        idle.cancel()


async def _before(idle: asyncio.Future[None], work: Awaitable[T]) -> T | None:
    """What the work gives, unless it is idle first."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task, idle), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()


async def _next_run(conversation: Conversation, seen: str) -> str:
    """The next run's id: its message, with its files, is on the server then."""
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def look(state: ConversationState) -> None:
        if (run_id := state.run.run_id) and run_id != seen and state.thread_id and not found.done():
            found.set_result(run_id)

    end: Callable[[], None] = conversation.state.watch(look, now=True)
    try:
        return await found
    finally:
        end()

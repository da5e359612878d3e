"""Files on their way to the server, each in a task of its own; one file is never sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.writing.attachment import Attachment

AT_ONCE: Final = 4
"""Files that are sent at the same time; a folder may hold hundreds."""

Told = Callable[[Attachment], None]


class Uploads:
    def __init__(self, context: ChatContext, told: Told) -> None:
        """`told` hears of every step of an upload."""
        self._context, self._told = context, told
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[Attachment]] = {}

    def start(self, attachment: Attachment) -> None:
        """Begin to send it, unless it is there or under way."""
        known = self._tasks.get(attachment.id)
        if attachment.phase != "ready" and (known is None or _failed(known)):
            task = asyncio.create_task(self._send(attachment))
            task.add_done_callback(_look_at)
            self._tasks[attachment.id] = task

    async def ready(self, attachment: Attachment) -> Attachment:
        """Wait until the server has it. Raises FailureError."""
        if attachment.phase == "ready":
            return attachment
        self.start(attachment)
        task = self._tasks[attachment.id]
        try:
            return await asyncio.shield(task)
        finally:
            if task.done() and not _failed(task):
                self._tasks.pop(attachment.id, None)

    def known(self, attachment: Attachment) -> Attachment:
        """As far as it came."""
        task = self._tasks.get(attachment.id)
        if task is None or not task.done() or task.cancelled():
            return attachment
        error = task.exception()
        if isinstance(error, FailureError):
            return replace(attachment, phase="failed", failure=error.failure.what)
        return task.result() if error is None else attachment

    async def drop(self, attachment: Attachment) -> None:
        """It is not wanted any more; what the server has of it is deleted there."""
        task = self._tasks.pop(attachment.id, None)
        if task is not None and not task.done():
            task.cancel()
            return
        file_id = attachment.file_id or (_id_of(task) if task is not None else "")
        if file_id and attachment.source:
            await self._delete(file_id)

    async def close(self) -> None:
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _send(self, attachment: Attachment) -> Attachment:
        async with self._turns:
            return await self._send_now(attachment)

    async def _send_now(self, attachment: Attachment) -> Attachment:
        self._told(replace(attachment, phase="uploading", sent=0, failure=""))
        try:
            file_id = await self._upload(attachment)
        except Exception as error:
            failure = self._failure(attachment, error)
            self._told(replace(attachment, phase="failed", sent=0, failure=failure.what))
            raise FailureError(failure) from error
        done = replace(attachment, phase="ready", sent=attachment.size, file_id=file_id, failure="")
        self._told(done)
        return done

    async def _upload(self, attachment: Attachment) -> str:
        from playground_tui.workspace.uploads import upload

        def told(sent: int) -> None:
            self._told(replace(attachment, phase="uploading", sent=sent))

        purpose: Literal["assistants", "vision"] = "vision" if attachment.kind == "image" else "assistants"
        return await upload(await self._context.api(), Path(attachment.source), purpose, told)

    def _failure(self, attachment: Attachment, error: Exception) -> Failure:
        failure = failure_of(error)
        if failure.kind in ("unsupported", "retired"):
            self._context.lack("files")
            what = f"{attachment.name} was not sent: this server takes no files."
            return replace(failure, what=what, next="A picture can be given by its address.")
        return replace(failure, what=f"{attachment.name} was not sent. {failure.what}", field="attachments")

    async def _delete(self, file_id: str) -> None:
        try:
            await (await self._context.api()).files.with_raw_response.delete(file_id)
        except Exception as error:
            failure_of(error)


def _id_of(task: asyncio.Task[Attachment]) -> str:
    return task.result().file_id if task.done() and not _failed(task) else ""


def _failed(task: asyncio.Task[Attachment]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _look_at(task: asyncio.Task[Attachment]) -> None:
    """Whoever waits gets the exception; nobody may be waiting."""
    if not task.cancelled():
        task.exception()

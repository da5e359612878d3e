"""The attachments of a conversation's unsent message. They are uploaded as soon as they are chosen, so that sending
need not wait; on disk they wait beside the unsent text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.board import Board
from playground_tui.workspace.store import writing as table
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.writing.attachment import Attachment, from_json, to_json
from playground_tui.workspace.writing.uploads import Uploads

if TYPE_CHECKING:
    from playground_tui.workspace.writing.attachment_check import Use


class Attachments:
    """`items` is what a screen shows, with the progress of each."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._context = board.context
        self._uploads = Uploads(board.context, self._told)
        server, key = board.context.server, board.outbox.key
        kept = board.context.store.read_now(lambda conn: table.attachments(conn, server, key))
        self.items: Subject[tuple[Attachment, ...]] = Subject(from_json(kept))

    # -- choosing ------------------------------------------------------------------------------------------------------

    async def add_file(self, path: Path, use: Use = "auto") -> Attachment:
        """Attach a file and begin to send it. Raises FailureError for one that cannot be attached; nothing of it was
        sent then."""
        from playground_tui.workspace.writing.attachment_check import check_file

        attachment = await asyncio.to_thread(check_file, path, use, self._tools())
        self._add(attachment)
        return attachment

    def add_url(self, url: str) -> Attachment:
        """Attach a picture by its address. Raises FailureError."""
        from playground_tui.workspace.writing.attachment_check import check_url

        attachment = check_url(url)
        self._add(attachment)
        return attachment

    async def remove(self, attachment_id: str) -> None:
        """Leave one out; what the server has of it is deleted there, if it can be."""
        found = self._get(attachment_id)
        if found is not None:
            self._put(tuple(item for item in self.items.value if item is not found))
            await self._uploads.drop(found)

    def retry(self, attachment_id: str) -> None:
        """Send one again that failed."""
        found = self._get(attachment_id)
        if found is not None and found.phase == "failed":
            self._uploads.start(replace(found, phase="waiting"))

    def use(self, attachment_id: str, tools: Sequence[str]) -> None:
        """Give a file to other tools."""
        found = self._get(attachment_id)
        if found is not None and found.kind == "file" and tools:
            self._put(tuple(replace(i, tools=tuple(tools)) if i is found else i for i in self.items.value))

    def _tools(self) -> tuple[str, ...]:
        """The assistant's, as the form has them."""
        tools = as_list(self._context.editor.draft.value.values.get("tools"))
        return tuple(as_text(as_dict(tool).get("type")) for tool in tools)

    def _add(self, attachment: Attachment) -> None:
        self._put((*self.items.value, attachment))
        self._uploads.start(attachment)

    def _get(self, attachment_id: str) -> Attachment | None:
        return next((item for item in self.items.value if item.id == attachment_id), None)

    def _told(self, step: Attachment) -> None:
        known = self._get(step.id)
        if known is None:
            return
        fresh = tuple(replace(step, tools=known.tools) if item is known else item for item in self.items.value)
        if step.phase == "ready":
            self._put(fresh)
        else:
            self.items.set(fresh)

    def _put(self, items: tuple[Attachment, ...]) -> None:
        self.items.set(items)
        server, key, body = self._context.server, self._board.outbox.key, to_json(items)
        self._context.store.keep(lambda conn: table.put_attachments(conn, server, key, body), ("attached", server, key))

    # -- sending -------------------------------------------------------------------------------------------------------

    def take(self) -> tuple[Attachment, ...]:
        """Those of the message that is sent now: they go with it into the queue."""
        items = self.items.value
        self.items.set(())
        return items

    def put_back(self, items: Sequence[Attachment]) -> None:
        """The message was not sent."""
        known = {item.id for item in self.items.value}
        fresh = [self._uploads.known(item) for item in items if item.id not in known]
        if fresh:
            self._put((*fresh, *self.items.value))

    async def ready(self, items: Sequence[Attachment]) -> tuple[Attachment, ...]:
        """All of them on the server. Raises FailureError for the first that is not; the others go on."""
        for item in items:
            self._uploads.start(item)
        found = []
        for item in items:
            found.append(await self._uploads.ready(item))
        return tuple(found)

    def begin(self) -> None:
        """Send what an earlier session chose and did not send."""
        for item in self.items.value:
            self._uploads.start(item)

    async def close(self) -> None:
        await self._uploads.close()

"""What a person wrote and the server does not have yet, kept on disk: the unsent text and the queue.

A text that is being sent stays in the queue until the server has confirmed it. So nothing is lost when the program
dies on the way; the next start shows it as held.
"""

from __future__ import annotations

from typing import Final

from playground_tui.workspace.clock import Clock, Handle
from playground_tui.workspace.store import Connection, Database
from playground_tui.workspace.store import unsent as table
from playground_tui.workspace.store.unsent import QueuedText
from playground_tui.workspace.store.writing import put_attachments

WRITE_DELAY: Final = 0.15
"""Seconds after the first key that is not on disk; further keys do not push it back."""


class Outbox:
    def __init__(self, store: Database, clock: Clock, server: str, key: str) -> None:
        self._store = store
        self._clock = clock
        self._server = server
        self.key = key
        self._timer: Handle | None = None
        self._sending: int | None = None
        self.text, self._queue = store.read_now(self._load)

    def _load(self, conn: Connection) -> tuple[str, list[QueuedText]]:
        return table.unsent_text(conn, self._server, self.key), table.queued_texts(conn, self._server, self.key)

    # -- unsent text ---------------------------------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        if text == self.text:
            return
        self.text = text
        if self._timer is None:
            self._timer = self._clock.call_later(WRITE_DELAY, self.flush)

    def flush(self) -> None:
        """Hand what is not on disk yet to the store's writer; on a full disk it is tried again."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        server, key, text = self._server, self.key, self.text
        self._store.keep(lambda conn: table.put_unsent(conn, server, key, text), ("unsent", server, key))

    # -- queue ---------------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> tuple[str, ...]:
        """Texts that wait, in order, without the one that is being sent."""
        return tuple(item.text for item in self._queue if item.number != self._sending)

    @property
    def interrupted(self) -> QueuedText | None:
        """The text that was on its way when the program ended; the server may or may not have it."""
        first = self._queue[0] if self._queue else None
        return first if first is not None and first.sending and self._sending is None else None

    def __bool__(self) -> bool:
        return bool(self._queue)

    async def push(self, text: str, attachments: str = "", *, typed: str | None = None, front: bool = False) -> None:
        """Queue `text` with what goes along with it. The unsent text is empty from then on if it was `typed` (None:
        `text`), and has nothing with it; another one, as when a starter was clicked, stays. Raises StoreError, then
        nothing has changed."""
        server, key, before = self._server, self.key, self.text
        left = "" if before == (text if typed is None else typed) else before

        def write(conn: Connection) -> int:
            table.put_unsent(conn, server, key, left)
            put_attachments(conn, server, key, "")
            return table.enqueue(conn, server, key, text, attachments, front=front)

        self.text = left
        try:
            number = await self._store.write(write)
        except BaseException:
            self.text = self.text or before
            raise
        self._queue.insert(0 if front else len(self._queue), QueuedText(number, text, attachments=attachments))
        if self.text != left:
            self._rewrite()

    def _rewrite(self) -> None:
        """The text on disk was written after the person had typed on."""
        self._timer = self._timer or self._clock.call_later(0, self.flush)

    async def begin(self) -> QueuedText | None:
        """The next text to send; it is marked as on its way."""
        if not self._queue:
            return None
        item = self._queue[0]
        self._sending = item.number
        await self._store.write(lambda conn: table.mark_sending(conn, item.number, True))
        return item

    def sent(self, item: QueuedText) -> None:
        """The server has it."""
        self._forget(item)
        self._store.keep(lambda conn: table.dequeue(conn, item.number))

    def give_back(self, item: QueuedText) -> bool:
        """It was not sent: back into the box, or when the person has typed on, it stays first in the queue. Whether it
        is in the box; what goes along with it is the caller's then."""
        if self.text.strip():
            self._sending = None
            self._store.keep(lambda conn: table.mark_sending(conn, item.number, False))
            return False
        self._forget(item)
        return self.put_back(item.text, item)

    def put_back(self, text: str, item: QueuedText | None = None) -> bool:
        """Put `text` into the box, unless something was typed there. Whether it was put."""
        if self.text.strip():
            return False
        self.text = text
        server, key = self._server, self.key

        def write(conn: Connection) -> None:
            table.put_unsent(conn, server, key, text)
            if item is not None:
                table.dequeue(conn, item.number)

        self._store.keep(write)
        return True

    def refuse(self, text: str) -> None:
        """`text` cannot be sent: into the box, before what was typed since."""
        if text.strip() and text != self.text:
            self.set_text(f"{text}\n{self.text}" if self.text.strip() else text)

    def drop(self, index: int) -> QueuedText:
        """Take a waiting text out of the queue. Raises IndexError."""
        item = [item for item in self._queue if item.number != self._sending][index]
        self._forget(item)
        self._store.keep(lambda conn: table.dequeue(conn, item.number))
        return item

    def _forget(self, item: QueuedText) -> None:
        self._queue = [known for known in self._queue if known.number != item.number]
        if self._sending == item.number:
            self._sending = None

    async def move(self, key: str) -> None:
        """The thread was made: keep all of it under its id from now on. Raises StoreError."""
        self.flush()
        server, old = self._server, self.key
        self.key = key
        await self._store.write(lambda conn: table.move_key(conn, server, old, key))

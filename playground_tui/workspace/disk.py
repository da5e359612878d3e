"""Whether this machine's disk takes what is typed, told on the loop that asked for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.notices import Notices
from playground_tui.workspace.store import Database, RefusedError
from playground_tui.workspace.subject import Subject

KEPT = "What you type is only in this program's memory until it can be written."


class Disk(Subject[Failure | None]):
    """Why it does not take it; None: it does."""

    def __init__(self, store: Database, notices: Notices) -> None:
        super().__init__(None)
        self._store, self._notices = store, notices

    def begin(self) -> None:
        loop = asyncio.get_running_loop()

        def told(refused: RefusedError | None) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._told, refused)

        self._store.watch(told)

    def tell(self, failure: Failure) -> None:
        """Of a write that failed; that the disk refuses is told once for all of them."""
        if self._store.refused is None:
            self._notices.tell_failure(failure)

    def _told(self, refused: RefusedError | None) -> None:
        if refused is None:
            self.set(None)
            self._notices.tell("The disk can be written again: what you typed is being saved.")
            return
        failure = failure_of(refused)
        self.set(replace(failure, kept=KEPT, next=f"{failure.next} Then it is saved by itself."))
        self._notices.tell_failure(self.value or failure)

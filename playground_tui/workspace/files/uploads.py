"""Files on their way to the server, a few at a time, each with its own end: one that fails stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, Final

from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.files.api import FilesApi
from playground_tui.workspace.files.checks import check_upload
from playground_tui.workspace.files.values import UNDER_WAY, Transfer
from playground_tui.workspace.subject import Subject

AT_ONCE: Final = 3
"""Files that are sent at the same time."""


class Uploads:
    """`transfers` has all of this session, in the order they were chosen, until they are cleared."""

    def __init__(self, api: Callable[[], Awaitable[FilesApi]], arrived: Callable[[Transfer], None]) -> None:
        """`arrived` hears of each file that the server has, and has put where it was to go."""
        self._api, self._arrived = api, arrived
        self._numbers = count(1)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.transfers: Subject[tuple[Transfer, ...]] = Subject(())

    def add(self, paths: Iterable[Path], store_id: str = "") -> tuple[int, ...]:
        """Begin to send files; `store_id`: where they go then. Their numbers."""
        fresh = tuple(Transfer(next(self._numbers), p.name, str(p), store_id=store_id) for p in paths)
        self.transfers.set((*self.transfers.value, *fresh))
        for transfer in fresh:
            self._start(transfer.id)
        return tuple(transfer.id for transfer in fresh)

    def get(self, number: int) -> Transfer | None:
        return next((transfer for transfer in self.transfers.value if transfer.id == number), None)

    @property
    def under_way(self) -> bool:
        return any(transfer.phase in UNDER_WAY for transfer in self.transfers.value)

    def cancel(self, number: int | None = None) -> None:
        """One, or all that are under way. What the server has already stays there."""
        for transfer in self.transfers.value:
            if transfer.phase in UNDER_WAY and number in (None, transfer.id):
                if task := self._tasks.pop(transfer.id, None):
                    task.cancel()
                self._put(transfer.id, phase="cancelled", why="Cancelled.")

    def retry(self, number: int) -> None:
        transfer = self.get(number)
        if transfer is not None and transfer.phase in ("failed", "cancelled"):
            self._put(number, phase="waiting", sent=0, why="")
            self._start(number)

    def clear(self) -> None:
        """Forget those that are through, whatever became of them."""
        self.transfers.set(tuple(t for t in self.transfers.value if t.phase in UNDER_WAY))

    async def wait(self, numbers: Iterable[int]) -> tuple[Transfer, ...]:
        """Until these are through."""
        numbers = tuple(numbers)
        if tasks := [task for number in numbers if (task := self._tasks.get(number))]:
            await asyncio.wait(tasks)
        return tuple(found for number in numbers if (found := self.get(number)))

    async def close(self) -> None:
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _start(self, number: int) -> None:
        task = asyncio.create_task(self._take_turn(number))
        self._tasks[number] = task
        task.add_done_callback(lambda done: self._forget(number, done))

    def _forget(self, number: int, task: asyncio.Task[None]) -> None:
        if self._tasks.get(number) is task:
            del self._tasks[number]

    async def _take_turn(self, number: int) -> None:
        async with self._turns:
            try:
                await self._send(number)
            except Exception as error:
                self._put(number, phase="failed", why=_why(error))

    async def _send(self, number: int) -> None:
        transfer = self.get(number)
        if transfer is None:
            return
        api = await self._api()
        file_id = transfer.file_id or await self._upload(api, transfer)
        if transfer.store_id:
            self._put(number, phase="adding", file_id=file_id)
            await api.add_file(transfer.store_id, file_id)
        if done := self._put(number, phase="done", file_id=file_id, why=""):
            self._arrived(done)

    async def _upload(self, api: FilesApi, transfer: Transfer) -> str:
        checked = await asyncio.to_thread(check_upload, Path(transfer.path), searched=bool(transfer.store_id))
        self._put(transfer.id, phase="uploading", size=checked.size)
        file_id = await api.upload(checked.path, checked.purpose, lambda sent: self._progress(transfer.id, sent))
        self._put(transfer.id, sent=checked.size, file_id=file_id)
        return file_id

    def _progress(self, number: int, sent: int) -> None:
        transfer = self.get(number)
        if transfer is not None and transfer.phase == "uploading":
            self._put(number, sent=sent)

    def _put(self, number: int, **changes: Any) -> Transfer | None:
        """The transfer with `changes`; None: it was cleared meanwhile."""
        before = self.get(number)
        if before is None:
            return None
        after = replace(before, **changes)
        self.transfers.set(tuple(after if transfer is before else transfer for transfer in self.transfers.value))
        return after


def _why(error: Exception) -> str:
    failure = error.failure if isinstance(error, FailureError) else failure_of(error)
    return " ".join(part for part in (failure.what, failure.next) if part)

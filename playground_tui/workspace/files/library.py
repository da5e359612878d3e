"""The files and vector stores of the present server, for the screens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import as_dict, as_text
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.files.api import FilesApi
from playground_tui.workspace.files.cited import Citations, code_files_in, stores_in
from playground_tui.workspace.files.names import open_new, safe_name
from playground_tui.workspace.files.stores import Stores
from playground_tui.workspace.files.uploads import Uploads
from playground_tui.workspace.files.values import FileListing, FileRow, StoreRow, Transfer, file_row
from playground_tui.workspace.subject import Subject

if TYPE_CHECKING:
    import openai

MOST_FILES: Final = 5000
MOST_LOOKED_INTO: Final = 300
"""Vector stores whose files are read to say what a file is used by, those used last first."""
AT_ONCE: Final = 8
MOST_THREADS: Final = 300
"""Of the server, where it lists them."""
MOST_OF_STORE: Final = 1000
LONGEST_TITLE: Final = 40


@dataclass(frozen=True, slots=True)
class Ground:
    """What it stands on."""

    api: Callable[[], Awaitable[openai.AsyncOpenAI]]
    clock: Clock
    owners: Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
    """The assistants as far as they are known here, the open draft included: objects with `name` and
    `tool_resources`."""
    lack: Callable[[str], None]
    """Remember that the server lacks `files` or `vector_stores`."""


class Library:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.files: Subject[FileListing] = Subject(FileListing())
        self.stores = Stores(self._api, ground.clock, self._names, lambda _: ground.lack("vector_stores"))
        self.uploads = Uploads(self._api, self._arrived)
        self.citations = Citations(self._api, self.name_of)
        self._asking: asyncio.Task[None] | None = None

    # -- files ---------------------------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Never raises: what fails is in the listings."""
        await asyncio.gather(self._refresh_files(), self.stores.refresh())
        await self.find_uses()

    async def _refresh_files(self) -> None:
        try:
            raw, _ = await (await self._api()).files(MOST_FILES)
        except Exception as error:
            self.files.set(replace(self.files.value, failure=self._failure(error), loaded=True))
            return
        self.files.set(replace(self.files.value, rows=tuple(map(file_row, raw)), failure=None, loaded=True))

    async def name_of(self, file_id: str) -> str:
        """Empty when it is not known."""
        if name := self._names().get(file_id, ""):
            return name
        try:
            return as_text((await (await self._api()).file(file_id)).get("filename"))
        except Exception as error:
            failure_of(error)
            return ""

    async def delete_file(self, file_id: str) -> None:
        """Also out of every vector store. Raises FailureError."""
        try:
            await (await self._api()).delete_file(file_id)
        except Exception as error:
            raise FailureError(self._failure(error)) from error
        rows = tuple(row for row in self.files.value.rows if row.id != file_id)
        self.files.set(replace(self.files.value, rows=rows))
        await self.stores.refresh()
        if (opened := self.stores.opened.value) is not None:
            await self.stores.open(opened.store_id)

    async def download(self, file_id: str, folder: Path, name: str = "") -> Path:
        """Save it into `folder` under its own name, made safe; where that is taken it gets a number. Where it went.
        Raises FailureError; nothing half stays behind."""
        wanted = safe_name(name or await self.name_of(file_id), file_id)
        try:
            async with (await self._api()).content(file_id) as pieces:
                path, target = await asyncio.to_thread(_open, folder, wanted)
                await self._save(pieces, path, target)
        except Exception as error:
            raise FailureError(self._failure(error)) from error
        return path

    async def _save(self, pieces: Any, path: Path, target: BinaryIO) -> None:
        try:
            with target:
                async for piece in pieces:
                    await asyncio.to_thread(target.write, piece)
        except BaseException:
            _drop(path)
            raise

    async def thread_indexed(self, thread_id: str) -> None:
        """Wait until the files attached to a thread's messages are indexed, or could not be. Never raises."""
        try:
            stores = stores_in(await (await self._api()).thread(thread_id))
        except Exception as error:
            failure_of(error)
            return
        for store_id in stores:
            await self.stores.read(store_id)
            await self.stores.until_indexed(store_id)

    # -- what uses what ------------------------------------------------------------------------------------------------

    async def find_uses(self) -> None:
        """Fill in `used_by` of both listings. Never raises."""
        files: dict[str, list[str]] = {}
        stores: dict[str, list[str]] = {}
        for name, owner in [*await self._assistants(), *await self._threads()]:
            for store_id in stores_in(owner):
                stores.setdefault(store_id, []).append(name)
            for file_id in code_files_in(owner):
                files.setdefault(file_id, []).append(f"code interpreter of {name}")
        turns = asyncio.Semaphore(AT_ONCE)
        rows = sorted(self.stores.listing.value.rows, key=lambda row: -row.used_at)[:MOST_LOOKED_INTO]
        found = await asyncio.gather(*(self._files_of(row, turns) for row in rows))
        for row, file_ids in zip(rows, found, strict=True):
            named = f"store {row.name}" if row.name else ", ".join(stores.get(row.id, [])) or f"store {row.id}"
            for file_id in file_ids:
                files.setdefault(file_id, []).append(named)
        self.files.set(replace(self.files.value, used_by=_frozen(files)))
        self.stores.listing.set(replace(self.stores.listing.value, used_by=_frozen(stores)))

    async def _assistants(self) -> list[tuple[str, dict[str, Any]]]:
        owners = await self._ground.owners()
        return [(as_text(owner.get("name")) or "an unnamed assistant", dict(owner)) for owner in owners]

    async def _threads(self) -> list[tuple[str, dict[str, Any]]]:
        """None where the server has no list of them."""
        try:
            raw, _ = await (await self._api()).threads(MOST_THREADS)
        except Exception as error:
            failure_of(error)
            return []
        return [(f"thread {_title(thread)}", thread) for thread in raw if thread.get("tool_resources")]

    async def _files_of(self, row: StoreRow, turns: asyncio.Semaphore) -> list[str]:
        if not row.total or row.status == "expired":
            return []
        try:
            async with turns:
                raw, _ = await (await self._api()).store_files(row.id, MOST_OF_STORE)
        except Exception as error:
            failure_of(error)
            return []
        return [as_text(item.get("id")) for item in raw]

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _api(self) -> FilesApi:
        return FilesApi(await self._ground.api())

    def _names(self) -> Mapping[str, str]:
        return {row.id: row.name for row in self.files.value.rows}

    def _arrived(self, transfer: Transfer) -> None:
        row = FileRow(transfer.file_id, transfer.name, transfer.size, created_at=self._now())
        known = any(old.id == row.id for old in self.files.value.rows)
        if not known:
            self.files.set(replace(self.files.value, rows=(row, *self.files.value.rows)))
        if transfer.store_id:
            self.stores.added(transfer.store_id)
        if not self.uploads.under_way and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self.refresh())

    def _now(self) -> int:
        return int(self._ground.clock.now().timestamp())

    def _failure(self, error: Exception) -> Failure:
        failure = failure_of(error)
        if failure.kind in ("unsupported", "retired"):
            self._ground.lack("files")
            what = "This server keeps no files."
            return replace(
                failure,
                kind="unsupported",
                what=what,
                next="The local server does: change the server under Connections.",
            )
        return failure

    async def close(self) -> None:
        await self.uploads.close()
        await self.stores.close()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])


def _open(folder: Path, name: str) -> tuple[Path, BinaryIO]:
    folder = folder.expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return open_new(folder, name)


def _title(thread: dict[str, Any]) -> str:
    title = as_text(as_dict(thread.get("metadata")).get("title")) or as_text(thread.get("id"))
    return f"“{title[:LONGEST_TITLE]}”"


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


def _frozen(found: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(names)) for key, names in found.items()}

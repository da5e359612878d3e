"""All files and vector stores of one service: their contents on disk, their indexing, and what may be forgotten."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

from playground_tui.limits.file_bodies import MAX_IMAGE_BYTES
from playground_tui.service.config import ServiceConfig
from playground_tui.service.engines.base import Engine, EngineError, HoldsFiles
from playground_tui.service.errors import ApiError, not_found
from playground_tui.service.files.extractor import Extractor
from playground_tui.service.files.filters import Fits
from playground_tui.service.files.folder import Folder, clean_name
from playground_tui.service.files.indexer import Indexer
from playground_tui.service.files.search import Hit, search
from playground_tui.service.files.upload import Upload, disk_error
from playground_tui.service.ids import new_id
from playground_tui.service.store import FILES, Connection, Database, chunks, files, objects, vector_stores
from playground_tui.service.store.objects import Object
from playground_tui.settings.model import Provider

OUTPUT_PATIENCE: Final = 60.0
"""Seconds that someone who asks for a file waits while it is being fetched from a model endpoint."""
LENT: Final = 14 * 86_400
"""Seconds that a model endpoint keeps its copy of a file."""
_IMAGES: Final = {b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
log = logging.getLogger("playground_tui.service.files")


class Library:
    """`start` after the database is open, `close` before it is."""

    def __init__(self, db: Database, config: ServiceConfig, extractor: Extractor | None = None) -> None:
        self._db, self._config = db, config
        self.folder = Folder(config.paths.files)
        self.indexer = Indexer(db, self.folder.path, config.paths.locks, extractor)
        self._arriving: dict[str, asyncio.Task[None]] = {}
        self._tidying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises OSError, `StoreError`."""
        await self.forget_expired()
        self.indexer.start()
        self._tidying = asyncio.create_task(self._tidy(), name="tidy files")

    async def close(self) -> None:
        tasks = [*self._arriving.values(), *filter(None, (self._tidying,))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.indexer.close()

    def now(self) -> int:
        return int(self._config.clock())

    # -- files ---------------------------------------------------------------------------------------------------------

    async def keep(self, upload: Upload, purpose: str, lifetime: int | None) -> Object:
        """Raises `StoreError`."""
        return await self._keep(upload, new_id("file"), purpose, lifetime)

    async def _keep(self, upload: Upload, file_id: str, purpose: str, lifetime: int | None) -> Object:
        now = self.now()
        file: Object = {
            "id": file_id,
            "object": "file",
            "bytes": upload.incoming.size,
            "created_at": now,
            "filename": upload.name,
            "purpose": purpose,
            "status": "processed",
        }
        if lifetime is not None:
            file["expires_at"] = now + lifetime
        try:
            await asyncio.to_thread(self.folder.keep, upload.incoming, file_id)
            await self._db.write(lambda conn: objects.insert(conn, FILES, file))
        except OSError as error:
            raise disk_error(error) from error
        return file

    async def delete(self, file_id: str) -> None:
        """From every vector store too. Raises the API's 404."""
        if not await self._db.write(lambda conn: files.delete(conn, file_id)):
            raise not_found(FILES.noun, file_id)
        await asyncio.to_thread(self.folder.remove, file_id)
        self.indexer.wake()

    async def content(self, file_id: str) -> tuple[Object, Path]:
        """A file and where its content lies. Waits for one that is still arriving. Raises the API's 404."""
        await self.arrived(file_id)
        file = await self._db.read(lambda conn: files.require(conn, file_id, self.now()))
        path = self.folder.path(file_id)
        if path is None or not await asyncio.to_thread(path.is_file):
            raise ApiError(404, f"The content of the file '{file_id}' is gone.", code="content_missing")
        return file, path

    def image_url(self, file_id: str) -> str | None:
        """A picture as a data URL; None for what is no picture here or is too large. Blocks."""
        path = self.folder.path(file_id)
        try:
            if path is None or path.stat().st_size > MAX_IMAGE_BYTES:
                return None
            data = path.read_bytes()
        except OSError:
            return None
        kind = next((kind for magic, kind in _IMAGES.items() if data.startswith(magic)), None)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            kind = "image/webp"
        return None if kind is None else f"data:{kind};base64,{base64.b64encode(data).decode()}"

    # -- files that a model endpoint made ------------------------------------------------------------------------------

    def fetch(self, file_id: str, name: str, source: AsyncIterator[bytes]) -> None:
        """Keep a copy under the endpoint's own id, since the endpoint forgets its files. Does not wait."""
        if file_id in self._arriving or self.folder.path(file_id) is None:
            return
        task = asyncio.create_task(self._fetch(file_id, name, source), name=f"fetch {file_id}")
        self._arriving[file_id] = task
        task.add_done_callback(lambda _: self._arriving.pop(file_id, None))

    async def arrived(self, file_id: str) -> None:
        if task := self._arriving.get(file_id):
            await asyncio.wait((task,), timeout=OUTPUT_PATIENCE)

    async def _fetch(self, file_id: str, name: str, source: AsyncIterator[bytes]) -> None:
        incoming = self.folder.begin()
        try:
            async for block in source:
                await asyncio.to_thread(incoming.write, block)
                if incoming.size > self._config.max_file_bytes:
                    raise OSError("too large")
            await asyncio.to_thread(incoming.finish)
            await self._keep(Upload(incoming, clean_name(name)), file_id, "assistants_output", None)
        except BaseException as error:
            await asyncio.to_thread(incoming.drop)
            log.warning("a file of a model endpoint could not be fetched: %s", type(error).__name__)
            if not isinstance(error, Exception):
                raise

    async def lend(self, engine: Engine, provider: Provider, file_ids: Sequence[str]) -> tuple[str, ...]:
        """The files as the provider's endpoint knows them; what it does not have yet is sent there. Raises
        `EngineError`, `StoreError`."""
        if not isinstance(engine, HoldsFiles):
            return ()
        return tuple([await self._lend(engine, f"{provider.id} {provider.base_url}", one) for one in file_ids])

    async def _lend(self, engine: HoldsFiles, endpoint: str, file_id: str) -> str:
        now = self.now()
        known = await self._db.read(lambda conn: files.lent(conn, file_id, endpoint, now))
        if known is not None:
            return known
        try:
            file, path = await self.content(file_id)
        except ApiError as error:
            raise EngineError(error.message, code="invalid_prompt") from error
        remote_id = await engine.upload(path, file["filename"], LENT)
        await self._db.write(lambda conn: files.lend(conn, file_id, endpoint, remote_id, now + LENT - LENT // 10))
        return remote_id

    # -- vector stores -------------------------------------------------------------------------------------------------

    async def search(
        self,
        store_ids: Sequence[str],
        queries: Sequence[str],
        most: int,
        threshold: float = 0.0,
        fits: Fits | None = None,
    ) -> list[Hit]:
        """Raises the API's 404, and 400 for an expired store."""
        now = self.now()

        def find(conn: Connection) -> list[Hit]:
            for store_id in store_ids:
                vector_stores.require_live(conn, store_id, now)
            return search(conn, store_ids, queries, most, threshold, fits)

        def touch(conn: Connection) -> None:
            for store_id in store_ids:
                vector_stores.touch(conn, store_id, now)

        found = await self._db.read(find)
        await self._db.write(touch, durable=False)
        return found

    # -- what may be forgotten -----------------------------------------------------------------------------------------

    async def forget_expired(self) -> None:
        """Before files are listed."""
        now = self.now()
        gone = await self._db.read(lambda conn: files.expired(conn, now))
        for file_id in gone:
            await self._forget(file_id)

    async def _forget(self, file_id: str) -> None:
        await self._db.write(lambda conn: files.delete(conn, file_id))
        await asyncio.to_thread(self.folder.remove, file_id)

    async def _tidy(self) -> None:
        """Once at start: contents without a row, and passages of stores that have expired."""
        now = self.now()
        await self._db.write(lambda conn: chunks.forget_expired(conn, now))
        self.indexer.wake()
        old: list[Any] = await asyncio.to_thread(self.folder.old_ids)
        for file_id in await self._db.read(lambda conn: files.missing(conn, old)):
            await asyncio.to_thread(self.folder.remove, file_id)

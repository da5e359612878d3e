"""Indexing under trouble: restarts, deletions, files of every sort, two services on one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import openai
import pytest

from playground_tui.service.files.extractor import ExtractionError, Extractor
from playground_tui.service.files.library import Library
from playground_tui.service.files.upload import Upload
from playground_tui.service.store import Connection, Database, chunks, store_files, vector_stores
from playground_tui.service.store.objects import Object, PageQuery
from tests.service_runs.bench import eventually
from tests.support.carried import service_config
from tests.support.pdf import make_pdf


class Scripted(Extractor):
    """Gives chunks that a test lets through one by one; remembers which files it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed = asyncio.Semaphore(0)
        self.names: list[str] = []
        self.failure: Exception | None = None

    async def chunks(self, path: Path, name: str, size: int, overlap: int) -> AsyncGenerator[dict[str, Any]]:
        self.names.append(name)
        for n in range(70):
            if n == 40:
                await self.allowed.acquire()
                if self.failure:
                    raise self.failure
            yield {"text": f"words number {n} of {name}", "start": n * 30, "tokens": 6, "pages": []}


class Desk:
    """A library on a database of its own, or on a shared one."""

    def __init__(self, home: Path) -> None:
        self.config = service_config(home)
        self.config.paths.make()
        self.extractor = Scripted()

    async def open(self) -> Desk:
        self.db = Database(self.config.paths.service_db)
        await self.db.open()
        self.library = Library(self.db, self.config, self.extractor)
        await self.library.start()
        return self

    async def close(self) -> None:
        await self.library.close()
        await self.db.close()

    async def die(self) -> None:
        """As if the process were killed."""
        self.library.indexer._task.cancel()
        self.library._tidying.cancel()
        await asyncio.sleep(0)
        await self.extractor.close()
        self.library.indexer._ownership.release()
        await self.db.close()

    async def file(self, name: str = "a.txt") -> str:
        incoming = self.library.folder.begin()
        incoming.finish()
        return str((await self.library.keep(Upload(incoming, name), "assistants", None))["id"])

    async def store(self, *file_ids: str) -> str:
        def make(conn: Connection) -> str:
            from playground_tui.service.files.attachments import add_store

            return str(add_store(conn, {"file_ids": list(file_ids)}, 1)["id"])

        store_id = await self.db.write(make)
        self.library.indexer.wake()
        return store_id

    async def files_of(self, store_id: str) -> list[Object]:
        query = PageQuery(limit=100, order="asc")
        return (await self.db.read(lambda conn: store_files.page(conn, query, vector_store_id=store_id))).objects()

    async def until(self, store_id: str, *statuses: str) -> list[Object]:
        return await eventually(
            lambda: self.files_of(store_id), lambda files: [file["status"] for file in files] == list(statuses)
        )

    async def rows(self, table: str) -> int:
        return await self.db.read(lambda conn: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    async def half_done(self) -> None:
        """The first file's first passages are stored."""
        await eventually(lambda: self.rows("chunks"), lambda count: count >= 32)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    desk = await Desk(tmp_path).open()
    yield desk
    await desk.close()


@pytest.mark.parametrize("killed", [True, False])
async def test_a_restart_in_the_middle_takes_it_up_again(tmp_path: Path, killed: bool) -> None:
    first = await Desk(tmp_path).open()
    store_id = await first.store(await first.file("a.txt"), await first.file("b.txt"))
    await first.half_done()
    await (first.die() if killed else first.close())
    second = await Desk(tmp_path).open()
    try:
        second.extractor.allowed.release()
        second.extractor.allowed.release()
        await second.until(store_id, "completed", "completed")
        assert second.extractor.names == ["a.txt", "b.txt"]
        await eventually(lambda: second.rows("chunks"), lambda count: count == 140)
        assert await second.rows("chunks_index") == 140
        assert await second.rows("docs") == 2
    finally:
        await second.close()


async def test_passages_of_a_half_indexed_file_are_not_found(desk: Desk) -> None:
    store_id = await desk.store(await desk.file())
    await desk.half_done()
    assert await desk.library.search((store_id,), ["words"], 10) == []
    desk.extractor.allowed.release()
    await desk.until(store_id, "completed")
    assert len(await desk.library.search((store_id,), ["words"], 10)) == 10


async def test_a_file_deleted_while_it_is_indexed_is_gone(desk: Desk) -> None:
    file_id = await desk.file()
    store_id = await desk.store(file_id, await desk.file("b.txt"))
    await desk.half_done()
    await desk.library.delete(file_id)
    desk.extractor.allowed.release()
    desk.extractor.allowed.release()
    await desk.until(store_id, "completed")
    await eventually(lambda: desk.rows("chunks"), lambda count: count == 70)
    assert {hit.name for hit in await desk.library.search((store_id,), ["words"], 50)} == {"b.txt"}


async def test_a_store_deleted_while_it_is_indexed_leaves_nothing(desk: Desk) -> None:
    store_id = await desk.store(await desk.file())
    await desk.half_done()
    await desk.db.write(lambda conn: conn.execute("DELETE FROM vector_stores WHERE id = ?", (store_id,)) and None)
    desk.extractor.allowed.release()
    desk.library.indexer.wake()
    await eventually(lambda: desk.rows("chunks_index"), lambda count: count == 0)
    assert await desk.rows("docs") == 0


async def test_a_file_added_anew_wins_over_what_was_being_made(desk: Desk) -> None:
    file_id = await desk.file()
    store_id = await desk.store(file_id)
    await desk.half_done()
    again = {"file_id": file_id, "attributes": {"n": 2}}
    await desk.db.write(lambda conn: store_files.add(conn, store_id, again, 2))
    desk.library.indexer.wake()
    desk.extractor.allowed.release()
    desk.extractor.allowed.release()
    (file,) = await desk.until(store_id, "completed")
    assert file["attributes"] == {"n": 2}
    await eventually(lambda: desk.rows("chunks"), lambda count: count == 70)


@pytest.mark.parametrize(
    ("failure", "code"), [(ExtractionError("No.", "invalid_file"), "invalid_file"), (KeyError("x"), "server_error")]
)
async def test_one_failure_does_not_stop_the_rest(desk: Desk, failure: Exception, code: str) -> None:
    desk.extractor.failure = failure
    store_id = await desk.store(await desk.file(), await desk.file("b.txt"))
    desk.extractor.allowed.release()
    await eventually(lambda: desk.files_of(store_id), lambda files: files[0]["status"] == "failed")
    desk.extractor.failure = None
    desk.extractor.allowed.release()
    failed, good = await desk.until(store_id, "failed", "completed")
    assert failed["last_error"]["code"] == code
    assert good["last_error"] is None
    await eventually(lambda: desk.rows("chunks"), lambda count: count == 70)


async def test_two_services_share_the_work(tmp_path: Path, desk: Desk) -> None:
    other = await Desk(tmp_path).open()
    try:
        store_id = await desk.store(await desk.file("a.txt"), await desk.file("b.txt"))
        await desk.half_done()
        other.library.indexer.wake()
        await eventually(lambda: desk.rows("docs"), lambda count: count == 2)
        for one in (desk, other):
            one.extractor.allowed.release()
        await desk.until(store_id, "completed", "completed")
        assert desk.extractor.names == ["a.txt"]
        assert other.extractor.names == ["b.txt"]
    finally:
        await other.close()


async def test_contents_that_nothing_names_are_removed_once_they_are_old(tmp_path: Path) -> None:
    import os

    desk = await Desk(tmp_path).open()
    kept = await desk.file()
    await desk.close()
    for name in ("file-lost", ".file-half.part", "file-young"):
        (desk.library.folder.root / name).write_bytes(b"x")
    for name in ("file-lost", ".file-half.part", kept):
        os.utime(desk.library.folder.root / name, (1, 1))
    again = await Desk(tmp_path).open()
    try:
        left = {kept, "file-young"}
        await eventually(lambda: asyncio.to_thread(os.listdir, again.library.folder.root), lambda n: set(n) == left)
    finally:
        await again.close()


async def test_an_expired_store_lets_go_of_its_passages(tmp_path: Path) -> None:
    desk = await Desk(tmp_path).open()
    desk.extractor.allowed.release()
    store_id = await desk.store(await desk.file())
    await desk.until(store_id, "completed")

    def expire(conn: Connection) -> None:
        from playground_tui.service.store import VECTOR_STORES, objects

        after = {"expires_after": {"anchor": "last_active_at", "days": 1}}
        objects.update(
            conn, VECTOR_STORES, vector_stores.changed(objects.require(conn, VECTOR_STORES, store_id), after)
        )

    await desk.db.write(expire)
    await desk.close()
    again = await Desk(tmp_path).open()
    try:
        await eventually(lambda: again.rows("chunks"), lambda count: count == 0)
        assert await again.db.read(lambda conn: chunks.has_garbage(conn)) is False
    finally:
        await again.close()


@pytest.mark.slow
async def test_two_hundred_files_of_every_sort(client: openai.AsyncOpenAI) -> None:
    odd = {
        "broken.pdf": b"%PDF-1.4\n1 0 obj\n<< /Type",
        "empty.md": b"",
        "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "program.csv": b"\x7fELF" + bytes(range(256)),
        "scan.pdf": make_pdf([""]),
    }
    texts = {
        "md": "# Notes {n}\n\nThe code word of note {n} is zebra{n}x.",
        "json": '{{"note": {n}, "word": "zebra{n}x"}}',
        "csv": "note,word\n{n},zebra{n}x\n",
        "html": "<html><body><p>The word is <b>zebra{n}x</b></p></body></html>",
        "py": "def note_{n}():\n    return 'zebra{n}x'\n",
        "ü.txt": "zebra{n}x ünd möre",
    }
    kinds = list(texts)
    files = dict(odd)
    for n in range(200 - len(odd)):
        kind = kinds[n % len(kinds)]
        files[f"{n}.{kind}"] = texts[kind].format(n=n).encode()
    store = await client.vector_stores.create()
    batch = await client.vector_stores.file_batches.upload_and_poll(
        store.id, files=list(files.items()), max_concurrency=8
    )
    assert (batch.file_counts.total, batch.file_counts.failed) == (200, len(odd))
    assert batch.file_counts.completed == 200 - len(odd)
    failed = [f async for f in client.vector_stores.files.list(store.id, filter="failed")]
    assert {f.last_error.code for f in failed} == {"invalid_file", "unsupported_file"}
    for n in (0, 57, 123, 194):
        page = await client.vector_stores.search(store.id, query=f"zebra{n}x", max_num_results=3)
        assert [hit.filename for hit in page.data] == [f"{n}.{kinds[n % len(kinds)]}"]

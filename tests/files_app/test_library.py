from __future__ import annotations

from pathlib import Path

import httpx2
import openai
import pytest

from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.files.values import Transfer
from tests.files_app.conftest import LIMIT, World, write
from tests.support.pdf import make_pdf
from tests.support.wait import wait_until

REFUNDS = "Annual plans can be refunded within 30 days. Monthly plans cannot be refunded."


async def test_a_file_is_sent_with_its_progress_and_listed(world: World, folder: Path) -> None:
    seen: list[Transfer] = []
    world.library.uploads.transfers.watch(lambda transfers: seen.extend(transfers))
    (transfer,) = await world.sent(write(folder, "policy.md", REFUNDS * 3000))
    assert transfer.phase == "done"
    assert transfer.file_id
    phases = [step.phase for step in seen]
    assert list(dict.fromkeys(phases)) == ["waiting", "uploading", "done"]
    assert transfer.sent == transfer.size == len(REFUNDS) * 3000
    await world.library.refresh()
    (row,) = world.library.files.value.rows
    assert (row.name, row.size, row.purpose) == ("policy.md", transfer.size, "assistants")


async def test_a_picture_is_sent_for_models_to_look_at(world: World, folder: Path) -> None:
    await world.sent(write(folder, "cat.png", b"\x89PNG\r\n\x1a\nrest"))
    await world.library.refresh()
    assert [row.purpose for row in world.library.files.value.rows] == ["vision"]


async def test_what_cannot_go_is_refused_before_it_is_sent_and_the_rest_goes(world: World, folder: Path) -> None:
    store_id = await world.library.stores.create("Handbook")
    sparse = folder / "huge.txt"
    with sparse.open("wb") as file:
        file.truncate(600 * 1024**2)
    paths = [
        write(folder, "good.md", REFUNDS),
        write(folder, "empty.md", ""),
        sparse,
        write(folder, "binary.txt", b"\x00\x01\x02" * 100),
        write(folder, "named.pdf", "not a PDF"),
        write(folder, "cat.png", b"\x89PNG\r\n\x1a\nrest"),
        folder / "missing.md",
        write(folder, "over.md", "word " * (LIMIT // 4)),
    ]
    transfers = await world.sent(*paths, store_id=store_id)
    assert [t.phase for t in transfers] == ["done", *["failed"] * 7]
    said = [t.why for t in transfers[1:]]
    for words, sentence in zip(
        ("it is empty", "larger than 512 MB", "binary file", "named as a PDF", "no text", "no such file", "refused"),
        said,
        strict=True,
    ):
        assert words in sentence
    await world.library.stores.until_indexed(store_id)
    row = world.library.stores.listing.value.get(store_id)
    assert row is not None
    assert (row.total, row.completed) == (1, 1)


async def test_a_broken_file_is_told_by_the_store_with_its_reason(world: World, folder: Path) -> None:
    store_id = await world.library.stores.create("Handbook")
    await world.library.stores.open(store_id)
    pages = [f"Chapter {n}." for n in range(20)]
    await world.sent(
        write(folder, "broken.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type"),
        write(folder, "manual.pdf", make_pdf(pages)),
        store_id=store_id,
    )
    await world.library.stores.until_indexed(store_id)
    opened = world.library.stores.opened
    await wait_until(lambda: opened.value and {f.status for f in opened.value.rows} == {"failed", "completed"})
    assert opened.value is not None
    failed, fine = opened.value.rows
    assert failed.name == "broken.pdf"
    assert "PDF" in failed.why
    assert fine.name == "manual.pdf"


async def test_a_search_by_hand_tells_score_file_and_page(world: World, folder: Path) -> None:
    store_id = await world.library.stores.create("Handbook")
    pages = [f"Chapter {n}. Ordinary words about nothing at all." * 30 for n in range(30)]
    pages[17] = "The zeppelin maintenance interval is forty hours."
    await world.sent(write(folder, "manual.pdf", make_pdf(pages)), store_id=store_id)
    await world.library.stores.until_indexed(store_id)
    best, *_ = await world.library.stores.search(store_id, "zeppelin maintenance")
    assert best.name == "manual.pdf"
    assert best.score > 0.3
    assert best.page in range(16, 20)
    assert "zeppelin" in best.text


async def test_cancelled_files_stop_and_can_be_tried_again(world: World, folder: Path) -> None:
    paths = [write(folder, f"{n}.md", REFUNDS) for n in range(20)]
    uploads = world.library.uploads
    numbers = uploads.add(paths)
    uploads.cancel(numbers[-1])
    transfers = await uploads.wait(numbers)
    assert [t.phase for t in transfers] == [*["done"] * 19, "cancelled"]
    uploads.retry(numbers[-1])
    (again,) = await uploads.wait(numbers[-1:])
    assert again.phase == "done"
    uploads.clear()
    assert uploads.transfers.value == ()


async def test_cancelling_all_ends_all(world: World, folder: Path) -> None:
    uploads = world.library.uploads
    uploads.add(write(folder, f"{n}.md", REFUNDS) for n in range(20))
    uploads.cancel()
    assert {t.phase for t in uploads.transfers.value} == {"cancelled"}
    assert not uploads.under_way


async def test_used_by_names_stores_and_assistants(world: World, folder: Path) -> None:
    store_id = await world.library.stores.create("Handbook")
    (transfer,) = await world.sent(write(folder, "policy.md", REFUNDS), store_id=store_id)
    world.owners = [
        {"name": "Bot", "tool_resources": {"file_search": {"vector_store_ids": [store_id]}}},
        {"name": "Coder", "tool_resources": {"code_interpreter": {"file_ids": [transfer.file_id]}}},
    ]
    await world.library.refresh()
    assert world.library.stores.listing.value.used_by == {store_id: ("Bot",)}
    used = world.library.files.value.used_by[transfer.file_id]
    assert set(used) == {"store Handbook", "code interpreter of Coder"}


async def test_a_download_gets_a_safe_name_and_writes_over_nothing(
    world: World, client: openai.AsyncOpenAI, tmp_path: Path
) -> None:
    file = await client.files.create(file=("..evil\u202efdp.txt", b"first"), purpose="assistants")
    target = tmp_path / "downloads"
    first = await world.library.download(file.id, target)
    second = await world.library.download(file.id, target)
    assert first.parent == second.parent == target
    assert first.name.startswith("_")
    assert "\u202e" not in first.name
    assert second.stem == f"{first.stem} (2)"
    assert first.read_bytes() == second.read_bytes() == b"first"


async def test_a_download_that_fails_leaves_nothing(world: World, tmp_path: Path) -> None:
    with pytest.raises(FailureError):
        await world.library.download("file-missing", tmp_path / "downloads")
    assert not list(tmp_path.glob("downloads/*"))


async def test_expiry_renaming_and_deleting(world: World, folder: Path) -> None:
    stores = world.library.stores
    store_id = await stores.create("Handbook", days=3)
    row = stores.listing.value.get(store_id)
    assert row is not None
    assert row.days == 3
    assert row.expires_at
    await stores.set_expiry(store_id, 0)
    await stores.rename(store_id, "Manuals")
    row = stores.listing.value.get(store_id)
    assert row is not None
    assert (row.days, row.expires_at, row.name) == (0, 0, "Manuals")
    (transfer,) = await world.sent(write(folder, "policy.md", REFUNDS), store_id=store_id)
    await stores.until_indexed(store_id)
    await stores.open(store_id)
    await stores.remove_file(store_id, transfer.file_id)
    assert stores.opened.value is not None
    assert stores.opened.value.rows == ()
    await world.library.delete_file(transfer.file_id)
    assert world.library.files.value.rows == ()
    await stores.delete(store_id)
    assert stores.listing.value.rows == ()


async def test_a_store_deleted_elsewhere_while_it_is_indexed_ends_the_following(world: World, folder: Path) -> None:
    stores = world.library.stores
    store_id = await stores.create("Handbook")
    await world.client.vector_stores.delete(store_id)
    stores.added(store_id)
    await stores.until_indexed(store_id)
    assert stores.listing.value.get(store_id) is None


async def test_a_server_without_files_is_said_once_in_words() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, json={"detail": "Not Found"})

    client = openai.AsyncOpenAI(
        api_key="none",
        base_url="http://server.test/v1",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(answer)),
    )
    async with client:
        world = World(client)
        await world.library.refresh()
        assert world.lacking == {"files", "vector_stores"}
        failure = world.library.files.value.failure
        assert failure is not None
        assert failure.what == "This server keeps no files."
        assert world.library.stores.listing.value.failure is not None
        with pytest.raises(FailureError, match="offers no vector stores"):
            await world.library.stores.create("Handbook")
        await world.library.close()


async def test_used_by_names_threads_and_every_store(world: World, folder: Path) -> None:
    (sent,) = await world.sent(write(folder, "policy.md", REFUNDS))
    attachment = {"file_id": sent.file_id, "tools": [{"type": "file_search"}, {"type": "code_interpreter"}]}
    await world.client.beta.threads.create(
        messages=[{"role": "user", "content": "Look", "attachments": [attachment]}], metadata={"title": "Refunds"}
    )
    for number in range(30):
        await world.client.vector_stores.create(name=f"Shelf {number}", file_ids=[sent.file_id])
    await world.library.refresh()
    used = world.library.files.value.used_by[sent.file_id]
    assert {"thread “Refunds”", "code interpreter of thread “Refunds”", "store Shelf 0", "store Shelf 29"} <= set(used)
    assert ("thread “Refunds”",) in world.library.stores.listing.value.used_by.values()
    listing = world.library.stores.listing.value
    assert {listing.name_of(row) for row in listing.rows if not row.name} == {"thread “Refunds”"}

"""`client.vector_stores` against the service."""

import httpx2
import openai
import pytest

from tests.service_files.conftest import Clock
from tests.support.pdf import make_pdf

DAY = 86_400
REFUNDS = b"Annual plans can be refunded within 30 days. Monthly plans cannot be refunded."
SHIPPING = b"Parcels to Norway take five working days and are insured."


async def stored(client: openai.AsyncOpenAI, *files: tuple[str, bytes], **more: object) -> str:
    """A store with these files, indexed."""
    store = await client.vector_stores.create(**more)
    for file in files:
        await client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=file)
    return store.id


async def test_a_store_through_its_life(client: openai.AsyncOpenAI) -> None:
    file = await client.files.create(file=("a.txt", REFUNDS), purpose="assistants")
    store = await client.vector_stores.create(
        name="Policies", description="All of them", file_ids=[file.id], metadata={"team": "support"}
    )
    assert (store.name, store.metadata, store.file_counts.total) == ("Policies", {"team": "support"}, 1)
    assert store.status == "in_progress"
    await client.vector_stores.files.poll(file.id, vector_store_id=store.id)
    store = await client.vector_stores.retrieve(store.id)
    assert (store.status, store.file_counts.completed, store.usage_bytes) == ("completed", 1, len(REFUNDS))
    changed = await client.vector_stores.update(store.id, name="Rules", metadata={})
    assert (changed.name, changed.metadata, changed.file_counts.completed) == ("Rules", {}, 1)
    other = await client.vector_stores.create()
    assert [s.id async for s in client.vector_stores.list(limit=1, order="asc")] == [store.id, other.id]
    gone = await client.vector_stores.delete(store.id)
    assert (gone.id, gone.deleted) == (store.id, True)
    with pytest.raises(openai.NotFoundError):
        await client.vector_stores.retrieve(store.id)
    assert (await client.files.retrieve(file.id)).id == file.id


async def test_a_file_in_a_store(client: openai.AsyncOpenAI) -> None:
    store_id = await stored(client)
    file = await client.files.create(file=("a.txt", b"word " * 3000), purpose="assistants")
    chunking = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}}
    made = await client.vector_stores.files.create_and_poll(
        file.id, vector_store_id=store_id, attributes={"year": 2026, "open": True}, chunking_strategy=chunking
    )
    assert (made.status, made.last_error, made.attributes) == ("completed", None, {"year": 2026, "open": True})
    assert made.chunking_strategy.static.max_chunk_size_tokens == 100
    assert made.usage_bytes > 15_000
    content = await client.vector_stores.files.content(file.id, vector_store_id=store_id)
    assert content.data[0].text == ("word " * 3000).strip()
    changed = await client.vector_stores.files.update(file.id, vector_store_id=store_id, attributes={"year": 2027})
    assert (changed.attributes, changed.status) == ({"year": 2027}, "completed")
    assert [f.id async for f in client.vector_stores.files.list(store_id, filter="completed")] == [file.id]
    assert [f.id async for f in client.vector_stores.files.list(store_id, filter="failed")] == []
    await client.vector_stores.files.delete(file.id, vector_store_id=store_id)
    with pytest.raises(openai.NotFoundError):
        await client.vector_stores.files.retrieve(file.id, vector_store_id=store_id)
    assert (await client.vector_stores.search(store_id, query="word")).data == []
    assert (await client.files.retrieve(file.id)).id == file.id


async def test_a_file_deleted_leaves_its_stores(client: openai.AsyncOpenAI) -> None:
    store_id = await stored(client, ("a.txt", REFUNDS))
    (file,) = [f async for f in client.vector_stores.files.list(store_id)]
    await client.files.delete(file.id)
    assert (await client.vector_stores.retrieve(store_id)).file_counts.total == 0
    assert (await client.vector_stores.search(store_id, query="refund")).data == []


async def test_what_cannot_be_indexed_says_why(client: openai.AsyncOpenAI) -> None:
    store = await client.vector_stores.create()
    cases = {
        "empty.txt": (b"", "invalid_file", "empty"),
        "notes.txt": (b"\x89PNG\r\n\x1a\n....", "unsupported_file", "PNG"),
        "broken.pdf": (b"%PDF-1.4\nnothing", "invalid_file", "PDF"),
        "good.txt": (REFUNDS, None, None),
    }
    for name, (data, code, says) in cases.items():
        file = await client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=(name, data))
        assert (file.last_error and file.last_error.code) == code
        if says:
            assert file.status == "failed"
            assert says in file.last_error.message
    counts = (await client.vector_stores.retrieve(store.id)).file_counts
    assert (counts.completed, counts.failed, counts.total) == (1, 3, 4)


async def test_batches(client: openai.AsyncOpenAI) -> None:
    store = await client.vector_stores.create()
    files = [(f"{n}.txt", f"This is text {n}.".encode()) for n in range(6)]
    batch = await client.vector_stores.file_batches.upload_and_poll(store.id, files=files)
    assert (batch.status, batch.file_counts.completed) == ("completed", 6)
    ids = {
        f.id async for f in client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id, limit=2)
    }
    assert len(ids) == 6
    first = min(ids)
    again = await client.vector_stores.file_batches.create_and_poll(
        store.id, files=[{"file_id": first, "attributes": {"a": "b"}}]
    )
    assert again.file_counts.total == 1
    assert (await client.vector_stores.files.retrieve(first, vector_store_id=store.id)).attributes == {"a": "b"}


async def test_a_cancelled_batch_stays_unindexed(client: openai.AsyncOpenAI) -> None:
    store = await client.vector_stores.create()
    pdf = await client.files.create(file=("a.pdf", make_pdf(["page"] * 400)), purpose="assistants")
    small = [await client.files.create(file=(f"{n}.txt", b"x"), purpose="assistants") for n in range(3)]
    batch = await client.vector_stores.file_batches.create(store.id, file_ids=[pdf.id, *(f.id for f in small)])
    assert batch.status == "in_progress"
    cancelled = await client.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id)
    assert cancelled.status == "cancelled"
    assert cancelled.file_counts.in_progress == 0
    after = await client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("b.txt", b"late"))
    assert after.status == "completed"
    states = [f.status async for f in client.vector_stores.files.list(store.id, filter="cancelled")]
    assert len(states) == cancelled.file_counts.cancelled


async def test_search(client: openai.AsyncOpenAI) -> None:
    store_id = await stored(client, ("refunds.md", REFUNDS), ("shipping.md", SHIPPING))
    page = await client.vector_stores.search(store_id, query="What is the refund policy for annual plans?")
    assert page.data[0].filename == "refunds.md"
    assert page.data[0].content[0].text == REFUNDS.decode()
    assert 0 < page.data[0].score <= 1
    both = await client.vector_stores.search(store_id, query=["annual refunds", "parcels to Norway"])
    assert {hit.filename for hit in both.data} == {"refunds.md", "shipping.md"}
    assert [hit.score for hit in both.data] == sorted((hit.score for hit in both.data), reverse=True)
    few = await client.vector_stores.search(store_id, query=["refunds", "Norway"], max_num_results=1)
    assert len(few.data) == 1
    sure = await client.vector_stores.search(
        store_id, query="refund for Norwegian parcels", ranking_options={"score_threshold": 0.99}
    )
    assert sure.data == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "a AND OR NOT",
        "text:refund",
        "NEAR(a b)",
        "refund*",
        "-^(){}",
        "'; DROP TABLE chunks",
        "\u0301",
        "🎈",
        "  ",
    ],
)
async def test_a_query_is_never_syntax(client: openai.AsyncOpenAI, query: str) -> None:
    store_id = await stored(client, ("refunds.md", REFUNDS))
    await client.vector_stores.search(store_id, query=query)


async def test_search_without_spaces_between_words(client: openai.AsyncOpenAI) -> None:
    text = "年度计划可以在三十天内退款。月度计划不能退款。", "配送到挪威需要五个工作日。"
    store_id = await stored(client, ("a.txt", text[0].encode()), ("b.txt", text[1].encode()))
    page = await client.vector_stores.search(store_id, query="挪威的配送")
    assert page.data[0].filename == "b.txt"
    assert page.data[0].content[0].text == text[1]
    assert [hit.filename for hit in (await client.vector_stores.search(store_id, query="退款")).data] == ["a.txt"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"type": "eq", "key": "lang", "value": "en"}, {"a", "b"}),
        ({"type": "ne", "key": "lang", "value": "en"}, {"c", "d"}),
        ({"type": "gt", "key": "year", "value": 2024}, {"b", "c"}),
        ({"type": "lte", "key": "year", "value": 2024}, {"a"}),
        ({"type": "in", "key": "lang", "value": ["de", "fr"]}, {"c"}),
        ({"type": "nin", "key": "lang", "value": ["en"]}, {"c", "d"}),
        ({"type": "eq", "key": "open", "value": True}, {"d"}),
        ({"type": "eq", "key": "open", "value": 1}, set()),
        (
            {
                "type": "or",
                "filters": [
                    {"type": "eq", "key": "open", "value": True},
                    {
                        "type": "and",
                        "filters": [
                            {"type": "eq", "key": "lang", "value": "en"},
                            {"type": "gte", "key": "year", "value": 2025},
                        ],
                    },
                ],
            },
            {"b", "d"},
        ),
    ],
)
async def test_filters(client: openai.AsyncOpenAI, filters: dict, found: set[str]) -> None:
    given = {
        "a": {"lang": "en", "year": 2024},
        "b": {"lang": "en", "year": 2025},
        "c": {"lang": "de", "year": 2026.5},
        "d": {"open": True},
    }
    store = await client.vector_stores.create()
    for name, attributes in given.items():
        await client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=(name, b"the same words everywhere"), attributes=attributes
        )
    page = await client.vector_stores.search(store.id, query="same words", filters=filters)
    assert {hit.filename for hit in page.data} == found


async def test_a_store_expires_after_its_last_use(client: openai.AsyncOpenAI, clock: Clock) -> None:
    store = await client.vector_stores.create(expires_after={"anchor": "last_active_at", "days": 2})
    await client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("a.txt", REFUNDS))
    assert (await client.vector_stores.retrieve(store.id)).expires_at == clock.now + 2 * DAY
    clock.now += DAY
    assert (await client.vector_stores.search(store.id, query="refund")).data
    assert (await client.vector_stores.retrieve(store.id)).last_active_at == clock.now
    clock.now += 2 * DAY
    assert (await client.vector_stores.retrieve(store.id)).status == "expired"
    for call in (
        client.vector_stores.search(store.id, query="refund"),
        client.vector_stores.update(store.id, name="x"),
        client.vector_stores.file_batches.create(store.id, file_ids=["file-1"]),
    ):
        with pytest.raises(openai.BadRequestError, match="has expired") as caught:
            await call
        assert caught.value.code == "vector_store_expired"
    assert (await client.vector_stores.delete(store.id)).deleted


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("", {"file_ids": ["x"] * 501}, "file_ids"),
        ("", {"colour": 1}, "colour"),
        ("", {"expires_after": {"anchor": "last_active_at", "days": 366}}, "expires_after.days"),
        ("/{id}/files", {}, "file_id"),
        ("/{id}/files", {"file_id": "f", "attributes": {"a": [1]}}, "attributes.a"),
        ("/{id}/files", {"file_id": "f", "attributes": {str(n): n for n in range(17)}}, "attributes"),
        ("/{id}/file_batches", {}, "file_ids"),
        ("/{id}/file_batches", {"file_ids": ["a"], "files": [{"file_id": "a"}]}, "file_ids"),
        ("/{id}/search", {}, "query"),
        ("/{id}/search", {"query": ""}, "query"),
        ("/{id}/search", {"query": "a", "max_num_results": 51}, "max_num_results"),
        ("/{id}/search", {"query": "a", "filters": {"type": "like", "key": "a", "value": 1}}, "filters.type"),
        (
            "/{id}/search",
            {"query": "a", "filters": {"type": "and", "filters": [{"type": "eq"}]}},
            "filters.filters[0].key",
        ),
        ("/{id}/search", {"query": "a", "filters": {"type": "in", "key": "a", "value": 1}}, "filters.value"),
    ],
)
async def test_a_wrong_value_is_named(raw: httpx2.AsyncClient, path: str, body: dict, param: str) -> None:
    store_id = (await raw.post("/vector_stores", json={})).json()["id"]
    answer = await raw.post("/vector_stores" + path.format(id=store_id), json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_what_is_not_there_is_not_found(client: openai.AsyncOpenAI) -> None:
    store = await client.vector_stores.create()
    for call in (
        client.vector_stores.create(file_ids=["file-none"]),
        client.vector_stores.files.create(store.id, file_id="file-none"),
        client.vector_stores.file_batches.create(store.id, file_ids=["file-none"]),
        client.vector_stores.file_batches.retrieve("vsfb_none", vector_store_id=store.id),
        client.vector_stores.files.list("vs_none"),
        client.vector_stores.search("vs_none", query="x"),
        client.vector_stores.files.content("file-none", vector_store_id=store.id),
    ):
        with pytest.raises(openai.NotFoundError):
            await call
    assert len((await client.vector_stores.list()).data) == 1

import sqlite3
from pathlib import Path

import openai
import pytest

from tests.support.carried import Checked, carried_service, client_of, service_config


@pytest.fixture
async def thread(client: openai.AsyncOpenAI, tmp_path: Path) -> tuple[str, list[str]]:
    """A thread with ten messages, all of one second."""
    made = await client.beta.threads.create(messages=[{"role": "user", "content": str(n)} for n in range(10)])
    with sqlite3.connect(tmp_path / "service.sqlite3") as conn:
        conn.execute("UPDATE messages SET created_at = 1000")
        ids = [row[0] for row in conn.execute("SELECT id FROM messages ORDER BY seq")]
    conn.close()
    return made.id, ids


async def test_pages_of_one_second_neither_repeat_nor_skip(client: openai.AsyncOpenAI, thread):
    thread_id, ids = thread
    for order, expected in (("asc", ids), ("desc", ids[::-1])):
        for limit in (1, 3, 10):
            seen = [m.id async for m in client.beta.threads.messages.list(thread_id, order=order, limit=limit)]
            assert seen == expected


async def test_newest_first_twenty_at_a_time(client: openai.AsyncOpenAI):
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": str(n)} for n in range(25)])
    page = await client.beta.threads.messages.list(thread.id)
    assert [m.content[0].text.value for m in page.data] == [str(n) for n in range(24, 4, -1)]
    assert page.has_more
    assert (page.first_id, page.last_id) == (page.data[0].id, page.data[-1].id)


async def test_before_gives_the_page_that_ends_there(client: openai.AsyncOpenAI, thread):
    thread_id, ids = thread

    async def ids_of(**query: object) -> tuple[list[str], bool]:
        page = await client.beta.threads.messages.list(thread_id, **query)
        return [m.id for m in page.data], page.has_more

    assert await ids_of(before=ids[5], order="asc", limit=3) == (ids[2:5], True)
    assert await ids_of(before=ids[3], order="asc", limit=3) == (ids[:3], False)
    assert await ids_of(before=ids[5], order="desc", limit=3) == (ids[8:5:-1], True)
    assert await ids_of(after=ids[2], before=ids[6], order="asc") == (ids[3:6], False)
    assert await ids_of(before=ids[0], order="asc") == ([], False)


async def test_an_empty_list_has_null_ids(raw):
    body = (await raw.get("/assistants")).json()
    assert body == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ({"limit": "0"}, "limit", "integer_below_min_value"),
        ({"limit": "101"}, "limit", "integer_above_max_value"),
        ({"limit": "9" * 5000}, "limit", "invalid_type"),
        ({"limit": "many"}, "limit", "invalid_type"),
        ({"limit": ""}, "limit", "invalid_type"),
        ({"order": "up"}, "order", "invalid_value"),
    ],
)
async def test_wrong_queries_are_refused(raw, query: dict, param: str, code: str):
    answer = await raw.get("/assistants", params=query)
    assert answer.status_code == 400
    assert (answer.json()["error"]["param"], answer.json()["error"]["code"]) == (param, code)


async def test_a_cursor_of_another_list_is_not_found(client: openai.AsyncOpenAI, thread, raw):
    _, ids = thread
    other = await client.beta.threads.create()
    for cursor in ("after", "before"):
        answer = await raw.get(f"/threads/{other.id}/messages", params={cursor: ids[0]})
        assert (answer.status_code, answer.json()["error"]["param"]) == (404, cursor)


async def test_messages_of_one_run(client: openai.AsyncOpenAI, thread, tmp_path: Path):
    thread_id, ids = thread
    with sqlite3.connect(tmp_path / "service.sqlite3") as conn:
        conn.execute("UPDATE messages SET run_id = 'run_1' WHERE id IN (?, ?)", (ids[2], ids[7]))
    conn.close()
    page = await client.beta.threads.messages.list(thread_id, run_id="run_1", order="asc")
    assert [m.id for m in page.data] == [ids[2], ids[7]]
    assert (await client.beta.threads.messages.list(thread_id, run_id="run_2")).data == []


async def test_unknown_query_parameters_are_ignored(checked: Checked, raw):
    assert (await raw.get("/assistants", params={"api-version": "2024-05-01", "after": ""})).status_code == 200


async def test_a_clock_that_goes_back_shuffles_nothing(tmp_path: Path):
    now = [2_000_000_000.0]
    with carried_service(service_config(tmp_path, clock=lambda: now[0])) as carried:
        async with client_of(carried.transport()) as client:
            assistants, thread = [], await client.beta.threads.create()
            for n in range(6):
                now[0] -= 1000
                assistants.append((await client.beta.assistants.create(model="m")).id)
                await client.beta.threads.messages.create(thread.id, role="user", content=str(n))
            assert [a.id async for a in client.beta.assistants.list(order="asc", limit=2)] == assistants
            said = [m.content[0].text.value async for m in client.beta.threads.messages.list(thread.id, limit=4)]
            assert said == ["5", "4", "3", "2", "1", "0"]

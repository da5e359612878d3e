"""`client.files` against the service."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import openai
import pytest

from tests.service_files.conftest import Clock
from tests.support.serving import KEY, served


async def upload(client: openai.AsyncOpenAI, name: str = "a.txt", data: bytes = b"hello", **more: object) -> object:
    return await client.files.create(file=(name, data), purpose="assistants", **more)


async def test_a_file_comes_back_as_it_was_sent(client: openai.AsyncOpenAI, tmp_path: Path) -> None:
    data = bytes(range(256)) * 3000
    file = await upload(client, "data ü.bin", data)
    assert (file.filename, file.bytes, file.purpose, file.status) == (
        "data ü.bin",
        len(data),
        "assistants",
        "processed",
    )
    assert file.id.startswith("file-")
    assert await client.files.retrieve(file.id) == file
    content = await client.files.content(file.id)
    assert content.read() == data
    assert content.response.headers["x-content-type-options"] == "nosniff"
    assert "data%20%C3%BC.bin" in content.response.headers["content-disposition"]
    assert [path.name for path in (tmp_path / "files").iterdir()] == [file.id]


async def test_a_deleted_file_is_gone(client: openai.AsyncOpenAI, tmp_path: Path) -> None:
    file = await upload(client)
    gone = await client.files.delete(file.id)
    assert (gone.id, gone.object, gone.deleted) == (file.id, "file", True)
    for call in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError):
            await call(file.id)
    assert list((tmp_path / "files").iterdir()) == []


async def test_lists_by_purpose_order_and_page(client: openai.AsyncOpenAI, raw: httpx2.AsyncClient) -> None:
    made = [await upload(client, f"{n}.txt") for n in range(5)]
    picture = await client.files.create(file=("p.png", b"\x89PNG\r\n\x1a\n"), purpose="vision")
    assert [f.id async for f in client.files.list(purpose="vision")] == [picture.id]
    assert [f.id async for f in client.files.list(limit=2, order="asc")] == [*(f.id for f in made), picture.id]
    page = await client.files.list(limit=2, after=made[3].id)
    assert [f.id for f in page.data] == [made[2].id, made[1].id]
    assert page.has_more
    assert (await raw.get("/files", params={"limit": 10_001})).status_code == 400
    assert (await raw.get("/files", params={"after": "file-none"})).status_code == 404


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\0b.txt", "a%00b.txt"),
        ("..", "file"),
        ("", "file"),
        ("x" * 400 + ".txt", "x" * 251 + ".txt"),
    ],
)
async def test_a_name_never_becomes_a_path(raw: httpx2.AsyncClient, tmp_path: Path, given: str, shown: str) -> None:
    body = (await raw.post("/files", files={"file": (given, b"x")}, data={"purpose": "assistants"})).json()
    assert body["filename"] == shown
    assert [path.name for path in (tmp_path / "files").iterdir()] == [body["id"]]


async def test_a_raw_nul_in_a_name_is_left_out(raw: httpx2.AsyncClient) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\\../\0b\x07.txt"\r\n\r\nhi\r\n'
    purpose = b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--x--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = await raw.post("/files", content=part + purpose, headers=headers)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["filename"] == "b�.txt"


async def test_two_files_of_one_name_stay_two(client: openai.AsyncOpenAI) -> None:
    one, other = await upload(client, "a.txt", b"one"), await upload(client, "a.txt", b"two")
    assert one.id != other.id
    assert (await client.files.content(one.id)).read() == b"one"
    assert (await client.files.content(other.id)).read() == b"two"


async def test_an_expired_file_is_gone(client: openai.AsyncOpenAI, clock: Clock, tmp_path: Path) -> None:
    file = await upload(client, expires_after={"anchor": "created_at", "seconds": 3600})
    assert file.expires_at == clock.now + 3600
    clock.now += 3599
    assert (await client.files.retrieve(file.id)).id == file.id
    clock.now += 1
    with pytest.raises(openai.NotFoundError):
        await client.files.content(file.id)
    assert (await client.files.list()).data == []
    assert list((tmp_path / "files").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({}, "purpose"),
        ({"purpose": "evals"}, "purpose"),
        ({"purpose": "assistants", "colour": "red"}, "colour"),
        ({"purpose": "assistants", "expires_after[anchor]": "created_at"}, "expires_after.seconds"),
        ({"purpose": "assistants", "expires_after": '{"anchor": "created_at", "seconds": 5}'}, "expires_after.seconds"),
        ({"purpose": "assistants", "expires_after": "{"}, "expires_after"),
    ],
)
async def test_a_wrong_form_is_refused_and_leaves_nothing(
    raw: httpx2.AsyncClient, tmp_path: Path, data: dict[str, str], param: str
) -> None:
    answer = await raw.post("/files", files={"file": ("a.txt", b"x")}, data=data)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert list((tmp_path / "files").iterdir()) == []


async def test_what_is_no_form_is_refused(raw: httpx2.AsyncClient, tmp_path: Path) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert (await raw.post("/files", json={})).status_code == 415
    assert (await raw.post("/files", content=b"hello", headers=headers)).status_code == 400
    assert (await raw.post("/files", content=b"--x\r\nA: b", headers=headers)).status_code == 400
    assert (await raw.post("/files", files={"other": ("a", b"x")})).json()["error"]["param"] == "file"
    assert list((tmp_path / "files").iterdir()) == []


class Flood:
    """A form whose file never ends; counts what was taken of it."""

    def __init__(self) -> None:
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
        while self.sent < 50_000_000:
            self.sent += 100_000
            yield b"x" * 100_000


async def test_a_file_over_the_limit_is_refused_before_it_is_sent_whole(
    raw: httpx2.AsyncClient, tmp_path: Path
) -> None:
    for declared in ({}, {"content-length": "600000000"}):
        flood = Flood()
        headers = {"content-type": "multipart/form-data; boundary=x", **declared}
        answer = await raw.post("/files", content=flood, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")
        assert flood.sent < (1_000_000 if declared else 6_000_000)
    assert list((tmp_path / "files").iterdir()) == []


async def test_contents_are_bytes_not_json(client: openai.AsyncOpenAI) -> None:
    file = await upload(client, "a.json", json.dumps({"a": 1}).encode())
    assert (await client.files.content(file.id)).response.headers["content-type"] == "application/octet-stream"


async def test_over_http_a_file_over_the_limit_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Though this client reads the answer only when it has sent everything."""
    async with (
        served(tmp_path, max_file_bytes=1_000_000) as here,
        openai.AsyncOpenAI(api_key=KEY, base_url=here.url, max_retries=0) as client,
    ):
        with pytest.raises(openai.APIStatusError) as refused:
            await client.files.create(file=("large.bin", bytes(20_000_000)), purpose="assistants")
        assert refused.value.status_code == 413
        assert "at most 1,000,000 bytes" in refused.value.message
        assert (await client.files.list()).data == []


async def test_a_broken_form_leaves_nothing_of_itself_in_the_log(
    raw: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"content-type": "multipart/form-data; boundary=x"}
    for body in (b"--Q", b"--x\r\nQ\x01: 1\r\n\r\n", b"--x\r\nA: 1\rQ", b"--x\r\nA: 1\r\n\rQ"):
        answer = await raw.post("/files", content=body, headers=headers)
        assert answer.json()["error"]["code"] == "invalid_multipart"
    assert [record for record in caplog.records if "multipart" in record.name] == []

import logging
from pathlib import Path

import httpx2
import pytest

from playground_tui.service.app import create_app
from playground_tui.service.service import Service
from tests.support.carried import service_config
from tests.support.runs import FakeRuns, with_fake_runs

KEY = "local-key-ü-123456"


@pytest.fixture
async def served(tmp_path: Path):
    """The application as `serve` has it, without a socket."""
    config = service_config(tmp_path, api_key=KEY, serve=True)
    service: Service = with_fake_runs(FakeRuns())(config)
    await service.start()
    transport = httpx2.ASGITransport(create_app(service, local_only=True))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000/v1") as client:
        yield client
    await service.close(0)


@pytest.mark.parametrize("headers", [{"authorization": f"Bearer {KEY}".encode()}, {"api-key": KEY.encode()}])
async def test_the_key_in_either_header(served: httpx2.AsyncClient, headers: dict):
    assert (await served.get("/assistants", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_api_key"),
        ({"authorization": "Basic abc"}, "missing_api_key"),
        ({"authorization": "Bearer "}, "missing_api_key"),
        ({"authorization": "Bearer wrong"}, "invalid_api_key"),
        ({"api-key": "wrong"}, "invalid_api_key"),
    ],
)
async def test_without_the_key_nothing_is_answered(served: httpx2.AsyncClient, headers: dict, code: str):
    for path in ("/assistants", "/nothing"):
        answer = await served.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
        assert answer.headers["x-request-id"]
        assert KEY not in answer.text
        assert "wrong" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:8000"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "127.0.0.1"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example:8000"}, 403),
        ({"host": ""}, 403),
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[bad"}, 403),
    ],
)
async def test_only_this_machine(served: httpx2.AsyncClient, headers: dict, status: int):
    answer = await served.get("/assistants", headers={"authorization": f"Bearer {KEY}".encode(), **headers})
    assert answer.status_code == status


async def test_the_access_log_has_neither_contents_nor_keys(
    served: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, "playground_tui")
    await served.post(
        "/assistants?secret=query",
        headers={"authorization": f"Bearer {KEY}".encode()},
        json={"model": "m", "instructions": "the contents"},
    )
    lines = [record.getMessage() for record in caplog.records if record.name == "playground_tui.service.access"]
    assert len(lines) == 1
    assert lines[0].startswith("POST /v1/assistants 200 ")
    assert not any(word in caplog.text for word in (KEY, "contents", "secret"))


async def test_an_unforeseen_error_is_answered_and_logged_without_contents(
    served: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    def fail(*args: object) -> None:
        raise RuntimeError("with contents")

    monkeypatch.setattr("playground_tui.service.routes.assistants.new_assistant", fail)
    answer = await served.post("/assistants", headers={"api-key": KEY.encode()}, json={"model": "m"})
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "server_error"
    assert answer.headers["x-request-id"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "with contents" not in caplog.text + answer.text

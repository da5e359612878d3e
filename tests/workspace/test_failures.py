from __future__ import annotations

import logging
import sqlite3
import sys
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import httpx2
import openai
import pytest

from playground_tui.limits import answers
from playground_tui.limits.answers import TooMuch
from playground_tui.settings.keys import KeyUnavailable
from playground_tui.settings.model import Server
from playground_tui.workspace.client import ServerFacts, failure_of, make_client
from playground_tui.workspace.exceptions import field_in, field_of, not_reached
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.run_failures import run_failure
from playground_tui.workspace.store import StoreError
from tests.support.server import ScriptedServer

FACTS = ServerFacts("work", "https://work.example/v1", "the environment variable WORK_KEY", str)


async def fail(
    server: ScriptedServer, base_url: str = "https://work.example/v1", facts: ServerFacts = FACTS
) -> Failure:
    client = make_client(Server("work", base_url), "sk-x", facts, transport=server)
    with pytest.raises((openai.OpenAIError, TooMuch)) as caught:
        await client.beta.assistants.with_raw_response.retrieve("asst_1")
    await client.close()
    return failure_of(caught.value)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"param": "temperature"}, "invalid"),
        (400, {"message": "Thread thread_1 already has an active run run_1."}, "conflict"),
        (401, {}, "key"),
        (403, {}, "key"),
        (404, {"message": "No assistant found with id 'asst_1'."}, "missing"),
        (404, {"message": "Invalid URL (GET /v1/assistants/asst_1)"}, "unsupported"),
        (405, {}, "unsupported"),
        (408, {}, "timeout"),
        (409, {}, "conflict"),
        (429, {}, "rate"),
        (429, {"code": "insufficient_quota"}, "rate"),
        (500, {}, "server"),
        (501, {}, "unsupported"),
        (503, {}, "server"),
    ],
)
async def test_every_status_has_a_kind(status: int, error: dict[str, Any], kind: str) -> None:
    server = ScriptedServer()
    server.refuse("GET", status, **error)
    failure = await fail(server)
    assert failure.kind == kind
    assert failure.what.endswith(".")


async def test_a_refused_key_says_which_and_where_it_is_set() -> None:
    server = ScriptedServer()
    server.refuse("GET", 401, "Incorrect API key provided: sk-abcdefghijklmnop.")
    failure = await fail(server)
    assert failure.what == "work refused the key in the environment variable WORK_KEY."
    assert "sk-" not in repr(failure)


async def test_a_missing_key_is_said() -> None:
    server = ScriptedServer()
    server.refuse("GET", 401)
    assert (await fail(server, facts=ServerFacts("work", ""))).what == "work wants a key, and none is set."


async def test_a_key_in_a_servers_message_is_masked() -> None:
    server = ScriptedServer()
    server.refuse("GET", 403, "Project of key-123 is closed")
    facts = ServerFacts("work", "", "", lambda text: text.replace("key-123", "•••"))
    assert "key-123" not in repr(await fail(server, facts=facts))


async def test_the_field_at_fault_is_named() -> None:
    server = ScriptedServer()
    server.refuse("GET", 400, "Invalid tools", param="tools[0].function.name")
    assert (await fail(server)).field == "tools"
    server.answer("GET", httpx2.Response(422, json={"detail": [{"loc": ["body", "top_p"], "msg": "too high"}]}))
    failure = await fail(server)
    assert (failure.field, failure.what) == ("top_p", "work refused: too high.")


def test_fields_are_read_from_params_and_from_messages() -> None:
    assert field_of("metadata.a") == "metadata"
    assert field_of("thread_id") is None
    assert field_of(None) is None
    assert field_in("Unsupported value (parameter: top_p)") == "top_p"
    assert field_in("Unsupported value") is None


async def test_the_retired_api_is_explained_in_one_sentence() -> None:
    server = ScriptedServer()
    server.answer("GET", httpx2.Response(404, text="not found"))
    failure = await fail(server, "https://api.openai.com/v1")
    assert failure.kind == "retired"
    assert "2026-08-26" in failure.what


async def test_a_path_nobody_serves_is_unsupported() -> None:
    server = ScriptedServer()
    server.answer("GET", httpx2.Response(404, json={"detail": "Not Found"}))
    server.answer("GET", httpx2.Response(404, text="<html>nginx</html>"))
    assert (await fail(server)).kind == "unsupported"
    assert (await fail(server)).kind == "unsupported"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "7"}, 7), ({"retry-after-ms": "1500"}, 1.5), ({"Retry-After": "soon"}, None), ({}, None)],
)
async def test_a_rate_limit_tells_the_wait(headers: dict[str, str], seconds: float | None) -> None:
    server = ScriptedServer()
    server.refuse("GET", 429, headers=headers)
    assert (await fail(server)).retry_after == seconds


async def test_a_date_in_retry_after_counts_from_now() -> None:
    server = ScriptedServer()
    server.refuse("GET", 429, headers={"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"})
    assert ((await fail(server)).retry_after or 0) > 0


async def test_connection_errors_and_time_outs() -> None:
    server = ScriptedServer()
    server.down = True
    assert (await fail(server)).kind == "offline"
    server.down = False
    server.answer("GET", httpx2.ReadTimeout("late"))
    assert (await fail(server)).kind == "timeout"


def test_errors_of_this_machine(caplog: pytest.LogCaptureFixture) -> None:
    assert failure_of(StoreError("The workspace's database cannot be written.")).kind == "storage"
    assert failure_of(OSError(28, "No space left on device")).kind == "storage"
    assert failure_of(ConnectionResetError()).kind == "offline"
    assert failure_of(TimeoutError()).kind == "timeout"
    assert failure_of(KeyUnavailable("env:A", "A is not set.")) == Failure("key", "A is not set.")
    known = Failure("rate", "slow")
    assert failure_of(FailureError(known)) is known
    with caplog.at_level(logging.ERROR):
        assert failure_of(sqlite3.Error("the person's secret text")).kind == "internal"
    assert "secret" not in caplog.text


async def test_only_what_the_settings_name_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: yes")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example")
    server = ScriptedServer()
    server.put("asst_1")
    client = make_client(
        Server("work", "https://work.example/v1", headers={"X-Mine": "1"}), None, FACTS, transport=server
    )
    await client.beta.assistants.with_raw_response.retrieve("asst_1")
    headers = server.calls[0].headers
    assert headers["x-mine"] == "1"
    assert headers["host"] == "work.example"
    assert headers["openai-beta"] == "assistants=v2"
    for name in ("authorization", "openai-organization", "openai-project", "x-secret"):
        assert name not in headers
    await client.close()


async def test_azure_wants_its_version_and_its_own_header() -> None:
    server = ScriptedServer()
    server.put("asst_1")
    azure = Server("az", "https://r.openai.azure.com/openai/v1", api_version="2024-05-01-preview", query={"a": "b"})
    client = make_client(azure, "sk-azure", FACTS, transport=server)
    with pytest.raises(openai.NotFoundError):
        await client.beta.assistants.with_raw_response.retrieve("asst_1")
    call = server.calls[0]
    assert call.headers["api-key"] == "sk-azure"
    assert "authorization" not in call.headers
    assert call.query == {"api-version": ["2024-05-01-preview"], "a": ["b"]}
    await client.close()


async def test_answers_are_told() -> None:
    server, heard = ScriptedServer(), []
    client = make_client(
        Server("w", "https://w/v1"), "k", FACTS, transport=server, answered=lambda r: heard.append(r.status_code)
    )
    with pytest.raises(openai.NotFoundError):
        await client.beta.assistants.with_raw_response.retrieve("asst_1")
    assert heard == [404]
    await client.close()


def test_a_local_service_that_could_not_start_says_why() -> None:
    why = "The local service could not start: The service's database is damaged."
    assert not_reached("The local service", httpx2.ConnectError(why)).what == why
    assert not_reached("Far", httpx2.ConnectError("[Errno 111]")).what == "Far was not reached."


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"[" * 1000


async def test_more_than_any_answer_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_BYTES", 10_000)
    server = ScriptedServer()
    server.answer("GET", httpx2.Response(200, content=endless()))
    assert (await fail(server)).sentence() == "work sent far more than any answer has."


async def test_of_an_endless_refusal_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_ERROR_BYTES", 10_000)
    server = ScriptedServer()
    server.answer("GET", httpx2.Response(500, content=endless()))
    assert (await fail(server)).sentence() == "work failed: status 500."


async def test_what_a_server_names_is_shown_in_short() -> None:
    server = ScriptedServer()
    server.refuse("GET", 400, "No. " * 10_000, code="x" * 10_000, param="y" * 10_000)
    failure = await fail(server)
    assert len(failure.sentence()) < 600
    assert len(failure.details) < 400


@pytest.mark.parametrize("wait", ["inf", "nan", "9" * 400, "1e300", "Fri, 31 Dec 9999 23:59:59 GMT", "-7"])
@pytest.mark.parametrize("name", ["retry-after", "retry-after-ms"])
async def test_a_wait_that_is_none(name: str, wait: str) -> None:
    server = ScriptedServer()
    server.refuse("GET", 429, headers={name: wait})
    failure = await fail(server)
    assert failure.retry_after in (None, 0.0)
    assert failure.next == "Try again in a moment."


def test_a_run_that_asks_for_a_wait_that_is_none() -> None:
    error = {"code": "rate_limit_exceeded", "message": f"Please try again in {'9' * 400}s."}
    failure = run_failure({"status": "failed", "last_error": error})
    assert failure is not None
    assert failure.retry_after is None


@pytest.mark.parametrize("error", [OSError("refused"), TimeoutError(), ValueError("odd")])
def test_a_failure_while_the_client_is_being_loaded_is_one(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Another thread imports the modules; until it is done there is little in them."""
    for name in ("openai", "playground_tui.limits.answers"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    assert failure_of(error).what

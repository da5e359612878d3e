"""Each deviation that `docs/service.md` names has a test: here, or where this table says."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from playground_tui.service.carried import BASE_URL
from tests.service.test_documented import table
from tests.support.carried import carried_service, service_config
from tests.support.pdf import make_pdf
from tests.support.serving import FAST, served

HERE = __name__
TRUNCATION = "tests.service_runs.test_truncation"
TESTED = {
    "`/threads` GET": "tests.service.test_threads:test_threads_can_be_listed",
    "`/threads/{thread_id}` DELETE": "tests.service.test_threads:test_a_run_that_does_not_end_keeps_its_thread",
    "`/threads/{thread_id}/runs/{run_id}/events` GET": "tests.service.test_runs:test_late_listeners_follow",
    "`/models` GET": "tests.service.test_models:test_every_provider_that_answers_is_listed_and_remembered",
    "`/models/{model}` GET": "tests.service.test_models:test_one_model_by_its_full_or_bare_name",
    "`/models/{model}` DELETE": f"{HERE}:test_what_is_not_offered",
    "`/files/{file_id}/content` GET": f"{HERE}:test_files_of_every_purpose_can_be_read",
    "`/vector_stores/{vector_store_id}/search` POST": "tests.service_files.test_vector_stores:test_search",
    "`/uploads` all": f"{HERE}:test_what_is_not_offered",
    "header `OpenAI-Beta: assistants=v2`": f"{HERE}:test_the_beta_header_is_not_asked_for",
    "`Host`, `Origin` on loopback": "tests.service.test_auth:test_only_this_machine",
    "body size": "tests.service.test_requests:test_only_messages_and_outputs_may_be_as_large_as_pictures",
    "slow clients": "tests.service.test_connections:test_a_body_that_stops_is_not_waited_for",
    "JSON": "tests.service.test_requests:test_bad_bodies",
    "header `Playground-Tui-Results: page`": f"{HERE}:test_pages_of_results_are_for_those_who_ask",
    "header `Playground-Tui-Events: progress`": "tests.service.test_runs:test_progress_is_only_for_those_who_ask",
    "`first_id`, `last_id` of an empty list": "tests.service.test_lists:test_an_empty_list_has_null_ids",
    "database busy or disk full": "tests.service_runs.test_crashes:test_a_locked_database_is_waited_for_and_then_said",
    "too many connections": "tests.service_runs.test_crashes:test_more_connections_than_files_may_be_open",
    "assistant `temperature`, `top_p`": f"{HERE}:test_settings_are_null_unless_set",
    "assistant `reasoning_effort`": f"{HERE}:test_settings_are_null_unless_set",
    "message empty text": "tests.service.test_messages:test_a_wrong_message_is_refused",
    "message `image_file`": "tests.service_files.test_runs:test_pictures_kept_here_are_shown_to_the_model",
    "run `tool_outputs`": f"{HERE}:test_an_output_needs_its_call_and_its_text",
    "run `tools`": f"{HERE}:test_tools_of_a_run",
    "run `tool_resources` of `/threads/runs`": f"{HERE}:test_resources_of_thread_and_run_go_to_the_thread",
    "run `omitted_messages`": f"{TRUNCATION}:test_max_prompt_tokens_drops_the_middle",
    "run `expires_at`": f"{HERE}:test_a_run_expires_after_ten_minutes_unless_told",
    "run `usage`": "tests.service_runs.test_streams:test_a_text_run",
    "run `usage.estimated`": f"{TRUNCATION}:test_without_counts_from_the_endpoint_they_are_estimates",
    "run `tool_choice` that forces a call": "tests.service_runs.test_streams:test_a_forced_call_is_forced_once",
    "run content filter": "tests.service_runs.test_ends:test_the_content_filter",
    "model `shutdown_date`": f"{HERE}:test_models_and_files_leave_out_what_nobody_tells",
    "file `purpose`": f"{HERE}:test_files_of_every_purpose_can_be_read",
    "file `filename`": "tests.service_files.test_files:test_a_name_never_becomes_a_path",
    "file `status_details`": f"{HERE}:test_models_and_files_leave_out_what_nobody_tells",
    "vector store `name`": f"{HERE}:test_a_vector_store_has_an_empty_name_and_its_description",
    "vector store `usage_bytes`": "tests.service_files.test_vector_stores:test_a_file_in_a_store",
    "vector store `description`": f"{HERE}:test_a_vector_store_has_an_empty_name_and_its_description",
    "search `rewrite_query`": f"{HERE}:test_rewriting_a_query_is_taken_and_ignored",
    "vector store file `usage_bytes`": "tests.service_files.test_vector_stores:test_a_file_in_a_store",
}


def deviations() -> set[str]:
    found = {f"{path} {methods}" for path, methods, state, _ in table("Endpoints") if state != "done"}
    found |= {what for heading in ("Requests", "Answers") for what, state, _ in table(heading) if state != "done"}
    noun = ""
    for name, field, state, _ in table("Fields"):
        noun = name or noun
        found |= {f"{noun} {field}"} if state != "done" else set()
    return found


def test_each_has_a_test_that_exists():
    assert deviations() == set(TESTED)
    for place in TESTED.values():
        module, _, name = place.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), place


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """The whole service, with the demo engine."""
    with carried_service(service_config(tmp_path, FAST)) as carried:
        async with httpx2.AsyncClient(transport=carried.transport(), base_url=BASE_URL) as client:
            yield client


async def made(api: httpx2.AsyncClient, path: str, body: Any) -> Any:
    answer = await api.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_is_not_offered(api: httpx2.AsyncClient):
    assert (await api.delete("/models/demo/demo")).status_code == 405
    assert (await api.post("/uploads", json={})).status_code == 404


async def test_the_beta_header_is_not_asked_for(api: httpx2.AsyncClient):
    assert (await api.get("/assistants")).status_code == 200
    assert (await api.get("/assistants", headers={"OpenAI-Beta": "assistants=v2"})).status_code == 200


async def test_settings_are_null_unless_set(api: httpx2.AsyncClient):
    names = ("temperature", "top_p", "reasoning_effort")
    assistant = await made(api, "/assistants", {"model": "demo"})
    assert [assistant[name] for name in names] == [None, None, None]
    changed = await made(api, f"/assistants/{assistant['id']}", dict(zip(names, (0.5, 1, "low"), strict=True)))
    assert [changed[name] for name in names] == [0.5, 1, "low"]


async def test_an_output_needs_its_call_and_its_text(api: httpx2.AsyncClient):
    for output, missing in (({"tool_call_id": "c"}, "output"), ({"output": "x"}, "tool_call_id")):
        body = {"tool_outputs": [output]}
        answer = await api.post("/threads/thread_1/runs/run_1/submit_tool_outputs", json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, f"tool_outputs[0].{missing}")


async def test_tools_of_a_run(api: httpx2.AsyncClient):
    assistant = (await made(api, "/assistants", {"model": "demo"}))["id"]
    functions = [{"type": "function", "function": {"name": f"f{n}"}} for n in range(21)]
    too_many = await api.post("/threads/runs", json={"assistant_id": assistant, "tools": functions})
    assert (too_many.status_code, too_many.json()["error"]["param"]) == (400, "tools")
    run = await made(api, "/threads/runs", {"assistant_id": assistant, "tools": functions[:20]})
    assert len(run["tools"]) == 20
    code = await api.post("/threads/runs", json={"assistant_id": assistant, "tools": [{"type": "code_interpreter"}]})
    assert (code.status_code, code.json()["error"]["code"]) == (400, "unsupported_tool")


async def test_resources_of_thread_and_run_go_to_the_thread(api: httpx2.AsyncClient):
    assistant = (await made(api, "/assistants", {"model": "demo"}))["id"]
    given = {"code_interpreter": {"file_ids": ["file-1"]}}
    own = {"file_search": {"vector_store_ids": ["vs_1"]}}
    for thread, kept in (({}, given), ({"tool_resources": own}, own)):
        body = {"assistant_id": assistant, "tool_resources": given, "thread": thread}
        run = await made(api, "/threads/runs", body)
        assert (await api.get(f"/threads/{run['thread_id']}")).json()["tool_resources"] == kept


async def test_a_run_expires_after_ten_minutes_unless_told(tmp_path: Path):
    async with served(tmp_path / "a", clock=lambda: 1000.0) as here:
        assistant = (await here.ask("POST", "/v1/assistants", {"model": "demo"})).json["id"]
        run = (await here.ask("POST", "/v1/threads/runs", {"assistant_id": assistant})).json
        assert run["expires_at"] == 1600
    with carried_service(service_config(tmp_path / "b", FAST, run_expiry=86400, clock=lambda: 1000.0)) as carried:
        async with httpx2.AsyncClient(transport=carried.transport(), base_url=BASE_URL) as api:
            assistant = (await made(api, "/assistants", {"model": "demo"}))["id"]
            assert (await made(api, "/threads/runs", {"assistant_id": assistant}))["expires_at"] == 87400


async def upload(api: httpx2.AsyncClient, purpose: str = "assistants") -> httpx2.Response:
    return await api.post("/files", files={"file": ("a.txt", b"Refunds take 30 days.")}, data={"purpose": purpose})


async def test_files_of_every_purpose_can_be_read(api: httpx2.AsyncClient):
    for purpose in ("assistants", "batch", "fine-tune", "vision", "user_data"):
        file = (await upload(api, purpose)).json()["id"]
        assert (await api.get(f"/files/{file}/content")).content == b"Refunds take 30 days."
    assert (await upload(api, "evals")).status_code == 400


async def test_models_and_files_leave_out_what_nobody_tells(api: httpx2.AsyncClient):
    assert "shutdown_date" not in (await api.get("/models/demo/demo")).json()
    assert "status_details" not in (await upload(api)).json()


async def test_a_vector_store_has_an_empty_name_and_its_description(api: httpx2.AsyncClient):
    store = await made(api, "/vector_stores", {"description": "Policies"})
    assert (store["name"], store["description"]) == ("", "Policies")


async def test_rewriting_a_query_is_taken_and_ignored(api: httpx2.AsyncClient):
    store = (await made(api, "/vector_stores", {"file_ids": [(await upload(api)).json()["id"]]}))["id"]
    options = {"rewrite_query": True, "ranking_options": {"ranker": "auto"}}
    found = await made(api, f"/vector_stores/{store}/search", {"query": "refunds", **options})
    assert found["search_query"] in ("refunds", ["refunds"])


async def test_pages_of_results_are_for_those_who_ask(api: httpx2.AsyncClient):
    form = {"files": {"file": ("a.pdf", make_pdf(["Refunds take 30 days."]))}, "data": {"purpose": "assistants"}}
    file = (await api.post("/files", **form)).json()["id"]
    store = (await made(api, "/vector_stores", {"file_ids": [file]}))["id"]
    while (await api.get(f"/vector_stores/{store}")).json()["status"] != "completed":
        await asyncio.sleep(0.01)
    path = f"/vector_stores/{store}/search"
    plain = await api.post(path, json={"query": "refunds"})
    asked = await api.post(path, json={"query": "refunds"}, headers={"Playground-Tui-Results": "page"})
    assert '"page"' not in json.dumps(plain.json())
    assert '"page": 1' in json.dumps(asked.json())

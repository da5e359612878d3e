"""Requests made up from the official description: never a 5xx, every 4xx in the error shape, every 2xx as described."""

from __future__ import annotations

import asyncio
import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from playground_tui.service.carried import BASE_URL
from tests.support.carried import carried_service, service_config
from tests.support.description import check_answer, description

pytestmark = pytest.mark.skipif(description() is None, reason="the official description is not beside the repository")

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
"""Of each operation, well-formed ones and malformed ones each."""


def operations() -> list[tuple[str, str]]:
    paths = (description() or {"paths": {}})["paths"]
    found = [
        (path, method) for path, methods in paths.items() for method in methods if method in ("get", "post", "delete")
    ]
    return [operation for operation in found if operation != ("/models/{model}", "delete")]


@pytest.fixture(scope="module")
def schema() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis

        return schemathesis.openapi.from_dict(description())


class Target:
    """The service with one of everything in it."""

    def __init__(self, transport: httpx2.AsyncBaseTransport) -> None:
        self.runner = asyncio.Runner()
        self.client = httpx2.AsyncClient(transport=transport, timeout=30)
        self.ids: dict[str, str] = {"model": "demo/demo"}

    def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.runner.run(self.client.request(method, BASE_URL + path, **more))

    def refill(self) -> None:
        """Make what an earlier request may have deleted."""
        body = {"model": "demo/demo-fast", "tools": [{"type": "function", "function": {"name": "f"}}]}
        self.ids["assistant_id"] = self.send("POST", "/assistants", json=body).json()["id"]
        thread = {"messages": [{"role": "user", "content": "Hello"}]}
        self.ids["thread_id"] = self.send("POST", "/threads", json=thread).json()["id"]
        thread_path = f"/threads/{self.ids['thread_id']}"
        self.ids["message_id"] = self.send("GET", f"{thread_path}/messages").json()["data"][0]["id"]
        run = {"assistant_id": self.ids["assistant_id"], "stream": True}
        self.send("POST", f"{thread_path}/runs", json=run)
        self.ids["run_id"] = self.send("GET", f"{thread_path}/runs").json()["data"][0]["id"]
        steps = self.send("GET", f"{thread_path}/runs/{self.ids['run_id']}/steps").json()["data"]
        self.ids["step_id"] = steps[0]["id"]
        self._refill_files()

    def _refill_files(self) -> None:
        upload = {"file": ("a.txt", b"Refunds are paid within 30 days.")}
        file_id = self.send("POST", "/files", files=upload, data={"purpose": "assistants"}).json()["id"]
        store_id = self.send("POST", "/vector_stores", json={"name": "a"}).json()["id"]
        batch = self.send("POST", f"/vector_stores/{store_id}/file_batches", json={"file_ids": [file_id]}).json()
        self.ids |= {"file_id": file_id, "vector_store_id": store_id, "batch_id": batch["id"]}

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.close()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    home: Path = tmp_path_factory.mktemp("fuzz")
    with carried_service(service_config(home)) as carried:
        target = Target(carried.transport())
        yield target
        target.close()


@pytest.mark.parametrize(("path", "method"), operations())
def test_every_answer_is_clean(schema: Any, target: Target, path: str, method: str):
    from schemathesis import GenerationMode

    operation = schema[path][method]
    target.refill()
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @seed(7)
    @settings(
        max_examples=2 * EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.booleans())
    def answers(case: Any, known: bool) -> None:
        if known:
            put_known_ids(case, target.ids)
        answer = send(target, case)
        look_at(case.method, answer)
        if case.method == "DELETE" and answer.status_code == 200:
            target.refill()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers()


def put_known_ids(case: Any, ids: dict[str, str]) -> None:
    for name in case.path_parameters or {}:
        case.path_parameters[name] = ids[name]
    for name in ("assistant_id", "file_id"):
        if isinstance(case.body, dict) and isinstance(case.body.get(name), str):
            case.body[name] = ids[name]
    if isinstance(case.body, dict) and isinstance(case.body.get("file_ids"), list) and case.body["file_ids"]:
        case.body["file_ids"] = [ids["file_id"]]


def send(target: Target, case: Any) -> httpx2.Response:
    import requests

    kwargs = case.as_transport_kwargs(base_url=BASE_URL)
    known = {
        k: v
        for k, v in kwargs.items()
        if k in ("method", "url", "headers", "params", "json", "data", "files", "cookies")
    }
    request = requests.Request(**known).prepare()
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    ours = httpx2.Request(request.method, request.url, headers=dict(request.headers), content=body)
    return target.runner.run(target.client.send(ours))


def look_at(method: str, answer: httpx2.Response) -> None:
    assert answer.status_code < 500, answer.text
    assert answer.headers["x-request-id"]
    if answer.headers["content-type"].startswith("text/event-stream"):
        assert answer.content.endswith(b"event: done\ndata: [DONE]\n\n")
        return
    if answer.headers["content-type"] == "application/octet-stream":
        return
    body = json.loads(answer.content)
    if answer.status_code >= 400:
        assert set(body["error"]) == {"message", "type", "param", "code"}
    else:
        check_answer(method, answer.request.url.path, answer.status_code, body)

from __future__ import annotations

import shlex
from typing import Any

import httpx2
import pytest

from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.inspector.curl import curl_of
from playground_tui.workspace.inspector.exchanges import MASK, exchanges_of
from playground_tui.workspace.inspector.inspector import Inspector
from playground_tui.workspace.inspector.recorder import KEPT, MOST_BYTES, Exchanges
from playground_tui.workspace.inspector.timeline import NOT_TOLD, timeline_of, truncation_of
from playground_tui.workspace.versions import Versions
from tests.support.assistants_server import reply
from tests.workspace_chat.conftest import Desk
from tests.workspace_chat.events import function


def inspector(desk: Desk) -> Inspector:
    return Inspector(desk.threads.context, Versions(desk.store, desk.clock))


def run_id(desk: Desk) -> str:
    return str(desk.conversation.messages[-1].run_id)


STEPS = [
    {
        "id": "step_1",
        "type": "tool_calls",
        "status": "completed",
        "created_at": 102,
        "completed_at": 109,
        "usage": {"prompt_tokens": 5, "completion_tokens": 2},
        "step_details": {"type": "tool_calls", "tool_calls": [function("call_1", "slow", "{}", "out")]},
    },
    {
        "id": "step_2",
        "type": "message_creation",
        "status": "in_progress",
        "created_at": 110,
        "step_details": {"type": "message_creation", "message_creation": {"message_id": "msg_1"}},
    },
]


def test_the_timeline_tells_what_took_how_long() -> None:
    rows = timeline_of({"created_at": 100, "started_at": 101}, STEPS, {"call_1": 6.5})
    assert [(row.kind, row.title, row.start, row.seconds) for row in rows] == [
        ("queued", "queued", 0.0, 1.0),
        ("tools", "slow", 2.0, 7.0),
        ("message", "message", 10.0, None),
    ]
    assert rows[1].calls[0].seconds == 6.5
    assert rows[1].calls[0].output == "out"
    assert rows[1].tokens is not None
    assert timeline_of({}, [{"type": 3, "id": "x"}, {}], {})[0].kind == "other"  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("run", "says"),
    [
        ({"truncation_strategy": {"type": "last_messages", "last_messages": 4}}, "the last 4 messages"),
        ({"truncation_strategy": {"type": "auto"}, "max_prompt_tokens": 2000}, "or 2,000 prompt tokens"),
        ({"incomplete_details": {"reason": "max_prompt_tokens"}, "max_prompt_tokens": 300}, "300 prompt tokens"),
        ({}, NOT_TOLD),
    ],
)
def test_what_was_left_out_is_told_as_far_as_it_is_known(run: dict[str, Any], says: str) -> None:
    assert says in truncation_of(run)


async def test_a_run_with_everything(desk: Desk) -> None:
    desk.prices = {"gpt-x": {"input": 1e6}}
    desk.editor.overrides = {"temperature": 0.1, "instructions": "sk-planted"}
    await desk.say("Hi")
    desk.store.flush()
    found = await inspector(desk).run(desk.state.thread_id, run_id(desk))
    assert (found.status, found.model, found.version) == ("completed", "gpt-x", 12)
    assert found.overrides["temperature"] == 0.1
    assert found.first_token_seconds == 0
    assert found.cost == 7.0
    assert found.not_told == ("times",)
    (exchange,) = found.exchanges
    assert exchange.status == 200
    assert exchange.request_body["assistant_id"] == "asst_1"
    assert "event: thread.run.completed" in exchange.response
    assert "sk-planted" not in str(found.exchanges)


async def test_a_refused_run_is_kept_too(desk: Desk) -> None:
    refused = httpx2.Response(400, json={"error": {"message": "no"}})
    desk.server.refusals = [("/runs", refused)]
    await desk.say("Hi")
    (exchange,) = exchanges_of(desk.threads.context.exchanges, desk.state.thread_id)
    assert exchange.status == 400
    assert '"no"' in exchange.response


async def test_a_server_without_steps(desk: Desk) -> None:
    await desk.say("Hi")
    desk.server.lacks = {"/steps"}
    found = await inspector(desk).run(desk.state.thread_id, run_id(desk))
    assert "steps" in found.not_told
    assert "steps" in desk.lacking
    with pytest.raises(FailureError):
        await inspector(desk).run("thread_nowhere", "run_x")


async def test_what_changed_since(desk: Desk) -> None:
    from dataclasses import replace

    await desk.keep_draft()
    versions = Versions(desk.store, desk.clock)
    for number in range(12):
        await versions.keep("draft_1", {"instructions": f"v{number + 1}", "temperature": 1}, "saved")
    desk.editor.overrides = {"temperature": 0.5}
    await desk.say("Hi")
    desk.store.flush()
    draft = desk.editor.draft.value
    desk.editor.draft.set(replace(draft, values={"instructions": "now", "temperature": 0.5}))
    found = await inspector(desk).changes_since(run_id(desk), "asst_1")
    assert [diff.field for diff in found] == ["instructions"]
    with pytest.raises(FailureError):
        await inspector(desk).changes_since("run_unknown", "asst_1")


def exchanges(url: str = "https://u:pw@x.example/v1/threads/t/runs?api-version=1&token=abc") -> Exchanges:
    kept = Exchanges()
    recording = kept.begin("post", {"assistant_id": "a", "note": "it's $HOME"})
    headers = {"Authorization": "Bearer sk-secret", "X-My-Key": "hush", "Accept": "text/event-stream"}
    response = httpx2.Response(200, headers={"set-cookie": "c"}, request=httpx2.Request("POST", url, headers=headers))
    recording.answered(response)
    recording.heard(b"x" * (MOST_BYTES - 1))
    recording.heard(b"yz")
    recording.heard(b"more")
    return kept


def test_secrets_are_masked_and_memory_is_bounded() -> None:
    (exchange,) = exchanges_of(exchanges(), "t")
    shown = str(exchange)
    for secret in ("sk-secret", "hush", "pw", "abc", "'c'"):
        assert secret not in shown.replace("/v1/threads", "")
    assert exchange.url == f"https://x.example/v1/threads/t/runs?api-version=1&token={MASK}"
    assert exchange.cut
    assert exchange.bytes == MOST_BYTES + 5
    assert len(exchange.response) == MOST_BYTES
    many = Exchanges()
    for _ in range(KEPT + 5):
        many.begin("get", None)
    assert len(many.recordings) == KEPT


def test_curl() -> None:
    (exchange,) = exchanges_of(exchanges(), "t")
    command = curl_of(exchange)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "curl"
    assert "authorization: Bearer ${API_KEY}" in words
    assert "x-my-key: ${X_MY_KEY}" in words
    assert "it's $HOME" in words[-1]
    (local,) = exchanges_of(exchanges("http://playground.local/v1/threads/t/runs"), "t")
    assert curl_of(local).startswith("# The carried service opens no port")


async def test_streams_are_recorded_as_they_come(desk: Desk) -> None:
    desk.server.scripts = [reply(*["word "] * 200)]
    await desk.say("Hi")
    (exchange,) = exchanges_of(desk.threads.context.exchanges, run_id(desk))
    assert exchange.response.count("thread.message.delta") == 200
    assert not exchange.cut

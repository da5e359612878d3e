"""Tools that the service answers itself, through a stand-in: to the model they are functions, to clients what they
are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from playground_tui.service.engines.base import AssistantTurn, FunctionCall, TextDelta, ToolTurn, Usage
from playground_tui.service.runs import execution
from playground_tui.service.runs.tools import Resources, ToolAnswer
from playground_tui.service.store import VECTOR_STORES, objects, vector_stores
from tests.service_runs.bench import FUNCTION, Bench
from tests.service_runs.reading import read_all, short
from tests.support.engines import Gate, calls, text

RESULT = {"file_id": "file-1", "file_name": "policy.md", "score": 0.9}


class Search:
    type = "file_search"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate: Gate | None = None

    def function(self, tool: dict[str, Any]) -> dict[str, Any]:
        return {"type": "function", "function": {"name": "file_search", "parameters": {"type": "object"}}}

    async def answer(self, tool: dict[str, Any], arguments: str, resources: Resources, number: int) -> ToolAnswer:
        self.asked.append(arguments)
        if self.gate:
            await self.gate.pass_through()
        return ToolAnswer(f"found for {arguments}", {"file_search": {"results": [RESULT]}})


@pytest.fixture
def search() -> Search:
    return Search()


@pytest.fixture
async def bench(tmp_path: Path, search: Search) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.start(tools={"file_search": search})
    store = {**vector_stores.new_store({}, 1), "id": "vs_here"}
    await bench.db.write(lambda conn: objects.insert(conn, VECTOR_STORES, store))
    yield bench
    await bench.stop()


async def assistant(bench: Bench, store: str = "vs_here", **fields: Any) -> dict[str, Any]:
    resources = {"file_search": {"vector_store_ids": [store]}}
    return await bench.assistant(tools=[{"type": "file_search"}, FUNCTION], tool_resources=resources, **fields)


async def test_it_is_answered_within_the_run(bench: Bench, search: Search):
    bench.engine.replies = [
        calls(("call_1", "file_search", '{"query":"refunds"}'), usage=Usage(10, 5)),
        text("Within 30 days.", usage=Usage(20, 5)),
    ]
    handle = await bench.begin(assistant=await assistant(bench), tool_choice={"type": "file_search"})
    events = await read_all(handle.events())
    assert short(events)[3:8] == [
        "run.step.created",
        "run.step.in_progress",
        "run.step.delta",
        "run.step.completed",
        "run.step.created",
    ]
    assert search.asked == ['{"query":"refunds"}']
    first, second = bench.engine.requests
    assert first.tools[0]["function"]["name"] == "file_search"
    assert first.tool_choice == {"type": "function", "function": {"name": "file_search"}}
    assert second.tool_choice is None
    assert second.turns[1:] == (
        AssistantTurn(calls=(FunctionCall("call_1", "file_search", '{"query":"refunds"}'),)),
        ToolTurn("call_1", 'found for {"query":"refunds"}'),
    )
    step, _ = await bench.steps(handle)
    shown = {"id": "call_1", "type": "file_search", "file_search": {"results": [RESULT]}}
    assert step["step_details"]["tool_calls"] == [shown]
    assert (await bench.run(handle))["usage"]["total_tokens"] == 40


async def test_beside_a_function_of_the_client(bench: Bench):
    bench.engine.replies = [calls(("call_1", "file_search", "{}"), ("call_2", "weather", "{}"))]
    handle = await bench.begin(assistant=await assistant(bench))
    await read_all(handle.events())
    run = await bench.run(handle)
    wanted = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [call["id"] for call in wanted] == ["call_2"]
    second = await bench.runs.submit(run["thread_id"], run["id"], [{"tool_call_id": "call_2", "output": "20"}])
    await read_all(second.events())
    assert [turn.output for turn in bench.engine.requests[1].turns[2:]] == ["found for {}", "20"]


async def test_cancelled_while_it_answers(bench: Bench, search: Search):
    search.gate = Gate()
    bench.engine.replies = [[TextDelta("Let me see."), *calls(("call_1", "file_search", "{}"))]]
    handle = await bench.begin(assistant=await assistant(bench))
    await search.gate.reached.wait()
    await bench.runs.cancel(handle.run["thread_id"], handle.run["id"])
    await read_all(handle.events())
    assert [step["status"] for step in await bench.steps(handle)] == ["completed", "cancelled"]


async def test_a_model_that_never_stops_searching(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(execution, "MOST_ROUNDS", 3)
    bench.engine.replies = [calls((f"call_{n}", "file_search", "{}")) for n in range(9)]
    handle = await bench.begin(assistant=await assistant(bench))
    await read_all(handle.events())
    assert "3 times" in (await bench.run(handle))["last_error"]["message"]


async def test_stores_of_somebody_else_are_refused(bench: Bench):
    from playground_tui.service.errors import ApiError

    with pytest.raises(ApiError, match="no file search for these"):
        await bench.begin(assistant=await assistant(bench, "vs_elsewhere"))

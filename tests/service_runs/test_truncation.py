"""Truncation and token limits, read off what the engine was sent."""

from __future__ import annotations

from itertools import pairwise

import pytest

from playground_tui.service.engines.base import AssistantTurn, EngineError, Finish, TextDelta, ToolTurn, Usage, UserTurn
from playground_tui.service.runs.conversation import Block
from playground_tui.service.runs.tokens import turns_tokens
from playground_tui.service.runs.truncation import cut_auto, cut_last
from tests.service_runs.bench import FUNCTION, Bench, said
from tests.service_runs.reading import read_all
from tests.service_runs.test_conversation import spoken
from tests.support.engines import calls, text

LONG = "word " * 40  # 50 tokens by estimate


def block(name: str, tokens: int = 10, *, is_message: bool = True, own: bool = False) -> Block:
    return Block((AssistantTurn(name),), is_message, tokens, own)


def names(blocks) -> str:
    return "".join(block.turns[0].text for block in blocks)


def test_auto_leaves_out_the_middle():
    blocks = [block(name) for name in "abcdef"]
    cut = cut_auto(blocks, 45)
    assert (names(cut.blocks), cut.tokens, cut.dropped, cut.fits) == ("adef", 40, 2, True)
    assert cut_auto(blocks, 60).dropped == 0


def test_a_long_first_message_makes_room_for_the_newest():
    blocks = [block("a", 30), *(block(name) for name in "bcdef")]
    assert names(cut_auto(blocks, 45).blocks) == "cdef"


def test_own_rounds_and_the_newest_message_are_always_sent():
    blocks = [block("a"), block("b", 100), block("x", 50, own=True)]
    cut = cut_auto(blocks, 20)
    assert (names(cut.blocks), cut.fits) == ("bx", False)


def test_last_messages_count_messages_only():
    blocks = [block("a"), block("t", is_message=False), block("b"), block("u", is_message=False), block("x", own=True)]
    assert names(cut_last(blocks, 1)) == "bux"
    assert names(cut_last(blocks, 2)) == "atbux"
    assert names(cut_last(blocks, 9)) == "atbux"


async def talk(bench: Bench, count: int) -> str:
    thread_id = await bench.thread("First: " + LONG)
    bodies = [
        {"role": "assistant" if number % 2 == 0 else "user", "content": f"{number}: {LONG}"} for number in range(count)
    ]
    await bench.say_all(thread_id, bodies)
    return thread_id


@pytest.mark.parametrize("wanted", [1, 2, 5, 40, 200])
async def test_last_messages(bench: Bench, wanted: int):
    thread_id = await talk(bench, 60)
    strategy = {"type": "last_messages", "last_messages": wanted}
    handle = await bench.run_on(thread_id, truncation_strategy=strategy)
    await read_all(handle.events())
    turns = bench.engine.requests[0].turns
    assert len(turns) == min(wanted, 61)
    assert spoken(turns)[-1].startswith("u:59:")
    assert handle.run["truncation_strategy"] == strategy
    assert "omitted_messages" not in await bench.run(handle)


async def test_max_prompt_tokens_drops_the_middle(bench: Bench):
    thread_id = await talk(bench, 100)
    handle = await bench.run_on(thread_id, max_prompt_tokens=600)
    events = await read_all(handle.events())
    turns = bench.engine.requests[0].turns
    assert events[-2].data["omitted_messages"] == 101 - len(turns)
    assert (await bench.run(handle))["omitted_messages"] == 101 - len(turns)
    numbers = [turn.split(":")[1] for turn in spoken(turns)]
    assert numbers[0] == "First"
    assert numbers[-1] == "99"
    assert all(int(b) == int(a) + 1 for a, b in pairwise(numbers[1:]))
    assert 400 < turns_tokens(turns) <= 600
    assert len(turns) < 12
    assert (await bench.run(handle))["status"] == "completed"


async def test_last_messages_are_cut_too_when_they_do_not_fit(bench: Bench):
    thread_id = await talk(bench, 40)
    strategy = {"type": "last_messages", "last_messages": 20}
    await read_all((await bench.run_on(thread_id, max_prompt_tokens=300, truncation_strategy=strategy)).events())
    assert turns_tokens(bench.engine.requests[0].turns) <= 300


async def test_a_model_that_counts_more_gets_less(bench: Bench):
    thread_id = await talk(bench, 60)
    bench.engine.replies = [text("ok", usage=Usage(2 * 3500, 1))]
    await read_all((await bench.run_on(thread_id)).events())
    await read_all((await bench.run_on(thread_id, max_prompt_tokens=600)).events())
    first, second = bench.engine.requests
    assert len(first.turns) == 61
    assert turns_tokens(second.turns) <= 350


async def test_what_must_be_sent_is_more_than_the_run_may_use(bench: Bench):
    thread_id = await bench.thread("word " * 2000)
    handle = await bench.run_on(thread_id, max_prompt_tokens=256)
    events = await read_all(handle.events())
    run = await bench.run(handle)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_prompt_tokens"})
    assert bench.engine.requests == []
    assert events[-2].name == "thread.run.incomplete"


async def test_prompt_tokens_add_up_over_the_rounds_of_a_run(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}"), usage=Usage(400, 5))]
    handle = await bench.begin(assistant_tools=[FUNCTION], max_prompt_tokens=400)
    thread_id, run_id = handle.run["thread_id"], handle.run["id"]
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_1", "output": "20"}]
    await read_all((await bench.runs.submit(thread_id, run_id, outputs)).events())
    run = await bench.run(handle)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_prompt_tokens"})
    assert run["usage"]["prompt_tokens"] == 400
    assert len(bench.engine.requests) == 1


async def test_usage_beyond_the_limit_makes_the_run_incomplete(bench: Bench):
    bench.engine.replies = [text("All said.", usage=Usage(257, 3))]
    handle = await bench.begin(max_prompt_tokens=256)
    await read_all(handle.events())
    run = await bench.run(handle)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_prompt_tokens"})
    reply = (await bench.messages(run["thread_id"]))[-1]
    assert (reply["status"], said(reply)) == ("completed", "All said.")


async def test_completion_tokens_left_are_sent_on(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}"), usage=Usage(10, 100)), text("x", usage=Usage(10, 3))]
    handle = await bench.begin(assistant_tools=[FUNCTION], max_completion_tokens=300)
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_1", "output": "20"}]
    await read_all((await bench.runs.submit(handle.run["thread_id"], handle.run["id"], outputs)).events())
    assert [request.max_output_tokens for request in bench.engine.requests] == [300, 200]
    assert (await bench.run(handle))["status"] == "completed"


async def test_an_endpoint_that_pays_no_heed_is_cut_off(bench: Bench):
    bench.engine.replies = [text(*(["word " * 20] * 100))]
    handle = await bench.begin(max_completion_tokens=256)
    await read_all(handle.events())
    run = await bench.run(handle)
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_completion_tokens"})
    reply = (await bench.messages(run["thread_id"]))[-1]
    assert (reply["status"], reply["incomplete_details"]) == ("incomplete", {"reason": "max_tokens"})
    assert len(said(reply)) < 3000
    assert run["usage"]["estimated"] is True
    assert bench.engine.open_streams == 0


async def test_a_smaller_context_than_thought(bench: Bench):
    thread_id = await talk(bench, 1200)
    too_long = EngineError("Too long.", code="invalid_prompt", status=400, context_exceeded=True)
    bench.engine.replies = [[too_long], [too_long], text("ok")]
    handle = await bench.run_on(thread_id)
    await read_all(handle.events())
    sizes = [turns_tokens(request.turns) for request in bench.engine.requests]
    assert (await bench.run(handle))["status"] == "completed"
    assert sizes[0] > 60_000
    assert sizes[2] <= 32_000


async def test_a_context_that_nothing_fits_is_a_failure(bench: Bench):
    too_long = EngineError("Too long.", code="invalid_prompt", status=400, context_exceeded=True)
    bench.engine.replies = [[too_long]] * 10
    handle = await bench.begin()
    await read_all(handle.events())
    assert (await bench.run(handle))["last_error"] == {"code": "invalid_prompt", "message": "Too long."}


async def test_rounds_stay_whole_when_cut(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}")), text("Warm.")]
    handle = await bench.begin("Weather? " + LONG, assistant_tools=[FUNCTION])
    thread_id = handle.run["thread_id"]
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_1", "output": LONG * 4}]
    await read_all((await bench.runs.submit(thread_id, handle.run["id"], outputs)).events())
    await bench.say(thread_id, "Thanks")
    await read_all((await bench.run_on(thread_id, max_prompt_tokens=256)).events())
    turns = bench.engine.requests[2].turns
    assert not any(isinstance(turn, ToolTurn) for turn in turns)
    assert not any(turn.calls for turn in turns if isinstance(turn, AssistantTurn))
    assert isinstance(turns[-1], UserTurn)


async def test_a_finish_for_length(bench: Bench):
    bench.engine.replies = [[TextDelta("Half a sen"), Usage(10, 4), Finish("length")]]
    handle = await bench.begin()
    events = await read_all(handle.events())
    assert [e.name.rpartition(".")[2] for e in events[-4:]] == ["incomplete", "completed", "incomplete", "done"]
    run = await bench.run(handle)
    assert (run["incomplete_details"], run["usage"]["total_tokens"]) == ({"reason": "max_completion_tokens"}, 14)


async def test_a_finish_for_length_in_the_middle_of_a_call(bench: Bench):
    bench.engine.replies = [[*calls(("call_1", "weather", '{"a'))[:-1], Finish("length")]]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    (step,) = await bench.steps(handle)
    assert (step["status"], step["step_details"]["tool_calls"][0]["function"]["arguments"]) == ("failed", '{"a')
    assert (await bench.run(handle))["status"] == "incomplete"


async def test_without_counts_from_the_endpoint_they_are_estimates(bench: Bench):
    bench.engine.replies = [[TextDelta("word " * 8), *text()]]
    handle = await bench.begin("word " * 80)
    await read_all(handle.events())
    usage = (await bench.run(handle))["usage"]
    assert usage["estimated"] is True
    assert 100 <= usage["prompt_tokens"] <= 130
    assert usage["completion_tokens"] == 10

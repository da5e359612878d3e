"""What an engine is sent of a thread."""

from __future__ import annotations

from typing import Any

import pytest

from playground_tui.service.engines.base import AssistantTurn, Capabilities, ImagePart, TextPart, UserTurn
from playground_tui.service.errors import ApiError
from tests.service_runs.bench import FUNCTION, Bench
from tests.service_runs.reading import read_all
from tests.support.engines import calls, text


def spoken(turns: tuple[Any, ...]) -> list[str]:
    """Each turn in short: its author's letter and its words."""
    found = []
    for turn in turns:
        if isinstance(turn, UserTurn):
            found.append("u:" + "|".join(p.text if isinstance(p, TextPart) else p.url for p in turn.parts))
        elif isinstance(turn, AssistantTurn):
            found.append("a:" + turn.text + "".join(f"→{call.name}" for call in turn.calls))
        else:
            found.append("t:" + turn.output)
    return found


async def test_a_thread_as_it_was_said(bench: Bench):
    thread_id = await bench.thread("One")
    await read_all((await bench.run_on(thread_id)).events())
    await bench.say(thread_id, "Two")
    await bench.say(thread_id, "By hand", role="assistant")
    await read_all((await bench.run_on(thread_id)).events())
    assert spoken(bench.engine.requests[1].turns) == ["u:One", "a:Hello there", "u:Two", "a:By hand"]


async def test_a_run_may_follow_an_assistant_message_or_nothing(bench: Bench):
    handle = await bench.run_on(await bench.thread())
    await read_all(handle.events())
    assert bench.engine.requests[0].turns == ()
    await read_all((await bench.run_on(handle.run["thread_id"])).events())
    assert spoken(bench.engine.requests[1].turns) == ["a:Hello there"]
    assert (await bench.run(handle))["status"] == "completed"


async def test_tool_calls_of_earlier_runs_stand_where_they_were_made(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}")), text("Warm.")]
    handle = await bench.begin("Weather?", assistant_tools=[FUNCTION])
    thread_id, run_id = handle.run["thread_id"], handle.run["id"]
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_1", "output": "20"}]
    await read_all((await bench.runs.submit(thread_id, run_id, outputs)).events())
    await bench.say(thread_id, "Thanks")
    await read_all((await bench.run_on(thread_id)).events())
    assert spoken(bench.engine.requests[2].turns) == ["u:Weather?", "a:→weather", "t:20", "a:Warm.", "u:Thanks"]


async def test_a_round_without_its_outputs_is_left_out(bench: Bench):
    bench.engine.replies = [[*text("Let me see. ")[:-1], *calls(("call_1", "weather", "{}"))]]
    handle = await bench.begin("Weather?", assistant_tools=[FUNCTION])
    await read_all(handle.events())
    thread_id = handle.run["thread_id"]
    assert (await bench.runs.cancel(thread_id, handle.run["id"]))["status"] == "cancelled"
    await bench.say(thread_id, "Never mind")
    await read_all((await bench.run_on(thread_id)).events())
    assert spoken(bench.engine.requests[1].turns) == ["u:Weather?", "a:Let me see. ", "u:Never mind"]


async def test_rounds_of_a_run_that_left_no_message_stay_in_their_place(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}")), calls(("call_2", "weather", "{}"))]
    handle = await bench.begin("Weather?", assistant_tools=[FUNCTION])
    thread_id, run_id = handle.run["thread_id"], handle.run["id"]
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_1", "output": "20"}]
    await read_all((await bench.runs.submit(thread_id, run_id, outputs)).events())
    await bench.runs.cancel(thread_id, run_id)
    await bench.say(thread_id, "And now?")
    await read_all((await bench.run_on(thread_id)).events())
    assert spoken(bench.engine.requests[2].turns) == ["u:Weather?", "a:→weather", "t:20", "u:And now?"]


def image(url: str, detail: str = "auto") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, "detail": detail}}


PICTURES = {
    "role": "user",
    "content": [
        {"type": "text", "text": "Look"},
        image("https://pictures.example/a.png", "low"),
        {"type": "image_file", "image_file": {"file_id": "file-1"}},
    ],
    "attachments": [{"file_id": "file-2", "tools": [{"type": "file_search"}]}],
}


async def test_pictures_and_attachments(bench: Bench):
    await read_all((await bench.run_on(await bench.thread(PICTURES))).events())
    (turn,) = bench.engine.requests[0].turns
    assert turn.parts == (
        TextPart("Look"),
        ImagePart("https://pictures.example/a.png", "low"),
        TextPart("[A picture that you cannot see: file-1]"),
        TextPart("[Attached file: file-2, for file_search]"),
    )


async def test_an_endpoint_without_eyes_is_told_so(bench: Bench):
    bench.engine.capabilities = Capabilities(images=False)
    data = image("data:image/png;base64,AAAA")
    message = {"role": "user", "content": [data]}
    await read_all((await bench.run_on(await bench.thread(message))).events())
    assert spoken(bench.engine.requests[0].turns) == ["u:[A picture that you cannot see: in the message itself]"]


async def test_overrides_and_additions(bench: Bench):
    assistant = await bench.assistant(
        temperature=0.5, tools=[FUNCTION], reasoning_effort="low", response_format={"type": "json_object"}
    )
    thread_id = await bench.thread("First")
    await read_all((await bench.run_on(thread_id, assistant)).events())
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    handle = await bench.run_on(
        thread_id,
        assistant,
        model="demo/other",
        instructions="Shout.",
        additional_instructions="Loudly.",
        additional_messages=[{"role": "user", "content": "More"}],
        temperature=1.5,
        top_p=0.1,
        tools=[],
        response_format=schema,
        reasoning_effort="high",
        metadata={"a": "b"},
    )
    await read_all(handle.events())
    plain, changed = bench.engine.requests
    assert (plain.model, plain.instructions, plain.temperature, plain.top_p) == ("m", "Be brief.", 0.5, None)
    assert (plain.reasoning_effort, plain.response_format) == ("low", {"type": "json_object"})
    assert plain.tools[0]["function"]["strict"] is False
    assert plain.tool_choice is None
    assert (changed.model, changed.instructions) == ("other", "Shout.\n\nLoudly.")
    assert (changed.temperature, changed.top_p, changed.tools) == (1.5, 0.1, ())
    assert (changed.reasoning_effort, changed.response_format) == ("high", schema)
    assert spoken(changed.turns) == ["u:First", "a:Hello there", "u:More"]
    run = await bench.run(handle)
    assert (run["model"], run["metadata"], run["tools"]) == ("demo/other", {"a": "b"}, [])
    assert [m["role"] for m in await bench.messages(thread_id)] == ["user", "assistant", "user", "assistant"]


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"tools": [{"type": "code_interpreter"}]}, "tools", "code interpreter"),
        ({"tools": [{"type": "file_search"}]}, "tools", "vector store to search"),
        ({"tool_choice": "required"}, "tool_choice", "no tools"),
        ({"tool_choice": {"type": "file_search"}}, "tool_choice", "'file_search'"),
        ({"tools": [FUNCTION], "tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice", "'x'"),
    ],
)
async def test_what_nobody_can_do_is_refused(bench: Bench, body: dict[str, Any], param: str, words: str):
    with pytest.raises(ApiError, match=words) as caught:
        await bench.begin(**body)
    assert (caught.value.status, caught.value.param) == (400, param)


async def test_a_store_that_nobody_can_search_is_refused(bench: Bench):
    assistant = await bench.assistant(
        tools=[{"type": "file_search"}], tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}}
    )
    with pytest.raises(ApiError, match="no file search for these"):
        await bench.begin(assistant=assistant)


async def test_a_model_without_a_provider_is_refused(bench: Bench):
    bench.settings = type(bench.settings)()
    with pytest.raises(ApiError, match="No provider") as caught:
        await bench.begin()
    assert caught.value.param == "model"


async def test_unknown_things(bench: Bench):
    assistant = await bench.assistant()
    with pytest.raises(ApiError, match="No thread found with id 'thread_x'"):
        await bench.run_on("thread_x", assistant)
    with pytest.raises(ApiError, match="No assistant found with id 'asst_x'"):
        await bench.run_on(await bench.thread("x"), {"id": "asst_x"})
    with pytest.raises(ApiError, match="No run found with id 'run_x'"):
        await bench.runs.cancel(await bench.thread("x"), "run_x")
    with pytest.raises(ApiError, match="No run found with id 'run_x'"):
        await bench.runs.follow(await bench.thread("x"), "run_x")

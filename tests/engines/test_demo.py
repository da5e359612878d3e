"""The demo: deterministic, offline, honest about itself, and able to show every state."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import jsonschema
import pytest

from playground_tui.service.engines.base import (
    Annotation,
    AssistantTurn,
    Finish,
    FunctionCall,
    ImagePart,
    ReasoningDelta,
    TextPart,
    ToolTurn,
    Usage,
    UserTurn,
)
from playground_tui.service.engines.demo import DemoEngine
from playground_tui.service.engines.demo_commands import COMMANDS
from playground_tui.service.engines.demo_sample import sample
from playground_tui.settings.model import Provider
from tests.engines.conftest import Heard, asking, function, hear


class Sleeper:
    """Counts the seconds instead of waiting."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def __call__(self, seconds: float) -> None:
        self.seconds += seconds


async def say(text: str = "Hello?", **changes: Any) -> Heard:
    return await hear(DemoEngine(sleep=Sleeper()), asking(text, **{"model": "demo", **changes}))


async def test_it_says_what_it_is_and_what_it_was_sent() -> None:
    heard = await say("Where is my order?", instructions="You are the support bot.", temperature=0.2)
    for part in ("demo model", "Where is my order?", "> You are the support bot.", "0.2 (focused)"):
        assert part in heard.text
    assert heard.finish == "stop"
    assert heard.usage is not None
    assert heard.usage.prompt_tokens > 0
    assert heard.usage.completion_tokens >= len(heard.text) // 4


async def test_the_same_request_gives_the_same_reply_and_another_a_different_one() -> None:
    first, again = await say(instructions="Be kind."), await say(instructions="Be kind.")
    assert first == again
    for changes in ({"instructions": "Be rude."}, {"temperature": 1.0}, {"top_p": 0.5}, {"tools": (function(),)}):
        assert (await say(**{"instructions": "Be kind.", **changes})).text != first.text


async def test_instructions_are_followed_a_little() -> None:
    plain = await say(instructions="Be kind.")
    assert len((await say(instructions="Be brief.")).text) < len(plain.text) / 2
    assert "| setting |" in plain.text
    assert "- temperature:" in (await say(instructions="Answer in bullet points.")).text


async def test_it_remembers_and_sees() -> None:
    turns = (
        UserTurn((TextPart("First thing."),)),
        AssistantTurn("Yes."),
        UserTurn((TextPart("Second."), ImagePart("x"))),
    )
    heard = await say(turns=turns)
    assert "First thing." in heard.text
    assert "1 image," in heard.text


@pytest.mark.parametrize("turns", [(), (AssistantTurn("Hi"),), (UserTurn(()),), (ToolTurn("c9", "orphan"),)])
async def test_odd_conversations(turns: tuple[Any, ...]) -> None:
    heard = await say(turns=turns)
    assert heard.text
    assert heard.finish == "stop"


@pytest.mark.parametrize("name", list(COMMANDS))
async def test_every_command_ends_as_an_engine_should(name: str) -> None:
    heard = await say(f"/{name}", tools=(function(),))
    assert (heard.error is None) == (heard.finish is not None)


async def test_help_lists_every_command() -> None:
    heard = await say("/help")
    assert all(f"`/{name}`" in heard.text for name in COMMANDS)
    assert "no command `/nope`" in (await say("/nope now")).text


async def test_commands_count_only_at_the_start() -> None:
    assert "I was told" in (await say("please /fail")).text


async def test_two_parallel_calls() -> None:
    heard = await say("/calls", tools=(function(), function("get_time")))
    assert [name for name, _ in heard.calls] == ["get_weather", "get_time"]
    assert all(json.loads(arguments)["city"] for _, arguments in heard.calls)
    assert (heard.finish, len(set(heard.call_ids))) == ("tool_calls", 2)


async def test_one_function_is_called_twice_differently() -> None:
    heard = await say("/calls", tools=(function(),))
    assert heard.calls[0][0] == heard.calls[1][0]
    assert heard.calls[0][1] != heard.calls[1][1]
    assert len((await say("/calls", tools=(function(),), parallel_tool_calls=False)).calls) == 1


async def test_without_functions_it_explains() -> None:
    heard = await say("/calls")
    assert (heard.calls, heard.finish) == ([], "stop")
    assert '"name": "get_weather"' in heard.text
    assert "none" in (await say("/calls", tools=(function(),), tool_choice="none")).text


@pytest.mark.parametrize(
    ("question", "choice", "called"),
    [
        ("Hello?", None, []),
        ("Hello?", "required", ["get_weather"]),
        ("Hello?", {"type": "function", "function": {"name": "get_time"}}, ["get_time"]),
        ("What's the weather?", None, ["get_weather"]),
        ("What's the weather?", "none", []),
    ],
)
async def test_calls_without_a_command(question: str, choice: Any, called: list[str]) -> None:
    heard = await say(question, tools=(function(), function("get_time")), tool_choice=choice)
    assert [name for name, _ in heard.calls] == called


async def test_it_tells_what_the_outputs_were_and_gives_each_call_an_id_of_its_own() -> None:
    calls = (FunctionCall("c1", "get_weather", '{"city": "Oslo"}'), FunctionCall("c2", "get_time", "{}"))
    turns = (AssistantTurn(calls=calls), ToolTurn("c1", '{"sky": "clear"}'), ToolTurn("c2", "no ``` json"))
    heard = await say(turns=turns, tools=(function(),), tool_choice="required")
    assert heard.calls == []
    for part in ("2 functions", 'get_weather({"city": "Oslo"})', '"sky": "clear"', "get_time({})", "no ``` json"):
        assert part in heard.text
    again = (*turns, UserTurn((TextPart("/calls"),)))
    ids = [i for _ in range(2) for i in (await say(turns=again, tools=(function(),))).call_ids]
    assert len({*ids, "c1", "c2", ""}) == 7
    numbers = count(1)
    numbered = DemoEngine(0, call_id=lambda: f"call_{next(numbers)}")
    assert (await hear(numbered, asking(turns=again, tools=(function(),)))).call_ids == ["call_1", "call_2"]


async def test_errors_on_purpose() -> None:
    limited, failed, refused = [(await say(f"/{name}")).error for name in ("429", "fail", "400")]
    assert limited is not None
    assert (limited.code, limited.status, limited.retryable, limited.retry_after) == (
        "rate_limit_exceeded",
        429,
        True,
        2.0,
    )
    assert failed is not None
    assert (failed.code, failed.retryable) == ("server_error", False)
    assert refused is not None
    assert refused.param == "temperature"
    cut = await say("/cut")
    assert cut.text
    assert cut.error is not None


async def test_other_ends() -> None:
    assert (await say("/refuse")).refusal
    assert (await say("/length")).finish == "length"
    assert (await say("/filter")).finish == "content_filter"
    thought = await say("/think")
    assert thought.reasoning
    assert thought.usage is not None
    assert thought.usage.reasoning_tokens > 0


async def test_the_citation_points_at_its_mark() -> None:
    heard = await say("/citation")
    (annotation,) = heard.all(Annotation)
    value = annotation.value
    assert heard.text[value["start_index"] : value["end_index"]] == value["text"]


async def test_long_replies_have_the_wanted_length() -> None:
    heard = await say("/long 8,000")
    assert heard.usage is not None
    assert 31_900 <= len(heard.text) <= 32_000
    assert (await say("/long 99999999999")).finish == "stop"


async def test_the_token_limit_holds() -> None:
    heard = await say("/long 8000", max_output_tokens=300)
    assert heard.finish == "length"
    assert heard.usage is not None
    assert 300 <= heard.usage.completion_tokens < 310


SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "age": {"type": "integer", "minimum": 3, "exclusiveMaximum": 9},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}, "minItems": 2},
        "when": {"type": ["string", "null"], "format": "date-time"},
        "kind": {"anyOf": [{"type": "null"}, {"const": "x"}]},
        "next": {"$ref": "#/$defs/node"},
        "both": {"allOf": [{"properties": {"a": {"type": "number", "multipleOf": 0.5}}, "required": ["a"]}]},
        "flag": {"type": "boolean"},
    },
    "required": ["name", "age", "tags", "when", "kind", "next", "both", "flag"],
    "additionalProperties": False,
    "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "id": {"type": "integer"}}}},
}


@pytest.mark.parametrize("question", ["/json", "Hello?"])
async def test_json_fits_the_schema(question: str) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    heard = await say(question, response_format=form)
    jsonschema.validate(json.loads(heard.text), SCHEMA)


async def test_json_without_a_schema() -> None:
    assert json.loads((await say(response_format={"type": "json_object"})).text)["demo"] is True
    assert "```json" in (await say("/json", response_format={"type": "text"})).text


@pytest.mark.parametrize(
    "schema", [None, True, {}, {"type": "array"}, {"$ref": "#/nowhere"}, {"properties": []}, {"enum": 3}]
)
def test_odd_schemas_give_something(schema: Any) -> None:
    json.dumps(sample(schema, seed=1))


def test_a_schema_without_an_end_ends() -> None:
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    json.dumps(sample(loop))
    deep = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    assert sample(deep) == {}


async def test_pace() -> None:
    sleepers = {name: Sleeper() for name in ("demo", "demo-fast", "demo-slow", "demo-reasoning")}
    heard = {name: await hear(DemoEngine(60, s), asking("/text", model=name)) for name, s in sleepers.items()}
    usage = heard["demo"].usage
    assert usage is not None
    assert sleepers["demo"].seconds == pytest.approx(usage.completion_tokens / 60)
    assert sleepers["demo-fast"].seconds == 0
    assert sleepers["demo-slow"].seconds > 3
    assert heard["demo-slow"].events[0] == ReasoningDelta()
    assert heard["demo-reasoning"].reasoning


async def test_the_provider_sets_the_pace() -> None:
    engine = DemoEngine.of(Provider("demo", "demo", extra_body={"tokens_per_second": 0}))
    request = asking("/slow 600", model="demo")
    assert (await hear(engine, request)).finish == "stop"
    assert (error := (await hear(engine, asking("/429", model="demo"))).error) is not None
    assert error.retry_after == 0
    for odd in ("fast", -1, True, None):
        DemoEngine.of(Provider("demo", "demo", extra_body={"tokens_per_second": odd}))


async def test_models() -> None:
    assert "demo" in [model.id for model in await DemoEngine().models()]


async def test_usage_and_finish_come_last() -> None:
    heard = await say()
    assert isinstance(heard.events[-2], Usage)
    assert isinstance(heard.events[-1], Finish)

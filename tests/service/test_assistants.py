import openai
import pytest

FUNCTION = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}


async def test_a_new_assistant_has_every_key_and_what_was_sent(client: openai.AsyncOpenAI):
    made = await client.beta.assistants.create(
        model="demo/demo",
        name="Support bot",
        instructions="Be brief. 日本語 ✓",
        tools=[FUNCTION, {"type": "file_search", "file_search": {"max_num_results": 3}}],
        metadata={"a": "b"},
        temperature=0.35,
    )
    assert made.id.startswith("asst_")
    assert (made.name, made.description, made.temperature, made.top_p) == ("Support bot", None, 0.35, None)
    assert made.tools[0].function.strict is False
    assert made.response_format == "auto"
    assert await client.beta.assistants.retrieve(made.id) == made


async def test_only_sent_keys_change_and_null_clears(client: openai.AsyncOpenAI):
    made = await client.beta.assistants.create(
        model="m", name="A", description="d", temperature=1, tools=[FUNCTION], metadata={"a": "b"}
    )
    changed = await client.beta.assistants.update(made.id, temperature=None, description="e")
    assert (changed.temperature, changed.description, changed.name, len(changed.tools)) == (None, "e", "A", 1)
    cleared = await client.beta.assistants.update(made.id, tools=[], metadata=None, name=None)
    assert (cleared.tools, cleared.metadata, cleared.name) == ([], {}, None)
    assert await client.beta.assistants.retrieve(made.id) == cleared


async def test_a_deleted_assistant_leaves_its_threads(client: openai.AsyncOpenAI):
    made = await client.beta.assistants.create(model="m")
    thread = await client.beta.threads.create()
    gone = await client.beta.assistants.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "assistant.deleted")
    with pytest.raises(openai.NotFoundError) as caught:
        await client.beta.assistants.retrieve(made.id)
    assert caught.value.body["message"] == f"No assistant found with id '{made.id}'."
    assert caught.value.request_id.startswith("req_")
    assert (await client.beta.threads.retrieve(thread.id)).id == thread.id
    with pytest.raises(openai.NotFoundError):
        await client.beta.assistants.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        await client.beta.assistants.update(made.id, name="x")


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "model", "missing_required_parameter"),
        ({"model": None}, "model", "invalid_type"),
        ({"model": ""}, "model", "empty_string"),
        ({"model": "m", "name": "x" * 257}, "name", "string_above_max_length"),
        ({"model": "m", "description": "x" * 513}, "description", "string_above_max_length"),
        ({"model": "m", "instructions": "x" * 256_001}, "instructions", "string_above_max_length"),
        ({"model": "m", "temperature": 2.1}, "temperature", "decimal_above_max_value"),
        ({"model": "m", "temperature": "1"}, "temperature", "invalid_type"),
        ({"model": "m", "temperature": True}, "temperature", "invalid_type"),
        ({"model": "m", "top_p": -0.1}, "top_p", "decimal_below_min_value"),
        ({"model": "m", "tools": [{"type": "code_interpreter"}] * 129}, "tools", "array_above_max_length"),
        ({"model": "m", "tools": [{"type": "retrieval"}]}, "tools[0].type", "invalid_value"),
        ({"model": "m", "tools": [{}]}, "tools[0].type", "missing_required_parameter"),
        ({"model": "m", "metadata": {"a": 1}}, "metadata.a", "invalid_type"),
        ({"model": "m", "metadata": {str(n): "" for n in range(17)}}, "metadata", "object_above_max_properties"),
        ({"model": "m", "metadata": {"k" * 65: ""}}, "metadata", "property_name_above_max_length"),
        ({"model": "m", "response_format": "json"}, "response_format", "invalid_value"),
        ({"model": "m", "reasoning_effort": "some"}, "reasoning_effort", "invalid_value"),
        ({"model": "m", "file_ids": []}, "file_ids", "unknown_parameter"),
        (
            {"model": "m", "tool_resources": {"code_interpreter": {"file_ids": ["f"] * 21}}},
            "tool_resources.code_interpreter.file_ids",
            "array_above_max_length",
        ),
        (
            {"model": "m", "tool_resources": {"file_search": {"vector_store_ids": ["v"], "vector_stores": [{}]}}},
            "tool_resources.file_search",
            "mutually_exclusive_parameters",
        ),
    ],
)
async def test_a_wrong_value_is_named(client: openai.AsyncOpenAI, body: dict, param: str, code: str):
    with pytest.raises(openai.BadRequestError) as caught:
        await client.post("/assistants", body=body, cast_to=object)
    assert (caught.value.param, caught.value.code, caught.value.type) == (param, code, "invalid_request_error")
    assert param.partition("[")[0] in caught.value.body["message"] or code in ("invalid_value", "unsupported_parameter")
    assert (await client.beta.assistants.list()).data == []


async def test_lengths_are_counted_in_characters(client: openai.AsyncOpenAI):
    made = await client.beta.assistants.create(model="m", name="🎈" * 256, instructions="é" * 256_000)
    assert len(made.name) == 256
    assert len((await client.beta.assistants.retrieve(made.id)).instructions) == 256_000

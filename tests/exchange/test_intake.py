import json
from pathlib import Path
from typing import Any

import pytest

from playground_tui.workspace.exchange.intake import Intake, read_paths, read_text

ASSISTANT: dict[str, Any] = {
    "id": "asst_1",
    "object": "assistant",
    "created_at": 1,
    "name": "Bot",
    "description": None,
    "model": "gpt-4o",
    "instructions": "Be kind.",
    "tools": [{"type": "retrieval"}, {"type": "file_search", "file_search": {"ranking_options": None}}],
    "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}, "code_interpreter": None},
    "metadata": {"n": 1},
    "temperature": 9,
    "file_ids": ["file_1"],
    "speed": "fast",
}


def one(data: Any, name: str = "x.json") -> Intake:
    return read_text(json.dumps(data), name)


def test_an_assistant_of_the_api_is_taken_and_the_rest_is_told() -> None:
    (taken,) = one(ASSISTANT).taken
    assert taken.kind == "assistant"
    assert taken.fields["tools"] == [{"type": "file_search"}, {"type": "file_search", "file_search": {}}]
    assert taken.fields["metadata"] == {"n": "1"}
    assert "temperature" not in taken.fields
    told = " ".join((*taken.changed, *taken.not_taken))
    for word in ("retrieval", "vector stores", "metadata", "temperature", "file_ids", "speed"):
        assert word in told


def test_a_list_object_gives_each() -> None:
    found = one({"object": "list", "data": [ASSISTANT, {**ASSISTANT, "name": "Two"}]})
    assert [t.name for t in found.taken] == ["Bot", "Two"]
    assert [t.source for t in found.taken] == ["x.json#1", "x.json#2"]


MESSAGES = [
    {"role": "assistant", "content": [{"type": "text", "text": {"value": "Hi"}}], "created_at": 2},
    {"role": "user", "content": "Hello there", "created_at": 1, "metadata": {"a": "b"}},
]


@pytest.mark.parametrize(
    "dump",
    [
        MESSAGES,
        {"messages": MESSAGES},
        {"object": "list", "data": MESSAGES},
        {"thread": {"id": "thread_1", "metadata": {}}, "messages": {"object": "list", "data": MESSAGES}},
    ],
)
def test_thread_dumps_come_oldest_first(dump: Any) -> None:
    (taken,) = one(dump).taken
    assert taken.kind == "thread"
    assert [m["content"] for m in taken.fields["messages"]] == ["Hello there", "Hi"]
    assert taken.fields["messages"][0]["metadata"] == {"a": "b"}
    assert taken.name == "Hello there"


def test_what_a_thread_cannot_keep_is_counted() -> None:
    (taken,) = one(
        [
            {"role": "system", "content": "x"},
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "https://a/b.png"}}, {"type": "audio"}],
            },
        ]
    ).taken
    assert taken.fields["messages"][0]["content"] == [{"type": "image_url", "image_url": {"url": "https://a/b.png"}}]
    assert "1 messages of role system left out." in taken.not_taken
    assert "1 parts of type audio left out." in taken.not_taken


def test_messages_a_line_each_are_one_thread_and_data_sets_are_many() -> None:
    lines = "\n".join(json.dumps(m) for m in MESSAGES)
    assert [t.kind for t in read_text(lines, "t.jsonl").taken] == ["thread"]
    sets = "\n".join(json.dumps({"messages": MESSAGES}) for _ in range(3))
    assert [t.source for t in read_text(sets, "t.jsonl").taken] == ["t.jsonl#1", "t.jsonl#2", "t.jsonl#3"]


@pytest.mark.parametrize(
    "prompt",
    [
        {
            "id": "pmpt_1",
            "version": "3",
            "variables": {"city": "Rome"},
            "instructions": "Weather in {{city}}",
            "model": "gpt-4o",
            "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}, {"type": "web_search"}],
            "text": {"format": {"type": "json_schema", "name": "w", "schema": {"type": "object"}}},
            "reasoning": {"effort": "low"},
        },
        {
            "prompt": {"prompt_id": "pmpt_1", "prompt_version": 3, "prompt_variables": ["city"]},
            "messages": [{"role": "developer", "content": [{"type": "input_text", "text": "Weather in {{city}}"}]}],
            "model": "gpt-4o",
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "w", "schema": {"type": "object"}}},
            "reasoning_effort": "low",
        },
        {
            "promptId": "pmpt_1",
            "promptVersion": "3",
            "developerMessage": "Weather in {{city}}",
            "modelId": "gpt-4o",
            "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
            "responseFormat": {"type": "json_schema", "json_schema": {"name": "w", "schema": {"type": "object"}}},
            "reasoningEffort": "low",
        },
    ],
)
def test_prompt_objects_in_every_spelling(prompt: dict[str, Any]) -> None:
    (taken,) = one(prompt).taken
    assert taken.fields["instructions"] == "Weather in {{city}}"
    assert taken.fields["model"] == "gpt-4o"
    assert taken.fields["tools"] == [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    assert taken.fields["response_format"]["json_schema"]["name"] == "w"
    assert taken.fields["reasoning_effort"] == "low"
    assert taken.fields["metadata"] == {"prompt_id": "pmpt_1", "prompt_version": "3"}
    assert any("city" in note for note in taken.changed)


def test_a_prompt_that_is_only_named_is_refused_with_the_reason() -> None:
    (refused,) = one({"id": "pmpt_1", "version": "2", "variables": {}}).refused
    assert "only names" in refused.why


@pytest.mark.parametrize("text", ["{", "[]", "3", '"x"', "{}", "null", "[" * 9999, "1" * 5_000, '{"messages": []}'])
def test_anything_else_is_refused_and_never_raises(text: str) -> None:
    found = read_text(text, "x.json")
    assert found.taken == ()
    assert found.refused or text == "[]"


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    (tmp_path / "sub" / ".git" / "no.json").write_text("{}")
    (tmp_path / "a.json").write_text(json.dumps(ASSISTANT))
    (tmp_path / "sub" / "b.md").write_text("---\nname: B\nmodel: m\n---\n\nHi\n")
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "other.txt").write_text("x")
    found = read_paths([tmp_path, tmp_path / "gone.json"])
    assert [t.name for t in found.taken] == ["Bot", "B"]
    assert [r.source for r in found.refused] == ["bad.json", "gone.json"]

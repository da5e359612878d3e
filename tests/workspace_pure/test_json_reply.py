from __future__ import annotations

from typing import Any

import pytest

from playground_tui.workspace.json_reply import MOST_PROBLEMS, check_reply

SCHEMA = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}, "n": {"type": "integer"}},
    "required": ["items"],
    "additionalProperties": False,
    "$defs": {"item": {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}},
}


def asked(schema: Any = SCHEMA) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}


def test_only_where_json_was_asked_for() -> None:
    for form in (None, "auto", {"type": "text"}, {}, 7):
        assert check_reply("{}", form) is None


def test_a_good_reply_is_shown_indented() -> None:
    found = check_reply('{"items":[{"price":1.5}],"n":2}', asked())
    assert found is not None
    assert found.ok
    assert found.checked
    assert found.pretty.startswith('{\n  "items": [')


def test_problems_name_their_place() -> None:
    found = check_reply('{"items":[{"price":1},{"price":"dear"}],"more":1}', asked())
    assert found is not None
    assert not found.ok
    assert {problem.path for problem in found.problems} == {"items[1].price", ""}


@pytest.mark.parametrize("text", ["", "no", '{"a": ', "[" * 100_000])
def test_what_is_no_json_is_shown_as_it_is(text: str) -> None:
    found = check_reply(text, {"type": "json_object"})
    assert found is not None
    assert not found.is_json
    assert found.pretty == text
    assert "not JSON" in found.problems[0].what


def test_json_object_wants_an_object() -> None:
    assert check_reply("{}", {"type": "json_object"}).ok  # type: ignore[union-attr]
    assert not check_reply("[1]", {"type": "json_object"}).ok  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "schema", [{"type": "wrong"}, {"$ref": "https://x.example/schema.json"}, {"$ref": "#/$defs/no"}, {"$ref": "#"}]
)
def test_a_schema_that_cannot_be_used_is_told_and_never_fetched(schema: Any) -> None:
    found = check_reply('{"a": 1}', asked(schema))
    assert found is not None
    assert found.problems[0].what.startswith("It cannot be checked")


def test_long_values_do_not_make_long_sentences() -> None:
    found = check_reply('{"items": "' + "x" * 10_000 + '"}', asked())
    assert found is not None
    assert len(found.problems[0].what) < 250
    many = check_reply('{"items": [' + ",".join(["1"] * 100) + "]}", asked())
    assert many is not None
    assert len(many.problems) == MOST_PROBLEMS

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground_tui.limits import check_field
from playground_tui.workspace.functions.form import FunctionForm, Parameter, from_function, to_function
from playground_tui.workspace.functions.signature import SignatureError, function_from_source, function_names
from playground_tui.workspace.functions.strict import make_strict, strict_problems

names = st.text(st.sampled_from("abcdef"), min_size=1, max_size=4)
leaves = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "number", "integer", "boolean"])},
    optional={"description": st.text(max_size=5), "pattern": st.just("^a"), "enum": st.lists(names, min_size=1)},
) | st.sampled_from(
    [{}, {"type": ["string", "null"]}, {"anyOf": [{"type": "string"}]}, {"$ref": "#/$defs/x"}, {"type": []}]
)


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Any]:
        properties = draw(st.dictionaries(names, inner, max_size=3))
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if properties and draw(st.booleans()):
            schema["required"] = [n for n in properties if draw(st.booleans())] or list(properties)
        if draw(st.booleans()):
            schema["additionalProperties"] = False
        return schema

    return build()


schemas = st.recursive(leaves, lambda i: objects(i) | st.fixed_dictionaries({"type": st.just("array"), "items": i}))


@given(objects(schemas), st.sampled_from([None, True, False]))
def test_a_schema_opened_in_the_form_comes_back_as_it_was(schema: dict[str, Any], strict: bool | None) -> None:
    function = {"name": "f", "description": "d", "parameters": schema}
    if strict is not None:
        function["strict"] = strict
    assert to_function(from_function(function)) == function


def test_two_parameters_by_form_fields_make_a_good_function() -> None:
    form = FunctionForm(
        "weather",
        "Tells the weather.",
        (Parameter("city", required=True), Parameter("unit", choices=("C", "F"), description="Which scale.")),
    )
    function = to_function(form)
    assert function["parameters"] == {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "description": "Which scale.", "enum": ["C", "F"]},
        },
        "required": ["city"],
    }
    assert check_field("tools", [{"type": "function", "function": function}]) is None


def test_a_function_without_parameters_stays_one() -> None:
    assert to_function(from_function({"name": "now"})) == {"name": "now"}


@given(objects(schemas))
def test_what_was_made_strict_has_no_problem_left(schema: dict[str, Any]) -> None:
    assert strict_problems(make_strict(schema)) == ()


def test_what_strict_mode_demands_is_explained() -> None:
    problems = strict_problems({"type": "object", "properties": {"a": {"type": "object"}, "b": {}}, "required": ["a"]})
    assert problems == (
        "parameters: additionalProperties must be false.",
        "parameters: every property must be required; b is not.",
        "parameters.a: additionalProperties must be false.",
    )


SOURCE = '''
from typing import Annotated, Literal, Optional

async def book(city: str, nights: int = 1, *, room: Literal["single", "double"] = "single",
               guests: list[str] | None = None, budget: Optional[float] = None,
               extras: dict[str, bool] = {}, note: Annotated[str, "Anything else"] = "", day: "date" = None, x=1):
    """Book a hotel.

    In one step.

    Args:
        city (str): Where to stay,
            in English.
        nights: How many.

    Returns:
        A booking: number.
    """

def _private(): ...

def params(a, b):
    """Add.

    :param a: one
    :param int b: two
    :returns: nothing
    """
'''


def test_a_function_from_a_signature_and_docstring() -> None:
    function = function_from_source(SOURCE, "book")
    assert function["description"] == "Book a hotel.\n\nIn one step."
    properties = function["parameters"]["properties"]
    assert properties == {
        "city": {"type": "string", "description": "Where to stay, in English."},
        "nights": {"type": "integer", "description": "How many."},
        "room": {"type": "string", "enum": ["single", "double"]},
        "guests": {"type": ["array", "null"], "items": {"type": "string"}},
        "budget": {"type": ["number", "null"]},
        "extras": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "note": {"type": "string", "description": "Anything else"},
        "day": {"type": "string", "format": "date"},
        "x": {},
    }
    assert function["parameters"]["required"] == ["city"]
    assert check_field("tools", [{"type": "function", "function": function}]) is None


def test_param_lines_and_private_functions() -> None:
    assert function_names(SOURCE) == ["book", "params"]
    function = function_from_source(SOURCE, "params")
    assert function["description"] == "Add."
    assert [p["description"] for p in function["parameters"]["properties"].values()] == ["one", "two"]


@pytest.mark.parametrize(("source", "says"), [("def f(:", "not Python at line 1"), ("x = 1", "no function f")])
def test_what_cannot_be_read(source: str, says: str) -> None:
    with pytest.raises(SignatureError, match=says):
        function_from_source(source, "f")

"""Parameters edited by place; sample arguments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground_tui.workspace.functions import tree
from playground_tui.workspace.functions.form import FunctionForm, Parameter, from_function, to_function
from playground_tui.workspace.functions.sample import EXAMPLES, sample_arguments
from playground_tui.workspace.functions.strict import make_strict, strict_problems

NESTED = from_function(EXAMPLES[1][1])


def names(form: FunctionForm) -> list[tuple[int, str]]:
    return [(line.depth, line.parameter.name) for line in tree.lines(form)]


def test_lists_and_groups_are_walked_in_order() -> None:
    assert names(NESTED) == [(0, "customer"), (0, "since"), (0, "states"), (1, ""), (0, "limit")]
    assert [line.is_item for line in tree.lines(NESTED)] == [False, False, False, True, False]
    for line in tree.lines(NESTED):
        assert tree.at(NESTED, line.place) == line.parameter
        assert tree.put(NESTED, line.place, line.parameter) == NESTED


def test_places_that_are_not_there_are_refused() -> None:
    with pytest.raises(KeyError):
        tree.at(NESTED, (9,))
    with pytest.raises(KeyError):
        tree.remove(NESTED, (0, 3))
    with pytest.raises(KeyError):
        tree.remove(NESTED, (0, tree.ITEM))


def test_parameters_are_added_beside_inside_and_into_lists() -> None:
    fresh = Parameter("x")
    form, place = tree.add(NESTED, (0,), fresh)
    assert (place, names(form)[1]) == ((1,), (0, "x"))
    form, place = tree.add(NESTED, None, fresh)
    assert (place, names(form)[-1]) == ((4,), (0, "x"))
    form, place = tree.add_inside(NESTED, (2,), fresh)
    assert place == (2, tree.ITEM, 0)
    assert tree.at(form, (2, tree.ITEM)).type == "object"
    assert tree.remove(form, place) == tree.put(
        form, (2, tree.ITEM), replace(tree.at(form, (2, tree.ITEM)), children=())
    )


@pytest.mark.parametrize("kind", ["string", "number", "integer", "boolean", "object", "array"])
def test_changing_the_type_leaves_a_schema_that_makes_sense(kind: str) -> None:
    for line in tree.lines(NESTED):
        made = tree.with_type(line.parameter, kind)  # type: ignore[arg-type]
        function = to_function(tree.put(NESTED, line.place, made))
        assert from_function(function) == tree.put(NESTED, line.place, made)


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("red, green,red ,", "string", ("red", "green")),
        ("1, 2.5, x", "number", (1, 2.5, "x")),
        ("1, 2.5", "integer", (1, "2.5")),
        ('["a, b", ""]', "string", ("a, b", "")),
        ("[oops", "string", ("[oops",)),
        ("  ", "string", None),
    ],
)
def test_choices_are_typed_as_people_type(text: str, kind: str, found: tuple[object, ...] | None) -> None:
    assert tree.parse_choices(text, kind) == found  # type: ignore[arg-type]
    if found and "[oops" not in found:
        assert tree.parse_choices(tree.choice_words(found), kind) == found  # type: ignore[arg-type]


def test_nothing_typed_falls_out_when_names_clash() -> None:
    twins = FunctionForm("f", parameters=(Parameter("a"), Parameter("a"), Parameter(""), Parameter("")))
    made = to_function(tree.settled(twins))
    assert list(made["parameters"]["properties"]) == ["a", "a_2", "parameter", "parameter_2"]
    assert tree.settled(NESTED) == NESTED


def test_examples_are_functions_and_their_samples_fit() -> None:
    for _, function in EXAMPLES:
        assert to_function(from_function(function)) == function
        arguments = sample_arguments(function)
        assert set(arguments) == set(function["parameters"]["properties"])
        assert strict_problems(make_strict(function["parameters"])) == ()
    assert sample_arguments(EXAMPLES[1][1])["since"] == "2026-11-20"
    assert sample_arguments({"parameters": {"$ref": "#"}}) == {}
    nested = {"parameters": {"type": "object", "properties": {"x": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}}}}
    assert sample_arguments(nested) == {"x": True}


def test_a_parameter_moves_among_its_siblings_with_what_it_holds() -> None:
    inner = Parameter("group", "object", children=(Parameter("a"), Parameter("b")))
    form = FunctionForm("f", parameters=(Parameter("first"), inner, Parameter("list", "array", item=Parameter(""))))
    moved, place = tree.move(form, (1,), -1)
    assert ([p.name for p in moved.parameters], place) == (["group", "first", "list"], (0,))
    assert moved.parameters[0] == inner
    moved, place = tree.move(form, (1, 0), 1)
    assert ([p.name for p in moved.parameters[1].children], place) == (["b", "a"], (1, 1))
    for stays, step in (((0,), -1), ((2,), 1), ((1, 1), 1), ((2, tree.ITEM), -1)):
        assert tree.move(form, stays, step) == (form, stays)

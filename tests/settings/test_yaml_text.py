"""Texts that are made to be too much for a reader."""

from __future__ import annotations

import json

import pytest

from playground_tui.settings.yaml_text import MAX_DEPTH, YamlError, edit_yaml, load_yaml

DOUBLED = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30))


def nested(levels: int) -> str:
    return f"{'[' * levels}{']' * levels}"


def test_what_nests_as_deep_as_allowed_is_read() -> None:
    assert load_yaml(nested(MAX_DEPTH)) == json.loads(nested(MAX_DEPTH))
    assert load_yaml("text: |\n  " + "[" * 5000) == {"text": "[" * 5000}


@pytest.mark.parametrize(
    "text", [nested(MAX_DEPTH + 1), nested(20_000), "- " * 20_000 + "1", "{a: " * 20_000, "? " * 20_000]
)
def test_deep_nesting_is_refused_before_it_is_read(text: str) -> None:
    """Not by Python's own limit, which takes the library ever longer to come to."""
    for read in (load_yaml, lambda text: edit_yaml(text, print)):
        with pytest.raises(YamlError, match="nested more than 200 deep"):
            read(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"a0: &a0 [x, x]\n{DOUBLED}\n", "the aliases stand for too many values"),
        ("a: &a [*a]", "an alias holds itself"),
        ("a: &a\n  b: {c: *a}", "an alias holds itself"),
    ],
)
def test_aliases_that_unfold_without_end_are_refused(text: str, why: str) -> None:
    with pytest.raises(YamlError, match=why):
        load_yaml(text)


@pytest.mark.filterwarnings("error")
def test_other_aliases_are_read() -> None:
    assert load_yaml("a: &x [1]\nb: *x\nc: &x 2\nd: '*'") == {"a": [1], "b": [1], "c": 2, "d": "*"}

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground_tui.workspace.exchange.document import DocumentError, Format, form_of, from_text, to_text

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
prose = st.one_of(
    texts, st.sampled_from(["---\na: b\n---\n", "\n\nlead", "trail\n\n", "  x", "yes", "null", "a\r\nb", "{{x}}", "\t"])
)
metadata = st.dictionaries(texts, texts, max_size=4)
schemas = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(0, 2, allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
assistants = st.fixed_dictionaries(
    {"model": st.one_of(texts, st.sampled_from(["gpt-4o", "1e3", "on", "2026-11-20"]))},
    optional={
        "name": st.none() | prose,
        "description": st.none() | prose,
        "instructions": st.none() | prose,
        "temperature": st.none() | st.floats(0, 2),
        "tools": st.lists(st.fixed_dictionaries({"type": st.just("function"), "function": schemas}), max_size=2),
        "metadata": metadata,
        "response_format": st.just("auto") | schemas,
    },
)


@given(assistants, st.sampled_from(["markdown", "json"]))
def test_round_trip_is_lossless(assistant: dict[str, Any], form: Format) -> None:
    assert from_text(to_text(assistant, form), form) == assistant


def test_the_file_reads_well_and_one_field_is_one_line() -> None:
    assistant = {"instructions": "Be kind.\n\n- and brief", "model": "demo/demo", "name": "Bot", "temperature": 0.2}
    text = to_text(assistant, "markdown")
    assert text == "---\nname: Bot\nmodel: demo/demo\ntemperature: 0.2\n---\n\nBe kind.\n\n- and brief\n"
    changed = to_text({**assistant, "temperature": 0.3}, "markdown")
    differing = [a for a, b in zip(text.splitlines(), changed.splitlines(), strict=True) if a != b]
    assert differing == ["temperature: 0.2"]


def test_a_file_without_front_matter_is_instructions() -> None:
    assert from_text("Just do it.\n", "markdown") == {"instructions": "Just do it."}


def test_windows_line_ends_of_the_file_are_met() -> None:
    assert from_text("---\r\nname: A\r\n---\r\n\r\nHi\r\n", "markdown") == {"name": "A", "instructions": "Hi"}


@pytest.mark.parametrize(
    ("text", "form", "says"),
    [
        ("---\nname: A\n", "markdown", "not closed"),
        ("---\nname: [\n---\n", "markdown", "line 3"),
        ("---\n- a\n---\n", "markdown", "field: value"),
        ("{", "json", "line 1, column 2"),
        ("[1]", "json", "no assistant"),
        ("[" * 100_000, "json", "Nested too deep"),
    ],
)
def test_what_is_no_assistant_says_why(text: str, form: Format, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        from_text(text, form)


def test_the_form_goes_by_the_name() -> None:
    assert [form_of(n) for n in ("a.md", "B.JSON", "c.txt")] == ["markdown", "json", None]

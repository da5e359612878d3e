"""The parts without a screen: numbers, echoes, exact texts, JSON with places, schemas, function texts."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.document._document import Document

from playground_tui.limits.json_schema import check_schema
from playground_tui.tui.config.echo import Echo, FieldState
from playground_tui.tui.config.exact import from_editor, into_editor, pasted, visible
from playground_tui.tui.config.external import EditorFailed, edit_outside
from playground_tui.tui.config.find_bar import find_all, line_starts, location
from playground_tui.tui.config.functions.texts import (
    SAMPLE,
    FunctionText,
    check_function,
    entries_of,
    free_name,
    renamed,
    slots_of,
)
from playground_tui.tui.config.json_text import place_of, read_json, write_json
from playground_tui.tui.config.model_row import is_listed
from playground_tui.tui.config.numbers import nudge, number_words, parse_number, snap
from playground_tui.tui.config.param_path import param_path
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.values import ModelListing, ModelRow


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.35", 0.35), ("0,35", 0.35), (".5", 0.5), ("1.", 1.0), (" 2 ", 2.0), ("", None), ("nan", None), ("1e3", None)],
)
def test_numbers_are_read_as_people_type_them(text: str, value: float | None) -> None:
    assert parse_number(text) == value


def test_whole_numbers_stay_whole() -> None:
    assert parse_number("256", integer=True) == 256
    assert parse_number("2.5", integer=True) is None


@given(st.floats(0, 2))
def test_a_number_is_shown_as_what_it_is(value: float) -> None:
    assert float(number_words(value)) == value


def test_steps_go_to_the_next_multiple() -> None:
    assert nudge(0.3, 0.1, 1, 0, 2) == 0.4
    assert nudge(0.35, 0.1, 1, 0, 2) == 0.4
    assert nudge(0.35, 0.1, -1, 0, 2) == 0.3
    assert nudge(2, 0.1, 1, 0, 2) == 2
    assert nudge(0.05, 0.05, -1, 0, 1) == 0
    assert snap(0.5, 0.1, 0, 2) == 1.0
    assert snap(-3, 0.05, 0, 1) == 0


def test_an_older_echo_is_no_news() -> None:
    echo = Echo()
    assert echo.tell(FieldState("a"))
    assert echo.tell(FieldState("ab"))
    assert not echo.hear(FieldState("a"))
    assert not echo.hear(FieldState("ab"))
    assert echo.hear(FieldState("from elsewhere"))
    assert echo.shown.value == "from elsewhere"


def test_telling_the_same_twice_is_once() -> None:
    echo = Echo()
    echo.reset(FieldState("x"))
    assert not echo.tell(FieldState("x"))
    assert echo.tell(FieldState("x", raw="2.5"))
    assert not echo.hear(FieldState("other value behind it", raw="2.5"))


TEXTS = st.text(alphabet=st.sampled_from("ab \n\r\t\x0b\x0c\x1b\x1c\x85\u2028\u2029é日🙂\u0301"))


@given(TEXTS)
def test_any_text_survives_the_editor(text: str) -> None:
    assert from_editor(Document(into_editor(text)).text) == text


@given(TEXTS)
def test_nothing_drawn_is_a_control_character(text: str) -> None:
    shown = visible(into_editor(text))
    assert len(shown) == len(into_editor(text))
    assert not any((ord(char) < 32 and char != "\t") or 0x7F <= ord(char) < 0xA0 for char in shown)


def test_a_paste_brings_line_ends() -> None:
    assert pasted("a\rb\r\nc") == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1, 2}', 1, 10, "a key in double quotes"),
        ('{\n  "a" 1\n}', 2, 7, "colon"),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3, "comma"),
        ('{"a": 1, "a": 2}', 1, 10, "twice"),
        ('{"a": NaN}', 1, 7, "NaN"),
        ("", 1, 1, "value is missing"),
        ('{"a": 1e999}', 1, 7, "1e999 is no value"),
        ('{"a": ' + "9" * 5_000 + "}", 1, 7, "9… is no value"),
        ('{"日本": }', 1, 8, "value is missing"),
        ("[" * 100_000, 1, 1, "deeply"),
    ],
)
def test_json_faults_have_line_and_column(text: str, line: int, column: int, words: str) -> None:
    _, fault = read_json(text)
    assert fault is not None
    assert (fault.line, fault.column) == (line, column)
    assert words in fault.sentence()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.data())
def test_every_value_is_found_in_its_text(value: object, data: st.DataObject) -> None:
    text, path, here = write_json(value), [], value
    while isinstance(here, (dict, list)) and here and data.draw(st.booleans()):
        step = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
        path.append(step)
        here = here[step]  # type: ignore[index]
    found, _ = __import__("json").JSONDecoder().raw_decode(text, place_of(text, tuple(path)))
    assert found == here
    assert read_json(text) == (value, None)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "objekt"}, ("type",)),
        ({"properties": {"a": {"type": ["string", "nul"]}}}, ("properties", "a", "type")),
        ({"properties": []}, ("properties",)),
        ({"required": "a"}, ("required",)),
        ({"items": 3}, ("items",)),
        ({"anyOf": []}, ("anyOf",)),
        ({"enum": []}, ("enum",)),
        ({"pattern": "("}, ("pattern",)),
        ({"pattern": "x{4294967296}"}, ("pattern",)),
        ({"pattern": "(" * 3_000}, ("pattern",)),
        ({"minimum": "1"}, ("minimum",)),
        ({"minLength": -1}, ("minLength",)),
        ({"additionalProperties": "no"}, ("additionalProperties",)),
        ({"$ref": 3}, ("$ref",)),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, ("properties", "a", "$ref")),
        ({"$defs": {"n": {}}, "anyOf": [{}, {"items": {"$ref": "#/$defs/n/x"}}]}, ("anyOf", 1, "items", "$ref")),
        ({"anyOf": [{}, {"$ref": "#/anyOf/2"}]}, ("anyOf", 1, "$ref")),
        ([], ()),
    ],
)
def test_what_is_no_schema_is_named(schema: object, path: tuple[object, ...]) -> None:
    problem = check_schema(schema)
    assert problem is not None
    assert problem.path == path
    assert problem.advice


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        SAMPLE["parameters"],
        {"$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"},
        {"properties": {"a/b ~": {"$ref": "#"}, "c": {"$ref": "#/properties/a~1b%20~0"}}},
        {"anyOf": [{"type": "null"}, {"$ref": "#/anyOf/0"}]},
        {"items": {"$ref": "https://schemas.example/person"}, "not": {"$ref": "#name"}},
        {"properties": {"a": {"$id": "https://schemas.example/a", "$ref": "#/$defs/own", "$defs": {"own": {}}}}},
        {"enum": [{"$ref": "#/nowhere"}], "properties": {"$ref": {"type": "string"}}},
        {"type": ["string", "null"], "pattern": r"^\p{L}+$", "x-own": 1},
        {"prefixItems": [{"type": "string"}], "items": False, "uniqueItems": True},
    ],
)
def test_schemas_pass(schema: object) -> None:
    assert check_schema(schema) is None


def test_a_place_of_the_api_becomes_steps() -> None:
    assert param_path("tools[0].function.name") == ("tools", 0, "function", "name")


TOOL = {"type": "function", "function": SAMPLE}


def test_tools_come_back_as_they_were() -> None:
    tools = [{"type": "file_search", "file_search": {"max_num_results": 5}}, TOOL, {"type": "code_interpreter"}]
    assert entries_of(slots_of(tools)) == (tools, "")


def test_a_broken_function_stands_as_its_text() -> None:
    entries, advice = entries_of([{"type": "file_search"}, FunctionText('{"name": "a b"}'), FunctionText("{")])
    assert entries == [{"type": "file_search"}, '{"name": "a b"}', "{"]
    assert "a b" in advice
    assert "letters, digits" in advice
    assert slots_of(entries)[2] == FunctionText("{")


@pytest.mark.parametrize(
    "pasted_value", [SAMPLE, TOOL, {"type": "function", **SAMPLE}], ids=["function", "tool", "responses tool"]
)
def test_functions_are_taken_in_every_usual_form(pasted_value: dict[str, object]) -> None:
    entries, advice = entries_of([FunctionText(write_json(pasted_value))])
    assert (entries, advice) == ([TOOL], "")


def test_faults_of_functions_have_places() -> None:
    text = '{\n  "name": "ok",\n  "parameters": {\n    "type": "objekt"\n  }\n}'
    fault = check_function(read_json(text)[0], text)
    assert fault is not None
    assert (fault.line, fault.column) == (4, 13)
    assert check_function([], "[]") is not None
    twice = check_function({"name": "a"}, '{"name": "a"}', frozenset({"a"}))
    assert twice is not None
    assert "this name" in twice.sentence()


def test_copies_get_free_names() -> None:
    slots = slots_of([TOOL, {"type": "function", "function": {"name": "get_weather_2"}}])
    assert free_name("get_weather", slots) == "get_weather_3"
    assert FunctionText(renamed(write_json(SAMPLE), "other")).name == "other"
    assert renamed("no name", "x") == "no name"


def test_finding_counts_places_not_bytes() -> None:
    text = "日本 Foo\nfoo\n"
    hits = find_all(text, "foo")
    starts = line_starts(text, "\n")
    assert [location(starts, begin) for begin, _ in hits] == [(0, 3), (1, 0)]
    assert find_all(text, "") == []


LISTING = ModelListing((ModelRow("openai/gpt", "openai"),), {"ollama": Failure("offline", "not reached")})


@pytest.mark.parametrize(
    ("listing", "model", "known"),
    [
        (LISTING, "openai/gpt", True),
        (LISTING, "openai/other", False),
        (LISTING, "ollama/llama", None),
        (LISTING, "gpt", True),
        (LISTING, "bare", None),
        (ModelListing((ModelRow("a/b", "a"),)), "bare", False),
        (ModelListing(), "any", None),
    ],
)
def test_only_what_is_known_to_be_missing_is_flagged(listing: ModelListing, model: str, known: bool | None) -> None:
    assert is_listed(listing, model) is known


class FakeEditor:
    """Writes what it is told, and keeps what it saw."""

    def __init__(self, result: bytes | None, status: int = 0) -> None:
        self.result, self.status = result, status
        self.command: list[str] = []
        self.seen = b""
        self.mode = 0

    def __call__(self, command: Sequence[str]) -> int:
        self.command = list(command)
        path = Path(command[-1])
        self.seen, self.mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
        if self.result is not None:
            path.write_bytes(self.result)
        return self.status


@pytest.fixture
def _editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("EDITOR", "my-editor --wait")
    monkeypatch.delenv("VISUAL", raising=False)


@pytest.mark.usefixtures("_editor")
class TestEditOutside:
    def test_adds_no_newline_and_leaves_no_file(self, tmp_path: Path) -> None:
        fake = FakeEditor(b"new\n")
        assert edit_outside("old", fake) == "new"
        assert fake.command[:2] == ["my-editor", "--wait"]
        assert fake.seen == b"old"
        assert fake.mode == 0o600 or os.name == "nt"
        assert list(tmp_path.iterdir()) == []

    def test_keeps_a_newline_that_was_there(self) -> None:
        assert edit_outside("old\n", FakeEditor(b"new\n")) == "new\n"

    def test_honours_the_exit_status(self, tmp_path: Path) -> None:
        with pytest.raises(EditorFailed, match="status 1"):
            edit_outside("old", FakeEditor(b"half", status=1))
        assert list(tmp_path.iterdir()) == []

    def test_says_when_none_is_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EDITOR", "")
        with pytest.raises(EditorFailed, match="EDITOR"):
            edit_outside("old", FakeEditor(None))

    def test_says_when_it_does_not_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EDITOR", "/nowhere/editor")
        with pytest.raises(EditorFailed, match="did not start"):
            edit_outside("old")

    def test_says_when_the_result_is_no_text(self) -> None:
        with pytest.raises(EditorFailed, match="could not be read"):
            edit_outside("old", FakeEditor(b"\xff\xfe\xff"))

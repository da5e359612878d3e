"""The fold-outs: response format, reasoning effort, metadata, run settings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from playground_tui.tui.config.json_editor import JsonEditor
from playground_tui.workspace.values import RawEdit
from tests.support.config_demo import SAMPLE, make_draft
from tests.tui_config.conftest import Stage, Staged


async def open_run_settings(stage: Stage) -> None:
    fold = stage.pane._folds["run"]
    fold.focus()
    await stage.press("enter")
    await stage.pilot.pause()


async def focus_run(stage: Stage, field: str) -> Any:
    control = next(c for c in stage.pane.query(f".field-{field}") if c.spec.group == "run")  # type: ignore[attr-defined]
    control.focus_field()  # type: ignore[attr-defined]
    await stage.pilot.pause()
    await stage.pilot.pause()
    return control


async def test_a_fold_opens_and_closes_by_key_and_mouse(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        fold = stage.pane._folds["reasoning_effort"]
        assert not stage.pane.query("ListField")
        await stage.pilot.click(fold)
        await stage.pilot.pause()
        assert stage.pane.query_one("ListField").region.height == 8
        fold.focus()
        await stage.press("left")
        assert stage.pane.query_one("ListField").region.height == 0
        assert stage.said == []


async def test_closed_folds_say_what_is_inside(staged: Staged) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {}}}
    draft = make_draft(response_format=schema, reasoning_effort="low", metadata={"a": "1"})
    async with staged(replace(draft, raw={"metadata": RawEdit('[["", "x"]]', "Every value needs a key.")})) as stage:
        shown = stage.picture()
        assert "json_schema · reply" in shown
        assert "low" in shown
        assert "! Every value needs a key." in shown
        assert "Run settings     none" in shown


async def test_reasoning_effort_is_chosen_from_a_list(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("reasoning_effort")
        await stage.press("down", "down", "enter")
        assert stage.told("reasoning_effort") == ["minimal"]
        await stage.press("up", "up", "space")
        assert stage.told("reasoning_effort") == ["minimal", None]
        await stage.pilot.click(stage.control("reasoning_effort"), offset=(5, 3))
        assert stage.told("reasoning_effort")[-1] == "low"


@pytest.mark.parametrize(
    ("steps", "value"), [(1, "auto"), (2, {"type": "text"}), (3, {"type": "json_object"})], ids=["auto", "text", "json"]
)
async def test_plain_formats(staged: Staged, steps: int, value: Any) -> None:
    async with staged() as stage:
        await stage.go_to("response_format")
        await stage.press(*["down"] * steps, "enter")
        assert stage.told("response_format") == [value]


async def open_schema(stage: Stage) -> JsonEditor:
    await stage.go_to("response_format")
    await stage.press("down", "down", "down", "down", "enter")
    await stage.pilot.pause()
    editor = stage.pane.query_one(JsonEditor)
    editor.text_area.focus()
    await stage.pilot.pause()
    return editor


async def test_a_schema_starts_from_a_sample_and_is_checked(staged: Staged) -> None:
    async with staged(size=(60, 50)) as stage:
        editor = await open_schema(stage)
        sample = stage.told("response_format")[0]
        assert sample["json_schema"]["name"] == "reply"
        editor.text_area.replace("objekt", *_place_of(editor, "object"), maintain_selection_offset=False)
        await stage.pilot.pause()
        assert "Line 5, column 13: type is one of" in stage.told("response_format")[-1] + stage.picture()
        await stage.press("ctrl+z")
        assert stage.told("response_format")[-1] == sample
        assert "Valid JSON and a valid schema." in stage.picture()


def _place_of(editor: JsonEditor, word: str) -> tuple[tuple[int, int], tuple[int, int]]:
    for row, line in enumerate(editor.text.split("\n")):
        if word in line:
            return (row, line.index(word)), (row, line.index(word) + len(word))
    raise AssertionError(word)


async def test_broken_json_is_kept_as_typed(staged: Staged) -> None:
    async with staged(size=(60, 50)) as stage:
        await open_schema(stage)
        await stage.type("x")
        raw = stage.app.draft.raw["response_format"]
        assert raw.text.startswith("x{")
        assert raw.advice == "Line 1, column 1: a value is missing."
        assert stage.pane.query_one(JsonEditor).text == raw.text


async def test_a_broken_schema_comes_back_after_a_restart(staged: Staged) -> None:
    raw = {"response_format": RawEdit("{broken", "Line 1, column 2: a key in double quotes is missing.")}
    async with staged(replace(make_draft(response_format="auto"), raw=raw), size=(60, 50)) as stage:
        await stage.go_to("response_format")
        assert stage.pane.query_one(JsonEditor).text == "{broken"
        assert stage.said == []


async def test_enter_keeps_the_indentation(staged: Staged) -> None:
    async with staged(size=(60, 50)) as stage:
        editor = await open_schema(stage)
        editor.text_area.move_cursor((3, len('  "schema": {')))
        await stage.press("enter")
        assert editor.text_area.cursor_location == (4, 4)


async def test_metadata_is_a_table(staged: Staged) -> None:
    async with staged() as stage:
        await stage.go_to("metadata")
        await stage.type("k")
        await stage.press("tab")
        await stage.type("v")
        assert stage.told("metadata") == [{"k": ""}, {"k": "v"}]
        await stage.press("tab")
        await stage.type("m")
        assert stage.told("metadata")[-1] == {"k": "v", "m": ""}
        await stage.press("shift+delete")
        assert stage.told("metadata")[-1] == {"k": "v"}


async def test_a_pair_that_goes_leaves_no_gap(staged: Staged) -> None:
    async with staged(make_draft(metadata={"a": "1", "b": "2", "c": "3"}), size=(60, 40)) as stage:
        await stage.go_to("metadata")
        await stage.press("shift+delete")
        assert stage.told("metadata") == [{"b": "2", "c": "3"}]
        lines = stage.control("metadata").lines
        assert [line.pair for line in lines[:3]] == [("b", "2"), ("c", "3"), ("", "")]
        assert stage.app.focused is lines[0].key


async def test_a_schema_that_strict_mode_refuses_is_told(staged: Staged) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    wanted = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
    async with staged(make_draft(response_format=wanted), size=(90, 40)) as stage:
        await stage.go_to("response_format")
        shown = " ".join(stage.picture(stage.pane.query_one(JsonEditor)).split())
        assert "strict mode will refuse it: schema: every property must be required; a is not." in shown
        loose = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}
        stage.app.show(make_draft(response_format=loose))
        await stage.pilot.pause()
        await stage.pilot.pause()
        assert "Valid JSON and a valid schema." in stage.picture()


@pytest.mark.slow
async def test_metadata_that_cannot_be_is_kept_and_comes_back(staged: Staged) -> None:
    async with staged(make_draft(metadata={"a": "1", "b": "2"})) as stage:
        await stage.go_to("metadata")
        await stage.press("tab", "tab", "backspace", "a")
        assert json.loads(stage.app.draft.raw["metadata"].text) == [["a", "1"], ["a", "2"]]
        assert "! The key 'a' is twice" in stage.picture()
        await stage.press("backspace")
        assert stage.app.draft.raw["metadata"].advice == "Every value needs a key."
        kept = stage.app.draft
    async with staged(kept) as stage:
        await stage.go_to("metadata")
        assert [line.pair for line in stage.control("metadata").lines[:2]] == [("a", "1"), ("", "2")]
        assert stage.said == []


async def test_too_many_pairs_are_marked(staged: Staged) -> None:
    async with staged(make_draft(metadata={str(n): "x" for n in range(16)}), size=(60, 60)) as stage:
        await stage.go_to("metadata")
        stage.control("metadata").lines[-1].key.focus()
        await stage.pilot.pause()
        await stage.type("n")
        assert "At most 16 pairs" in stage.app.draft.raw["metadata"].advice


async def test_run_settings_are_told_apart_from_fields(staged: Staged) -> None:
    functions = [{"type": "function", "function": {"name": "look_up"}}]
    async with staged(make_draft(tools=functions), size=(60, 50)) as stage:
        await open_run_settings(stage)
        await focus_run(stage, "additional_instructions")
        await stage.type("hi")
        await focus_run(stage, "max_prompt_tokens")
        await stage.type("256")
        await focus_run(stage, "truncation_strategy")
        await stage.press("right", "5", "0")
        await focus_run(stage, "tool_choice")
        await stage.press("left", "delete", "right")
        await focus_run(stage, "parallel_tool_calls")
        await stage.press("left")
        await focus_run(stage, "timeout")
        await stage.press("right", "right")
        await focus_run(stage, "model")
        await stage.press("enter")
        assert {kind for kind, _, _ in stage.said} == {"run", "run rejected"}
        assert stage.app.run_values == {
            "additional_instructions": "hi",
            "max_prompt_tokens": 256,
            "truncation_strategy": {"type": "last_messages", "last_messages": 50},
            "tool_choice": "auto",
            "parallel_tool_calls": False,
            "timeout": 70,
        }
        assert ("run", "tool_choice", {"type": "function", "function": {"name": "look_up"}}) in stage.said
        assert stage.app.wanted[0].group == "run"
        assert "6 set" in stage.picture()


async def test_a_wrong_run_setting_stays_while_others_are_told(staged: Staged) -> None:
    async with staged(size=(60, 50)) as stage:
        await open_run_settings(stage)
        row = await focus_run(stage, "max_completion_tokens")
        await stage.type("12")
        await focus_run(stage, "parallel_tool_calls")
        await stage.press("right")
        assert "12" in stage.picture(row)
        assert "! A whole number, 256 or more." in stage.picture()


async def test_run_settings_belong_to_their_assistant(staged: Staged) -> None:
    async with staged(size=(60, 50)) as stage:
        await open_run_settings(stage)
        stage.pane.show_run_settings({"max_prompt_tokens": 4096, "model": "a/b"})
        await stage.pilot.pause()
        assert "4096" in stage.picture()
        assert "2 set" in stage.picture()
        stage.app.show(make_draft(id="other"))
        stage.pane.show_run_settings({})
        await stage.pilot.pause()
        assert "4096" not in stage.picture()
        assert stage.said == []

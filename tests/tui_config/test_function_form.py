"""Functions by form fields, for somebody who knows no JSON Schema; and JSON as the form's other picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from playground_tui.tui.config.functions.form_view import FormView
from playground_tui.tui.config.functions.parameter_list import ParameterList
from playground_tui.tui.config.functions.screen import FunctionsScreen
from playground_tui.workspace.handlers.model import Handler
from tests.support.config_demo import make_draft
from tests.tui_config.conftest import Stage, Staged
from tests.tui_config.test_functions_screen import open_functions

SIZE = (110, 34)
WEATHER = {
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"place": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
        "required": ["place"],
    },
}


def tool(function: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": function}


def told(stage: Stage) -> dict[str, Any]:
    return stage.told("tools")[-1][-1]["function"]


async def click_text(stage: Stage, text: str, nth: int = 0) -> None:
    lines = stage.picture().split("\n")
    places = [(line.find(text), row) for row, line in enumerate(lines) if text in line]
    assert places, f"{text} is not in\n{stage.picture()}"
    await stage.pilot.click(offset=places[nth])
    for _ in range(4):
        await stage.pilot.pause()


@pytest.mark.slow
async def test_a_function_with_two_parameters_by_keys(staged: Staged) -> None:
    async with staged(size=SIZE) as stage:
        await open_functions(stage)
        await stage.press("f2", "enter")
        await stage.pilot.pause()
        await stage.press("ctrl+u")
        await stage.type("find_order")
        await stage.press("enter")
        await stage.type("Finds one order.")
        await stage.press("tab", "tab", "enter")
        await stage.type("number")
        await stage.press("enter", "right", "right", "down", "down")
        await stage.type("As on the invoice.")
        stage.app.screen.query_one(ParameterList).focus()
        await stage.press("down", "enter")
        await stage.type("state")
        await stage.press("enter", "down", "space", "down", "down")
        await stage.type("open, paid")
        assert told(stage) == {
            "name": "find_order",
            "description": "Finds one order.",
            "parameters": {
                "type": "object",
                "properties": {
                    "number": {"type": "integer", "description": "As on the invoice."},
                    "state": {"type": "string", "enum": ["open", "paid"]},
                },
                "required": ["number"],
            },
        }
        assert stage.app.draft.raw == {}


async def test_a_function_with_two_parameters_by_mouse(staged: Staged) -> None:
    async with staged(size=SIZE) as stage:
        await open_functions(stage)
        await click_text(stage, "f2 add", -1)
        await click_text(stage, "○ Empty")
        await click_text(stage, "add the first parameter")
        await stage.type("place")
        await click_text(stage, "add a parameter")
        await stage.type("days")
        await click_text(stage, "Type")
        await click_text(stage, "[x] the model must give it")
        assert told(stage)["parameters"] == {
            "type": "object",
            "properties": {"place": {"type": "string"}, "days": {"type": "number"}},
            "required": ["place"],
        }


async def test_form_and_json_are_each_others_picture(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        screen = await open_functions(stage)
        await stage.press("f3")
        editor = screen.query_one("JsonText", TextArea)
        assert json.loads(editor.text) == WEATHER
        editor.load_text(editor.text.replace('"place"', '"city"'))
        await stage.pilot.pause()
        await stage.press("f3")
        assert "› city" in stage.picture()
        await stage.press("end", "s")
        await stage.press("f3")
        assert json.loads(editor.text)["name"] == "get_weathers"


async def test_what_the_form_has_no_field_for_stays(staged: Staged) -> None:
    odd = {
        "name": "odd",
        "parameters": {
            "type": "object",
            "properties": {
                "a": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "b": {"type": "string", "pattern": "x"},
            },
            "additionalProperties": False,
        },
    }
    async with staged(make_draft(tools=[tool(odd)]), size=SIZE) as stage:
        await open_functions(stage)
        await stage.press("end", "s")
        assert told(stage) == {**odd, "name": "odds"}


async def test_a_text_that_is_no_json_has_no_form(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        screen = await open_functions(stage)
        await stage.press("f3")
        screen.query_one("JsonText", TextArea).load_text("{")
        await stage.pilot.pause()
        await stage.press("f3")
        assert screen.query_one("JsonEditor").display
        assert not screen.query_one(FormView).display


async def test_the_limits_speak_in_the_form_too(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        await open_functions(stage)
        await stage.press("end", "space")
        assert "! A function's name has only letters" in stage.picture()
        assert stage.told("tools")[-1].startswith("!")
        await stage.press("backspace")
        assert stage.app.draft.raw == {}


async def test_names_that_json_cannot_hold_side_by_side_are_kept_apart(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        screen = await open_functions(stage)
        screen.query_one(ParameterList).focus()
        await stage.press("down", "enter", "ctrl+u")
        assert "A parameter needs a name" in stage.picture()
        await stage.type("place")
        assert "Two parameters are called place" in stage.picture()
        assert list(told(stage)["parameters"]["properties"]) == ["place", "place_2"]


async def test_groups_and_lists_hold_parameters(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        screen = await open_functions(stage)
        screen.query_one(ParameterList).focus()
        await stage.press("ctrl+down")
        await stage.type("lat")
        assert told(stage)["parameters"]["properties"]["place"] == {
            "type": "object",
            "properties": {"lat": {"type": "string"}},
            "required": ["lat"],
        }
        screen.query_one(ParameterList).focus()
        await stage.press("delete")
        assert told(stage)["parameters"]["properties"]["place"] == {"type": "object", "properties": {}}


async def test_strict_mode_is_explained_and_arranged(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        await open_functions(stage)
        await stage.press("f6")
        assert "every property must be required; unit is not" in stage.picture()
        await stage.press("enter")
        made = told(stage)
        assert made["strict"] is True
        assert made["parameters"]["required"] == ["place", "unit"]
        assert made["parameters"]["properties"]["unit"]["type"] == ["string", "null"]
        assert "as it should be" in stage.picture()
        await stage.press("f6", "enter")
        assert told(stage)["strict"] is False


@pytest.mark.slow
async def test_a_function_from_a_python_file_is_answered_by_it(staged: Staged, tmp_path: Path) -> None:
    file = tmp_path / "tools.py"
    file.write_text('def add(a: int, b: int = 2) -> int:\n    """Adds."""\n    return a + b\n')
    async with staged(size=SIZE) as stage:
        screen = await open_functions(stage)
        await stage.press("f2", "up", "end", "down", "down", "down", "down", "enter")
        await stage.pilot.pause()
        await stage.type(str(file))
        await stage.pilot.pause()
        await stage.press("enter", "enter")
        await stage.pilot.pause()
        assert told(stage)["name"] == "add"
        assert told(stage)["description"] == "Adds."
        assert "python tools.py:add in /" in stage.picture()
        await stage.press("f4")
        await stage.pilot.pause()
        stage.app.screen.query_one("JsonText", TextArea).load_text('{"a": 40}')
        await stage.press("f4")
        for _ in range(400):
            await stage.pilot.pause(0.01)
            if "✓ answered" in stage.picture():
                break
        assert "42" in stage.picture()
        area = stage.app.screen.query_one("JsonText", TextArea)
        area.load_text('{"a": 40')
        await stage.pilot.pause()
        assert "Of the arguments before" in stage.picture()
        area.load_text('{"a": 40}')
        await stage.pilot.pause()
        assert "Of the arguments before" not in stage.picture()
        await stage.press("escape")
        assert stage.app.screen is screen


@pytest.mark.slow
async def test_trying_shows_what_went_wrong(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        screen = await open_functions(stage)
        assert isinstance(screen, FunctionsScreen)
        await stage.press("f4")
        assert "You answer this function by hand" in stage.picture()
        await stage.press("escape", "f7", "down", "down", "down", "enter")
        await stage.type("false")
        await stage.press("ctrl+s")
        assert "command false" in stage.picture()
        await stage.press("f4", "f4")
        for _ in range(400):
            await stage.pilot.pause(0.01)
            if "! failed" in stage.picture():
                break
        assert "ended with status 1" in stage.picture()


async def test_a_handler_that_makes_no_sense_is_not_taken(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool(WEATHER)]), size=SIZE) as stage:
        screen = await open_functions(stage)
        await stage.press("f7", "down", "down", "enter")
        await stage.type("nothing")
        await stage.press("ctrl+s")
        assert "! A Python handler is module:function" in stage.picture()
        await stage.type(":run")
        await stage.press("ctrl+s")
        assert isinstance(screen, FunctionsScreen)
        assert screen._handlers.handler("get_weather") == Handler("python", "nothing:run")


@pytest.mark.slow
async def test_parameters_change_places_by_key_and_stay_so_in_both_views(staged: Staged) -> None:
    function = {
        "name": "f",
        "parameters": {"type": "object", "properties": {"alpha": {"type": "string"}, "beta": {"type": "number"}}},
    }
    async with staged(make_draft(tools=[{"type": "function", "function": function}]), size=(100, 30)) as stage:
        stage.control("tools").functions.focus()
        await stage.press("enter")
        await stage.pilot.pause()
        stage.app.screen.query_one("ParameterList").focus()
        await stage.press("shift+down")
        properties = stage.told("tools")[-1][0]["function"]["parameters"]["properties"]
        assert list(properties) == ["beta", "alpha"]
        await stage.press("f3", "f3")
        picture = stage.picture()
        assert picture.index("beta") < picture.index("alpha")
        assert len(stage.told("tools")) == 1


async def test_what_may_be_null_is_seen_and_set_in_the_form(staged: Staged) -> None:
    unit = {"type": ["string", "null"], "enum": ["c", "f", None]}
    weather = {"name": "get_weather", "parameters": {"type": "object", "properties": {"unit": unit}}}
    async with staged(make_draft(tools=[tool(weather)]), size=SIZE) as stage:
        await open_functions(stage)
        assert "or null · c | f" in stage.picture()
        await click_text(stage, "null may stand in its place")
        assert told(stage)["parameters"]["properties"]["unit"] == {"type": "string", "enum": ["c", "f"]}
        assert "or null" not in stage.picture()
        await click_text(stage, "null may stand in its place")
        assert told(stage)["parameters"]["properties"]["unit"] == unit


async def test_a_name_with_brackets_is_a_name(staged: Staged) -> None:
    async with staged(make_draft(tools=[tool({"name": "[/]x"})]), size=SIZE) as stage:
        await open_functions(stage)
        await stage.press("f7")
        await stage.pilot.pause()
        assert "What answers [/]x" in stage.picture()

"""The function editor's list and its JSON view: one function at a time, told at once."""

from __future__ import annotations

import json

import pytest
from textual.widgets import TextArea

from playground_tui.tui.config.functions.screen import FunctionsScreen
from tests.support.config_demo import make_draft
from tests.tui_config.conftest import Stage, Staged

FIRST = {"type": "function", "function": {"name": "first", "parameters": {"type": "object"}}}
SECOND = {"type": "function", "function": {"name": "second"}}
SEARCH = {"type": "file_search"}


async def open_functions(stage: Stage) -> FunctionsScreen:
    stage.control("tools").functions.focus()
    await stage.press("enter")
    await stage.pilot.pause()
    await stage.pilot.pause()
    screen = stage.app.screen
    assert isinstance(screen, FunctionsScreen)
    return screen


async def open_json(stage: Stage) -> FunctionsScreen:
    screen = await open_functions(stage)
    await stage.press("f3")
    return screen


async def test_opening_and_leaving_changes_nothing(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST, SEARCH, SECOND])) as stage:
        await open_functions(stage)
        await stage.press("escape")
        assert not isinstance(stage.app.screen, FunctionsScreen)
        assert stage.said == []


async def test_an_empty_place_says_what_belongs_there(staged: Staged) -> None:
    async with staged() as stage:
        await open_functions(stage)
        assert "No functions yet" in stage.picture()
        await stage.press("f8", "f9", "f5", "f4", "f6", "f7", "f2", "down", "enter")
        await stage.pilot.pause()
        assert stage.told("tools")[-1][0]["function"]["name"] == "get_weather"
        await stage.press("escape")
        assert "1  edit" in stage.picture()


async def test_faults_are_told_with_line_and_column_and_kept(staged: Staged) -> None:
    async with staged(make_draft(tools=[SEARCH, FIRST]), size=(100, 30)) as stage:
        screen = await open_json(stage)
        editor = screen.query_one("JsonText", TextArea)
        editor.move_cursor((1, 0))
        await stage.type("x")
        assert "! Line 2, column 1:" in stage.picture()
        assert "! first" in stage.picture()
        entries = json.loads(stage.app.draft.raw["tools"].text)
        assert entries[0] == SEARCH
        assert entries[1] == editor.text
        assert "Function first: line 2" in stage.app.draft.raw["tools"].advice
        await stage.press("escape")
        assert "! 1 wrong" in stage.picture()
        await stage.go_to("tools")
        assert stage.app.focused is stage.control("tools").functions
        await stage.press("enter", "backspace")
        kept = stage.app.screen.query_one("JsonText", TextArea)
        kept.move_cursor((1, 1))
        await stage.press("backspace")
        assert stage.told("tools")[-1] == [SEARCH, FIRST]
        assert stage.app.draft.raw == {}


async def test_names_are_checked_by_the_limits(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST]), size=(120, 30)) as stage:
        screen = await open_json(stage)
        screen.query_one("JsonText", TextArea).move_cursor((1, 14))
        await stage.type(" ")
        assert "only letters, digits, _ and -" in stage.picture()
        assert stage.told("tools")[-1].startswith("!")


async def test_duplicate_and_delete(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST, SEARCH, SECOND]), size=(100, 30)) as stage:
        await open_functions(stage)
        await stage.press("f5")
        names = [tool["function"]["name"] for tool in stage.told("tools")[-1] if tool["type"] == "function"]
        assert names == ["first", "first_2", "second"]
        await stage.press("f8")
        assert len(stage.told("tools")) == 1
        await stage.press("f8")
        assert stage.told("tools")[-1] == [FIRST, SEARCH, SECOND]


@pytest.mark.parametrize("view", [(), pytest.param(("f3",), marks=pytest.mark.slow)])
async def test_what_is_typed_takes_the_place_of_a_new_functions_name(staged: Staged, view: tuple[str, ...]) -> None:
    async with staged(make_draft(tools=[FIRST]), size=(100, 30)) as stage:
        await open_functions(stage)
        await stage.press(*view, "f5")
        await stage.type("second")
        await stage.press("f2", "down", "enter")
        await stage.pilot.pause()
        await stage.type("third")
        names = [tool["function"]["name"] for tool in stage.told("tools")[-1]]
        assert names == ["first", "second", "third"]


async def test_an_edit_takes_the_question_about_deleting_back(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST]), size=(100, 30)) as stage:
        await open_json(stage)
        await stage.press("f8", "space", "f8")
        assert stage.said == []
        await stage.press("f8")
        assert stage.told("tools") == [[]]


async def test_format_and_going_to_the_fault(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST]), size=(100, 30)) as stage:
        screen = await open_json(stage)
        editor = screen.query_one("JsonText", TextArea)
        editor.load_text('{"name":"a","parameters":{"type":"object"}}')
        await stage.press("f9")
        assert editor.text.startswith('{\n  "name": "a",')
        editor.load_text('{"name":"a",\n "b" }')
        await stage.press("f9")
        assert editor.cursor_location == (1, 5)


async def test_moving_along_the_names_shows_each_text(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST, SECOND]), size=(70, 24)) as stage:
        screen = await open_json(stage)
        names = screen.query_one("NameList")
        names.focus()
        await stage.press("down")
        assert '"second"' in screen.query_one("JsonText", TextArea).text
        await stage.pilot.click(names, offset=(4, 0))
        await stage.pilot.pause()
        assert '"first"' in screen.query_one("JsonText", TextArea).text
        assert stage.said == []


async def test_the_words_below_are_for_the_mouse(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST]), size=(100, 30)) as stage:
        await open_functions(stage)
        await stage.pilot.click("KeyLine", offset=(2 + len("f2 add  f3 form/JSON  f4 try it  "), 0))
        await stage.pilot.pause()
        assert len(stage.told("tools")[-1]) == 2


async def test_another_assistant_closes_the_editor(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST])) as stage:
        await open_functions(stage)
        stage.app.show(make_draft(id="other"))
        await stage.pilot.pause()
        assert not isinstance(stage.app.screen, FunctionsScreen)


@pytest.mark.slow
async def test_functions_change_places_and_other_tools_stay(staged: Staged) -> None:
    async with staged(make_draft(tools=[FIRST, SEARCH, SECOND]), size=(100, 30)) as stage:
        screen = await open_functions(stage)
        screen.query_one("NameList").focus()
        await stage.press("shift+down")
        assert stage.told("tools") == [[SECOND, SEARCH, FIRST]]
        await stage.press("shift+down")
        assert len(stage.told("tools")) == 1
        await stage.press("shift+up")
        assert stage.told("tools")[-1] == [FIRST, SEARCH, SECOND]

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from textual.widgets import TextArea

from playground_tui.tui.widgets.calls_panel import CallsPanel, note_on, pretty
from playground_tui.tui.words import time_left
from playground_tui.workspace.values import RunView, ToolCallView
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import ASKED, main, talk

WEATHER = ToolCallView("call_1", "function", "get_weather", '{"city": "Zürich"}')
TIME = ToolCallView("call_2", "function", "get_time", "")
WAITING = RunView(
    "waiting_outputs", "run_1", since=NOON, calls=(WEATHER, TIME), expires_at=NOON + timedelta(minutes=10)
)


async def panel(opened: Opened) -> CallsPanel:
    await opened.until(lambda: main(opened).query(CallsPanel))
    await opened.pilot.pause()
    return main(opened).query_one(CallsPanel)


async def test_calls_open_with_name_arguments_and_countdown(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=WAITING)
    async with open_app() as opened:
        await panel(opened)
        text = opened.text()
        for words in ("2 function calls wait for answers", "10 min left", "get_weather", "Zürich", "get_time"):
            assert words in text


async def test_the_focus_goes_there_when_nothing_is_being_written(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=WAITING)
    async with open_app() as opened:
        shown = await panel(opened)
        await opened.until(lambda: shown.has_focus_within)


async def test_the_focus_stays_in_a_box_with_text(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED)
    async with open_app() as opened:
        await opened.press(*"half")
        conversation.become(run=WAITING)
        await panel(opened)
        await opened.press("!")
        assert main(opened).chat.box.text == "half!"


async def test_all_answers_go_out_in_one_submit(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=WAITING)
    async with open_app() as opened:
        shown = await panel(opened)
        first, second = shown.query(TextArea)
        first.load_text('{"degrees": 7}')
        second.load_text("noon")
        await opened.press("f10")
        assert workspace.calls.of("submit_outputs") == [({"call_1": '{"degrees": 7}', "call_2": "noon"},)]


async def test_an_answer_can_be_an_error_by_mouse(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=RunView("waiting_outputs", "run_1", since=NOON, calls=(WEATHER,)))
    async with open_app() as opened:
        shown = await panel(opened)
        shown.query_one(TextArea).load_text("no such city")
        await opened.click_text("Answer with error")
        assert "Goes out as" in opened.text()
        await opened.click_text("Submit")
        [(outputs,)] = workspace.calls.of("submit_outputs")
        assert json.loads(outputs["call_1"]) == {"error": "no such city"}


async def test_the_panel_goes_with_the_calls(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, run=WAITING)
    async with open_app() as opened:
        await panel(opened)
        conversation.become(run=RunView())
        await opened.until(lambda: not main(opened).query(CallsPanel))
        assert main(opened).focused is main(opened).chat.box


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("", "Empty: the model gets an empty text."),
        ("{}", "JSON."),
        ("7", "JSON."),
        ("noon", "Goes out as text."),
        ("{\n broken", "Not JSON at line 2; goes out as text."),
    ],
)
def test_the_note_says_how_an_answer_goes_out(text: str, note: str) -> None:
    assert note_on(text, as_error=False) == note


def test_arguments_that_are_no_json_are_shown_as_they_came() -> None:
    assert pretty("{oops") == "{oops"
    assert pretty("") == "no arguments"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=23, minutes=59), "23 h 59 min left"),
        (timedelta(minutes=4, seconds=9), "4 min left"),
        (timedelta(seconds=12), "12 s left"),
        (timedelta(seconds=-1), "expired"),
    ],
)
def test_a_countdown_in_words(left: timedelta, words: str) -> None:
    assert time_left(NOON + left, NOON) == words

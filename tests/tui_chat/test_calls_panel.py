from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import TextArea

from playground_tui.tui.calls.panel import CallsPanel
from playground_tui.tui.calls.words import note_on, pretty
from playground_tui.tui.words import time_left
from playground_tui.workspace.handlers.model import Handler
from playground_tui.workspace.values import RunView, ToolCallView
from tests.support.fake_workspace import NOON, FakeConversation, FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import ASKED, main, talk

WEATHER = ToolCallView("call_1", "function", "get_weather", '{"city": "Zürich"}')
TIME = ToolCallView("call_2", "function", "get_time", "")
WAITING = RunView(
    "waiting_outputs", "run_1", since=NOON, calls=(WEATHER, TIME), expires_at=NOON + timedelta(minutes=10)
)
ONE = RunView("waiting_outputs", "run_1", since=NOON, calls=(WEATHER,))
HANDLER = Handler("python", "tools.py:weather", folder="/home/me")


async def panel(opened: Opened) -> CallsPanel:
    await opened.until(lambda: main(opened).query(CallsPanel))
    await opened.pilot.pause()
    return main(opened).query_one(CallsPanel)


def approving(workspace: FakeWorkspace) -> FakeConversation:
    conversation = talk(workspace, ASKED, run=WAITING)
    conversation.calls.put("call_1", phase="needs_approval", handler=HANDLER)
    return conversation


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


async def test_one_key_gives_all_answers_that_are_written(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=WAITING)
    async with open_app() as opened:
        shown = await panel(opened)
        first, second = shown.query(TextArea)
        first.load_text('{"degrees": 7}')
        second.load_text("noon")
        await opened.press("alt+enter")
        assert workspace.calls.of("answer") == [("call_1", '{"degrees": 7}', False), ("call_2", "noon", False)]


@pytest.mark.slow
async def test_the_focus_goes_on_to_the_next_call_and_an_answer_can_be_taken_back(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    talk(workspace, ASKED, run=WAITING)
    async with open_app() as opened:
        shown = await panel(opened)
        first, second = shown.query(TextArea)
        await opened.until(lambda: first.has_focus)
        await opened.press(*"7", "alt+enter")
        await opened.until(lambda: second.has_focus)
        assert "2 function calls wait for answers · 1 answered" in opened.text()
        assert "● answered by you" in opened.text()
        await opened.click_text("Take back")
        assert workspace.calls.of("take_back") == [("call_1",)]


async def test_the_focus_goes_to_the_box_after_the_last_answer(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = talk(workspace, ASKED, run=ONE)
    async with open_app() as opened:
        shown = await panel(opened)
        await opened.until(lambda: shown.query_one(TextArea).has_focus)
        await opened.press(*"7", "alt+enter", *"and now")
        assert main(opened).chat.box.text == "and now"
        conversation.become(run=RunView())
        await opened.until(lambda: not main(opened).query(CallsPanel))
        assert main(opened).focused is main(opened).chat.box


async def test_an_answer_can_be_an_error_by_mouse(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=ONE)
    async with open_app() as opened:
        shown = await panel(opened)
        shown.query_one(TextArea).load_text("no such city")
        await opened.click_text("As error")
        assert workspace.calls.of("answer") == [("call_1", "no such city", True)]


@pytest.mark.parametrize(
    ("button", "scope"),
    [("Run once", "once"), pytest.param("For this session", "session", marks=pytest.mark.slow), ("Always", "always")],
)
async def test_a_handler_runs_once_allowed(open_app: Open, workspace: FakeWorkspace, button: str, scope: str) -> None:
    approving(workspace)
    async with open_app() as opened:
        await panel(opened)
        assert "? needs your approval" in opened.text()
        assert "python tools.py:weather in /home/me would be run" in opened.text()
        await opened.click_text(button)
        await opened.until(lambda: workspace.calls.of("approve"))
        assert workspace.calls.of("approve") == [("call_1", scope)]


async def test_the_focus_is_on_no_and_writing_never_allows_anything(open_app: Open, workspace: FakeWorkspace) -> None:
    approving(workspace)
    async with open_app() as opened:
        shown = await panel(opened)
        await opened.until(lambda: shown.has_focus_within)
        await opened.press(*"oas")
        assert main(opened).chat.box.text == "oas"
        assert not workspace.calls.of("approve")


async def test_no_opens_the_answer_by_hand(open_app: Open, workspace: FakeWorkspace) -> None:
    approving(workspace)
    async with open_app() as opened:
        shown = await panel(opened)
        await opened.until(lambda: shown.has_focus_within)
        await opened.press("enter", *"7", "alt+enter")
        assert workspace.calls.of("answer") == [("call_1", "7", False)]


async def test_a_hanging_handler_shows_its_time_and_can_be_stopped(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = approving(workspace)
    conversation.calls.put("call_1", phase="running", by="python", since=NOON - timedelta(seconds=12))
    async with open_app() as opened:
        await panel(opened)
        assert "◌ python runs 12 s" in opened.text()
        await opened.click_text("Stop handler")
        assert workspace.calls.of("end") == [("call_1",)]


@pytest.mark.slow
async def test_a_handlers_log_and_time_are_shown(open_app: Open, workspace: FakeWorkspace) -> None:
    conversation = approving(workspace)
    async with open_app() as opened:
        await panel(opened)
        conversation.calls.put(
            "call_1",
            phase="failed",
            by="python",
            output='{"error": "no"}',
            note="It ended with status 3.",
            log="Traceback …",
            seconds=0.25,
        )
        await opened.pilot.pause()
        assert "! failed by its Python handler · 0.2 s" in opened.text()
        await opened.click_text("Show")
        for words in ("It ended with status 3.", "Traceback …", '"error": "no"'):
            assert words in opened.text()


@pytest.mark.slow
async def test_an_answer_is_kept_as_a_mock_and_used_again(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, run=ONE)
    async with open_app() as opened:
        shown = await panel(opened)
        shown.query_one(TextArea).load_text('{"degrees": 7}')
        await opened.click_text("Keep as mock")
        await opened.press("enter")
        await opened.until(lambda: workspace.calls.of("keep_mock"))
        assert workspace.calls.of("keep_mock") == [("asst_1", "get_weather", "default", '{"degrees": 7}')]
        await opened.click_text("Mocks…")
        await opened.press("enter")
        await opened.until(lambda: workspace.calls.of("answer_with_mock"))
        assert workspace.calls.of("answer_with_mock") == [("call_1", "default")]


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

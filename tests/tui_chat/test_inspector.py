from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from playground_tui.tui.inspector.rows import items_of, so_far, total_seconds
from playground_tui.tui.inspector.screen import InspectorScreen
from playground_tui.tui.inspector.texts import detail
from playground_tui.workspace.inspector.exchanges import MASK, Exchange
from playground_tui.workspace.inspector.values import RunInspection, StepRow
from playground_tui.workspace.values import ChatMessage, RunView, TokenUse, ToolCallView
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import ASKED, main, talk

REPLY = ChatMessage("m2", "assistant", "Seven degrees.", NOON, run_id="run_1")
LATER = ChatMessage("m4", "assistant", "Eight.", NOON, run_id="run_2")


def call(number: int, seconds: float, name: str = "get_weather") -> ToolCallView:
    return ToolCallView(f"call_{number}", "function", name, '{"city": "Bern"}', '{"degrees": 7}', True, seconds)


CREATE = Exchange(
    "post",
    "http://127.0.0.1:8000/v1/threads/thread_8fk2/runs",
    {"Authorization": MASK, "content-type": "application/json"},
    {"assistant_id": "asst_1", "stream": True},
    NOON,
    200,
    {"content-type": "text/event-stream"},
    "event: thread.run.created\ndata: {}\n\n",
    2048,
)
RUN = RunInspection(
    "run_1",
    "thread_8fk2",
    "asst_1",
    "completed",
    "openai/gpt-6-astra",
    NOON,
    NOON + timedelta(seconds=1),
    NOON + timedelta(seconds=20),
    1.4,
    TokenUse(812, 164, 640, 32),
    0.0123,
    (
        StepRow("queued", "queued", 0.0, 1.0),
        StepRow(
            "tools", "get_weather, get_time", 1.0, 3.0, "completed", calls=(call(1, 0.4), call(2, 0.2, "get_time"))
        ),
        StepRow(
            "tools", "slow_lookup", 4.0, 14.0, "completed", calls=(call(3, 14.0, "slow_lookup"),), step_id="step_3"
        ),
        StepRow("message", "message", 18.0, 2.0, "completed", TokenUse(812, 164), message_id="m2", step_id="step_4"),
    ),
    "The model got the last 12 messages of the thread.",
    version=12,
    overrides={"temperature": 0.9},
    raw_run={"id": "run_1", "object": "thread.run"},
    raw_steps=({"id": "step_3", "object": "thread.run.step"},),
    exchanges=(CREATE,),
)


GOING_ON = RunInspection(
    "run_1",
    "thread_8fk2",
    "asst_1",
    "in_progress",
    "openai/gpt-6-astra",
    NOON - timedelta(seconds=9),
    NOON - timedelta(seconds=8),
    timeline=(
        StepRow("queued", "queued", 0.0, 1.0),
        StepRow("tools", "get_weather", 1.0, 3.0, "completed", calls=(call(1, 0.4),)),
        StepRow("message", "message", 4.0, None, "in_progress", step_id="step_9"),
    ),
)


def inspected(workspace: FakeWorkspace) -> None:
    workspace.inspector.inspection = RUN
    talk(workspace, ASKED, REPLY)


async def read(opened: Opened) -> InspectorScreen:
    await opened.until(lambda: "run_1 · thread_8fk2" in opened.text())
    screen = opened.app.screen
    assert isinstance(screen, InspectorScreen)
    return screen


async def test_two_keys_say_why_the_third_call_was_slow(open_app: Open, workspace: FakeWorkspace) -> None:
    inspected(workspace)
    async with open_app() as opened:
        await opened.press("shift+f7", "3")
        await read(opened)
        await opened.until(lambda: "Call 3: slow_lookup" in opened.text())
        assert "Took 14.0 s, 70 % of the run" in opened.text()
        assert "slowest call" in opened.text()


async def test_the_run_is_summed_up_with_times_tokens_and_truncation(open_app: Open, workspace: FakeWorkspace) -> None:
    inspected(workspace)
    async with open_app() as opened:
        await opened.press("shift+f7")
        await read(opened)
        for words in (
            "first token 1.4 s",
            "812 in · 164 out · 640 cached · 32 reasoning",
            "cost 0.0123",
            "version 12",
            "The model got the last 12 messages of the thread.",
            "Overrides: temperature 0.9",
        ):
            assert words in opened.text()


async def test_all_of_it_fits_in_80_by_24(open_app: Open, workspace: FakeWorkspace) -> None:
    inspected(workspace)
    async with open_app(80, 24) as opened:
        await opened.press("shift+f7", "s")
        await read(opened)
        await opened.press("s")
        assert "Call 3: slow_lookup" in opened.text()
        assert "▲ 3 slow_lookup" in opened.text()


async def test_raw_json_and_requests_are_shown_and_copied(open_app: Open, workspace: FakeWorkspace) -> None:
    inspected(workspace)
    async with open_app() as opened:
        await opened.press("shift+f7", "3")
        await read(opened)
        await opened.press("r")
        assert '"object": "thread.run.step"' in opened.text()
        await opened.press("end")
        assert '"assistant_id": "asst_1"' in opened.text()
        assert MASK in opened.text()
        await opened.press("u")
        await opened.until(lambda: opened.clipboard.text)
        assert opened.clipboard.text.startswith("curl http://127.0.0.1:8000/v1/threads/thread_8fk2/runs")
        assert "${API_KEY}" in opened.clipboard.text
        await opened.press("i")
        await opened.until(lambda: opened.clipboard.text == "thread_8fk2\nrun_1")


@pytest.mark.slow
async def test_what_has_changed_since_the_reply(open_app: Open, workspace: FakeWorkspace) -> None:
    inspected(workspace)
    async with open_app() as opened:
        await opened.press("shift+f7")
        await read(opened)
        await opened.press("d")
        await opened.until(lambda: "Changes since this reply" in opened.text())
        assert workspace.calls.of("changes_since") == [("run_1", "asst_1")]


async def test_the_chosen_reply_is_looked_into(open_app: Open, workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, REPLY, ChatMessage("m3", "user", "And now?\n" * 80, NOON), LATER)
    async with open_app() as opened:
        view = main(opened).chat.view
        await opened.press("shift+f7")
        await opened.until(lambda: workspace.calls.of("inspect") == [("thread_8fk2", "run_2")])
        await opened.press("escape")
        view.focus()
        await opened.press("home")
        await opened.until(lambda: view.chosen_message_id() != "m4")
        chosen = view.chosen_message_id()
        await opened.press("shift+f7")
        await opened.until(lambda: len(workspace.calls.of("inspect")) == 2)
        expected = "run_2" if chosen == "m3" else "run_1"
        assert workspace.calls.of("inspect")[1] == ("thread_8fk2", expected)


async def test_a_thread_without_a_run_has_nothing_to_look_into(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("shift+f7")
        assert opened.notices() == ["There is no run to look into yet."]


async def test_a_run_that_goes_on_is_read_again_as_it_changes(open_app: Open, workspace: FakeWorkspace) -> None:
    """Without a key; the marked row stays marked, and it ends when the run does."""
    running = RunView("answering", "run_1", since=NOON)
    conversation = talk(workspace, ASKED, REPLY, run=running)
    workspace.inspector.inspection = GOING_ON
    async with open_app() as opened:
        await opened.press("shift+f7")
        await opened.until(lambda: "◌ message" in opened.text())
        await opened.press("1")
        await opened.until(lambda: "Call 1: get_weather" in opened.text())
        workspace.inspector.inspection = RUN
        conversation.become(run=replace(running, phase="thinking"))
        await opened.until(lambda: "completed" in opened.text() and "slow_lookup" in opened.text())
        assert "Call 1: get_weather" in opened.text()
        read_so_far = len(workspace.calls.of("inspect"))
        conversation.become(run=RunView())
        await opened.pilot.pause()
        assert len(workspace.calls.of("inspect")) == read_so_far


def test_an_open_step_has_taken_what_passed_until_now() -> None:
    run = so_far(GOING_ON, NOON)
    assert [step.seconds for step in run.timeline] == [1.0, 3.0, 5.0]
    assert total_seconds(run) == 9.0
    assert "5.0 s so far" in detail(run, items_of(run)[-1]).plain
    assert so_far(RUN, NOON) is RUN

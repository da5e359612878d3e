"""The pure parts: the table of moves, frames, token estimates, shares of a budget."""

from __future__ import annotations

import json

import pytest

from playground_tui.service.engines.base import (
    AssistantTurn,
    EngineError,
    EngineRequest,
    FunctionCall,
    ImagePart,
    TextPart,
    ToolTurn,
    UserTurn,
)
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.budget import Budget
from playground_tui.service.runs.frames import DeltaFrames, error_frame, frame, progress_frame
from playground_tui.service.runs.objects import add_usage, usage_object
from playground_tui.service.runs.retry import wait_before
from playground_tui.service.runs.states import ACTIVE, MOVES, TERMINAL, IllegalMove, check_move
from playground_tui.service.runs.tokens import Calibration, fixed_tokens, text_tokens, turn_tokens
from tests.service_runs.reading import parse


def test_every_state_of_the_api_is_in_the_table():
    terminal = {"completed", "failed", "incomplete", "cancelled", "expired"}
    assert terminal == TERMINAL
    assert {"queued", "in_progress", "requires_action", "cancelling"} == ACTIVE
    assert all(following <= set(MOVES) for following in MOVES.values())


def test_every_active_state_can_come_to_an_end():
    for state in ACTIVE:
        seen, todo = set(), [state]
        while todo:
            for following in MOVES[todo.pop()] - seen:
                seen.add(following)
                todo.append(following)
        assert seen & TERMINAL, state


def test_an_illegal_move_is_a_fault():
    with pytest.raises(IllegalMove):
        check_move("completed", "in_progress")
    check_move("requires_action", "queued")


def test_a_frame_is_one_line_of_json():
    (event,) = parse(frame("x", json.dumps({"a": "line\nbreak"})))
    assert (event.name, event.data) == ("x", {"a": "line\nbreak"})


def test_delta_frames_differ_in_the_text_only():
    frames = DeltaFrames("e", {"id": "msg_1", "delta": [{"value": "\0"}]})
    for piece in ("", '"quoted" \\ back', "é ☃ 😀", "\n\r\t\x00", "\ud800"):
        (event,) = parse(frames.of(piece))
        assert event.data == {"id": "msg_1", "delta": [{"value": piece}]}


def test_an_error_event_stands_in_both_forms():
    (event,) = parse(error_frame(ApiError(500, "No.", type="server_error", code="c")))
    inner = {"message": "No.", "type": "server_error", "param": None, "code": "c"}
    assert (event.name, event.data) == ("error", {**inner, "error": inner})


def test_progress_is_an_event_of_its_own():
    (event,) = parse(progress_frame("retrying", "Busy.", 2.0))
    assert event.name == "playground.progress"
    assert event.data == {"phase": "retrying", "retry_in": 2.0, "message": "Busy."}


def test_estimates_grow_with_the_text():
    assert text_tokens("") == 0
    assert text_tokens("word" * 100) == 100
    assert 100 <= text_tokens("слово" * 50) <= 300
    assert 50 <= text_tokens("漢字" * 50) <= 200
    assert text_tokens("\ud800") > 0


def test_everything_that_is_sent_counts():
    assert turn_tokens(UserTurn((TextPart("x" * 40), ImagePart("https://x", "low"), ImagePart("https://x")))) > 850
    calls = (FunctionCall("c", "name", "x" * 400),)
    assert turn_tokens(AssistantTurn("x" * 400, calls=calls)) > 200
    assert turn_tokens(ToolTurn("c", "x" * 400)) > 100
    bare = EngineRequest("m", "", ())
    full = EngineRequest("m", "x" * 400, (), ({"type": "function"},), response_format={"type": "json_object"})
    assert fixed_tokens(full) > fixed_tokens(bare) + 100


def test_a_model_that_counts_more_is_remembered():
    calibration = Calibration()
    calibration.learn("m", 100, 150)
    assert calibration.factor("m") == 1.5
    calibration.learn("m", 100, 100)
    assert 1.0 < calibration.factor("m") < 1.5
    calibration.learn("m", 100, 9000)
    assert calibration.factor("m") == 2.0
    assert calibration.factor("other") == 1.0


def test_a_budget_covers_all_completions():
    budget = Budget(300, 256, None)
    assert budget.room(100, 1.0) == 200
    budget.spend(usage_object(200, 200))
    assert (budget.prompt_left(), budget.completion_left(), budget.exhausted()) == (100, 56, None)
    budget.spend(usage_object(100, 10))
    assert (budget.exceeded(), budget.exhausted()) == (None, "max_prompt_tokens")
    budget.spend(usage_object(0, 50))
    assert budget.exceeded() == "max_completion_tokens"


def test_an_estimate_stays_marked_in_a_sum():
    total = add_usage(add_usage(None, usage_object(1, 2, 1, 1)), usage_object(3, 4, estimated=True))
    assert (total["total_tokens"], total["estimated"], total["prompt_token_details"]["cached_tokens"]) == (10, True, 1)


def test_when_an_endpoint_is_asked_again():
    busy = EngineError("Busy.", retryable=True)
    first, second = wait_before(busy, 1), wait_before(busy, 2)
    assert first is not None
    assert second is not None
    assert 0.5 <= first < second
    assert wait_before(busy, 3) is None
    assert wait_before(EngineError("No."), 1) is None
    assert wait_before(EngineError("Later.", retryable=True, retry_after=7), 1) == 7
    assert wait_before(EngineError("Much later.", retryable=True, retry_after=7000), 1) is None

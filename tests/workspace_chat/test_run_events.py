from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground_tui.workspace.message_list import MessageList
from playground_tui.workspace.run_events import RunReducer
from playground_tui.workspace.values import Added, Changed, ConversationChange, Grew, TokenUse
from tests.support.clock import ScriptedClock
from tests.workspace_chat.events import (
    TEXT_RUN,
    Event,
    call_delta,
    calls_step,
    completed,
    created,
    delta,
    function,
    required,
    run,
)


def reducer(**options: Any) -> RunReducer:
    return RunReducer(ScriptedClock(), author="Bot", **options)


def feed(target: RunReducer, events: Iterable[Event]) -> list[ConversationChange]:
    return [change for event, data in events for change in target.apply(event, data)]


def shown(changes: Iterable[ConversationChange], target: RunReducer) -> list[str]:
    """The texts a view would show that only follows the changes."""
    texts: dict[str, str] = {}
    for change in changes:
        match change:
            case Added(message):
                texts[message.id] = message.text
            case Grew(message_id, fragment):
                texts[message_id] += fragment
            case Changed(old_id, message):
                texts = {message.id if k == old_id else k: message.text if k == old_id else t for k, t in texts.items()}
    assert list(texts.values()) == [m.text for m in target.messages()]
    return list(texts.values())


def test_text_run() -> None:
    r = reducer(version=12)
    changes = feed(r, TEXT_RUN)
    assert [type(c) for c in changes] == [Added, Grew, Grew, Grew, Changed, Changed]
    assert shown(changes, r) == ["Hello, world."]
    (message,) = r.messages()
    assert message.status == "complete"
    assert message.author == "Bot"
    assert message.run_id == "run_1"
    assert message.facts is not None
    assert message.facts.model == "gpt-x"
    assert message.facts.version == 12
    assert message.facts.tokens == TokenUse(7, 3)
    assert r.ended
    assert r.view.phase == "idle"


async def test_times_are_measured_here() -> None:
    clock = ScriptedClock()
    r = RunReducer(clock)
    feed(r, TEXT_RUN[:4])
    await clock.advance(0.5)
    feed(r, TEXT_RUN[4:7])
    await clock.advance(1.5)
    feed(r, TEXT_RUN[7:])
    facts = r.messages()[0].facts
    assert facts is not None
    assert facts.first_token_seconds == 0.5
    assert facts.seconds == 2.0


def test_phases_tell_what_it_waits_for() -> None:
    r = reducer()
    seen = []
    for event, data in TEXT_RUN:
        r.apply(event, data)
        seen.append(r.view.phase)
    assert list(dict.fromkeys(seen)) == ["queued", "thinking", "answering", "idle"]


def test_delta_before_created_loses_nothing() -> None:
    r = reducer()
    changes = feed(r, [run("in_progress"), delta("a"), created(), delta("b")])
    assert shown(changes, r) == ["ab"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_are_built_by_index(order: tuple[int, ...]) -> None:
    r = reducer()
    changes = feed(r, [created(), *(delta(f"p{i}", i) for i in order), *(delta("+", i) for i in order)])
    assert shown(changes, r) == ["p0+\n\np1+\n\np2+"]


def test_refusal() -> None:
    r = reducer()
    parts = [{"index": 0, "type": "refusal", "refusal": text} for text in ("I ", "won't.")]
    changes = feed(
        r, [created(), *(("thread.message.delta", {"id": "msg_1", "delta": {"content": [p]}}) for p in parts)]
    )
    assert shown(changes, r) == ["I won't."]
    assert r.messages()[0].refusal


def test_function_calls_wait_and_go_on() -> None:
    r = reducer()
    first = [
        run("in_progress"),
        calls_step("created"),
        call_delta(0, id="call_a", function={"name": "weather", "arguments": ""}),
        call_delta(1, id="call_b", function={"name": "time", "arguments": ""}),
        call_delta(0, function={"arguments": '{"city":'}),
        call_delta(1, function={"arguments": "{}"}),
        call_delta(0, function={"arguments": '"Rome"}'}),
        required(
            function("call_a", "weather", '{"city":"Rome"}'), function("call_b", "time", "{}"), expires_at=1_800_000_000
        ),
    ]
    changes = feed(r, first)
    assert r.view.phase == "waiting_outputs"
    assert [c.name for c in r.view.calls] == ["weather", "time"]
    assert r.view.expires_at is not None
    (waiting,) = r.messages()
    assert waiting.id.startswith("local_")
    assert [c.arguments for c in waiting.calls] == ['{"city":"Rome"}', "{}"]
    assert not any(c.done for c in waiting.calls)
    assert isinstance(changes[-1], Changed)
    assert changes[-1].message.calls == waiting.calls, "a view that only follows the changes shows all arguments"
    second = [
        calls_step("completed", function("call_a", "weather", "{}", "sun"), function("call_b", "time", "{}", "noon")),
        run("queued"),
        run("in_progress"),
        created(),
        delta("Sunny."),
        completed("Sunny."),
        run("completed"),
    ]
    changes += feed(r, second)
    assert shown(changes, r) == ["Sunny."]
    (reply,) = r.messages()
    assert reply.id == "msg_1"
    assert [(c.output, c.done) for c in reply.calls] == [("sun", True), ("noon", True)]


def test_after_a_restart_the_waiting_calls_come_from_the_run() -> None:
    r = reducer()
    feed(r, [required(function("call_a", "weather", "{}"))])
    assert [c.id for m in r.messages() for c in m.calls] == ["call_a"]
    feed(r, [calls_step("completed", function("call_a", "weather", "{}", "sun"), step_id="step_9"), created()])
    (reply,) = r.messages()
    assert [c.output for c in reply.calls] == ["sun"]


def test_citations_come_with_the_whole_message() -> None:
    mark = "【13†source】"
    note = {
        "type": "file_citation",
        "text": mark,
        "start_index": 4,
        "end_index": 15,
        "file_citation": {"file_id": "f1"},
    }
    r = reducer()
    feed(r, [created(), delta("Yes " + mark, annotations=[note]), completed("Yes " + mark, annotations=[note])])
    (citation,) = r.messages()[0].citations
    assert (citation.mark, citation.label, citation.start) == (mark, "[1] f1", 4)


@pytest.mark.parametrize(
    ("status", "shown_status", "note"),
    [
        ("cancelled", "stopped", "Stopped."),
        ("failed", "failed", "The run failed."),
        ("expired", "incomplete", "The run expired."),
        ("incomplete", "incomplete", "Cut off at the limit of completion tokens."),
    ],
)
def test_an_open_reply_ends_as_the_run_did(status: str, shown_status: str, note: str) -> None:
    r = reducer()
    feed(r, [created(), delta("Half"), run(status, incomplete_details={"reason": "max_completion_tokens"})])
    (message,) = r.messages()
    assert (message.text, message.status, message.note) == ("Half", shown_status, note)


def test_a_finished_run_stays_finished() -> None:
    r = reducer()
    feed(r, [*TEXT_RUN, run("in_progress"), delta("late")])
    assert r.ended
    assert r.messages()[0].text == "Hello, world."


def test_a_stream_told_again_doubles_nothing() -> None:
    r = reducer()
    changes = feed(r, TEXT_RUN[:6])
    r.begin_again()
    changes += feed(r, TEXT_RUN)
    assert shown(changes, r) == ["Hello, world."]


@pytest.mark.parametrize(
    "data",
    [
        {"message": "Boom.", "code": "server_error", "type": "server_error", "param": None},
        {"error": {"message": "Boom.", "code": "server_error"}},
        {"error": "Boom."},
        "Boom.",
    ],
)
def test_every_form_of_the_error_event(data: Any) -> None:
    r = reducer()
    assert not r.apply("error", data)
    assert r.error is not None
    assert r.error["message"] == "Boom."


def test_progress_of_our_own_service() -> None:
    r = reducer()
    feed(
        r, [run("in_progress"), ("playground.progress", {"phase": "retrying", "retry_in": 3, "message": "next in 3 s"})]
    )
    assert (r.view.phase, r.view.what) == ("retrying", "next in 3 s")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "index",
                    "type",
                    "text",
                    "value",
                    "delta",
                    "content",
                    "role",
                    "status",
                    "created_at",
                    "step_details",
                    "tool_calls",
                    "function",
                    "name",
                    "arguments",
                    "output",
                    "annotations",
                    "file_citation",
                    "required_action",
                    "submit_tool_outputs",
                    "expires_at",
                    "usage",
                    "error",
                    "message",
                    "message_creation",
                    "incomplete_details",
                    "reason",
                    "image_file",
                    "file_id",
                    "refusal",
                    "run_id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
event_names = st.sampled_from(
    [
        "error",
        "done",
        "thread.created",
        "thread.run.created",
        "thread.run.in_progress",
        "thread.run.requires_action",
        "thread.run.odd",
        "thread.run.step.created",
        "thread.run.step.delta",
        "thread.run.step.completed",
        "thread.message.created",
        "thread.message.delta",
        "thread.message.completed",
        "thread.message.incomplete",
        "playground.progress",
        "x",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(event_names, json_values), max_size=12))
def test_nothing_a_server_sends_raises(events: list[tuple[str, Any]]) -> None:
    r = reducer()
    listed = MessageList(r.message)
    for event, data in events:
        for change in r.apply(event, data):
            listed.apply(change)
    for change in r.take_run({"status": "completed"}):
        listed.apply(change)
    assert listed.messages == r.messages()

"""A server's events and objects with something wrong in them, by a fixed seed: nothing raises, and what is shown is
text and numbers that a screen can show."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import Any

import httpx2
import pytest

from playground_tui.workspace.api_objects import as_dict, content_of, message_of, reading_order, run_facts, step_calls
from playground_tui.workspace.documents import row_of
from playground_tui.workspace.files.stores import passages_of
from playground_tui.workspace.files.values import file_row, store_file, store_row
from playground_tui.workspace.run_events import RunReducer
from playground_tui.workspace.run_failures import no_reply, run_failure, stream_failure
from playground_tui.workspace.thread_api import EventStream, Page
from tests.support.clock import ScriptedClock
from tests.support.mutations import mutated
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

CITED = {
    "type": "file_citation",
    "text": "【1†a】",
    "file_citation": {"file_id": "f"},
    "start_index": 3,
    "end_index": 8,
}
SEARCH = {"id": "c2", "type": "file_search", "file_search": {"results": [{"file_name": "a", "score": 0.5}]}}
CODE = {"id": "c3", "type": "code_interpreter", "code_interpreter": {"input": "1", "outputs": [{"logs": "1"}]}}
CALLS_RUN: tuple[Event, ...] = (
    run("queued", created_at=1_700_000_000),
    ("playground.progress", {"phase": "retrying", "message": "Again.", "retry_in": 2}),
    calls_step("created"),
    call_delta(0, id="c1", function={"name": "f", "arguments": '{"a"'}),
    call_delta(0, function={"arguments": ": 1}"}),
    calls_step("in_progress", function("c1", "f", "{}")),
    required(function("c1", "f", "{}"), expires_at=1_700_000_600),
    calls_step("completed", function("c1", "f", "{}", "7"), SEARCH, CODE),
    created(),
    delta("Yes【1†a】", annotations=[CITED]),
    completed("Yes【1†a】", annotations=[CITED]),
    ("error", {"message": "No.", "code": "server_error", "param": "model"}),
    run("incomplete", usage={"prompt_tokens": 3}, incomplete_details={"reason": "max_tokens"}, completed_at=1),
)


def odd(chosen: random.Random, events: tuple[Event, ...]) -> list[Any]:
    made: list[Any] = [(n, mutated(chosen, data) if chosen.random() < 0.4 else data) for n, data in events]
    if chosen.random() < 0.3:
        chosen.shuffle(made)
    return made + chosen.choices(made, k=3)


@pytest.mark.parametrize("events", [TEXT_RUN, CALLS_RUN])
def test_any_shape_of_a_run_is_read(events: tuple[Event, ...]) -> None:
    chosen = random.Random(21)
    for number in range(250):
        reducer = RunReducer(ScriptedClock(), author="Bot")
        for name, data in odd(chosen, events):
            try:
                reducer.apply(name, data)
            except Exception as error:
                raise AssertionError(f"round {number}: {name} {str(data)[:300]}") from error
        if number % 3 == 0:
            reducer.begin_again()
        reducer.settle(as_dict(mutated(chosen, completed("Yes", annotations=[CITED])[1])))
        reducer.take_run(as_dict(mutated(chosen, run("completed")[1])))
        for message in reducer.messages():
            assert isinstance(message.text, str)
            if message.facts is not None and message.facts.tokens is not None:
                tokens = message.facts.tokens
                assert 0 <= tokens.prompt <= 10**12
                assert 0 <= tokens.completion <= 10**12
        for failure in (run_failure(reducer.run), stream_failure(reducer.error or {})):
            assert failure is None or isinstance(failure.sentence(), str)
        no_reply(reducer.run)


def test_any_shape_of_an_object_is_read() -> None:
    chosen = random.Random(22)
    message = completed("Yes【1†a】", annotations=[CITED])[1] | {"attachments": [{"file_id": "f"}]}
    step = calls_step("completed", function("c1", "f", "{}", "7"), SEARCH, CODE)[1]
    for _ in range(500):
        page = Page(mutated(chosen, {"data": [message, {**message, "created_at": 5}], "has_more": True}))
        for raw in reading_order(page.data):
            message_of(raw, author="Bot", now=ScriptedClock().now())
        content_of(mutated(chosen, message["content"]))
        odd_step, odd_run = mutated(chosen, step), mutated(chosen, CALLS_RUN[-1][1])
        step_calls(as_dict(odd_step))
        run_facts(as_dict(odd_run))


def test_any_shape_of_a_row_is_read_and_has_a_date_that_can_be_shown() -> None:
    chosen = random.Random(24)
    times = {"created_at": 1_700_000_000, "expires_at": 1_700_000_000, "last_active_at": "2026-11-20T00:00:00Z"}
    row = {"id": "x", "name": "a", "filename": "b", "bytes": 7, "file_counts": {"total": 1}, "score": 0.5, **times}
    found = {**row, "content": [{"text": "t"}], "page": 3, "pages": [{"start": 0, "page": 1}]}
    extremes = ("0001-01-01", "9999-12-31T23:59:59", 253_402_300_799, 1e308, -1e308)
    for number in range(1500):
        raw = as_dict(mutated(chosen, {**row, "created_at": extremes[number % 5]} if number % 2 else row))
        file, store, assistant = file_row(raw), store_row(raw), row_of(raw)
        store_file(raw, {})
        passages_of([mutated(chosen, found)])
        for seconds in (file.created_at, file.expires_at, store.created_at, store.used_at, assistant.created_at):
            assert 0 <= seconds <= 10**11
            datetime.fromtimestamp(seconds).astimezone()


async def test_any_shape_of_a_stream_is_read() -> None:
    chosen = random.Random(23)
    for _ in range(150):
        reducer = RunReducer(ScriptedClock(), author="Bot")
        body = bytearray()
        for name, data in odd(chosen, CALLS_RUN):
            body += f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
        for _ in range(chosen.randint(0, 5)):
            body[chosen.randrange(len(body))] = chosen.randrange(256)
        stream = EventStream(httpx2.Response(200, content=bytes(body)))
        async for group in stream.groups():
            for name, data in group:
                reducer.apply(name, data)

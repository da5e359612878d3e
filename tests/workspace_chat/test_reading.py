"""Reading what servers send: streams split anywhere, objects of every shape, records of other versions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground_tui.limits.answers import TooMuch
from playground_tui.workspace import sse
from playground_tui.workspace.api_objects import call_of, message_of, moment, reading_order, tokens_of
from playground_tui.workspace.citations import citations_of
from playground_tui.workspace.message_record import from_record, to_record
from playground_tui.workspace.run_failures import run_failure
from playground_tui.workspace.sse import Frame, SseDecoder, parse_data
from playground_tui.workspace.store.messages import MessageRecord
from playground_tui.workspace.turns import TITLE_LENGTH, title_from
from playground_tui.workspace.values import (
    ChatMessage,
    Citation,
    ReplyFacts,
    TokenUse,
    ToolCallView,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)

BODY = (
    ': a comment\n\nevent: thread.message.delta\ndata: {"a": "größer 🦉"}\n\n'
    "event: x\r\ndata: one\r\ndata:two\r\nid: 5\r\n\r\ndata: {}\n\nevent: empty\n\ndata: [DONE]"
).encode()
FRAMES: list[Frame] = [
    ("thread.message.delta", '{"a": "größer 🦉"}'),
    ("x", "one\ntwo"),
    ("", "{}"),
    ("", "[DONE]"),
]


def decode(parts: list[bytes]) -> list[Frame]:
    decoder = SseDecoder()
    return [frame for part in parts for frame in decoder.feed(part)] + decoder.close()


def test_a_stream_split_at_every_place() -> None:
    for cut in range(len(BODY) + 1):
        assert decode([BODY[:cut], BODY[cut:]]) == FRAMES
    assert decode([BODY[i : i + 1] for i in range(len(BODY))]) == FRAMES


@pytest.mark.parametrize("part", [b"data: xxxxxxxx", b"data: xxxxxxxx\n", b"xxxxxxxxxxxxxx"])
def test_a_line_or_frame_without_end(monkeypatch: pytest.MonkeyPatch, part: bytes) -> None:
    monkeypatch.setattr(sse, "MOST_LINE_BYTES", 1000)
    decoder = SseDecoder()
    for _ in range(60):
        decoder.feed(part)
    with pytest.raises(TooMuch):
        decoder.feed(part * 30)


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_any_bytes_are_survived(parts: list[bytes]) -> None:
    for _, data in decode(parts):
        parse_data(data)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_000, datetime.fromtimestamp(1_700_000_000, UTC)),
        (1_700_000_000_000, datetime.fromtimestamp(1_700_000_000, UTC)),
        ("1700000000", datetime.fromtimestamp(1_700_000_000, UTC)),
        ("2026-11-20T00:00:00Z", NOW),
        ("2026-11-20T00:00:00", NOW),
        ("soon", None),
        (None, None),
        (True, None),
        (float("inf"), None),
        ([], None),
    ],
)
def test_times(value: Any, expected: datetime | None) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("raw", "text", "status", "note"),
    [
        ({"content": "plain"}, "plain", "complete", ""),
        ({"content": ["a", {"type": "text", "text": "b"}]}, "a\n\nb", "complete", ""),
        ({"content": {"text": {"value": "one part"}}}, "one part", "complete", ""),
        ({"content": [{"type": "refusal", "refusal": "no"}], "status": "completed"}, "no", "complete", ""),
        ({"content": 5, "status": "in_progress"}, "", "streaming", ""),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_tokens"}},
            "",
            "incomplete",
            "Cut off at the token limit.",
        ),
        ({"status": "incomplete", "incomplete_details": {"reason": "run_cancelled"}}, "", "stopped", "Stopped."),
        ({"status": "incomplete", "incomplete_details": {"reason": "run_failed"}}, "", "failed", "The run failed."),
        ({"status": "odd"}, "", "incomplete", "Incomplete."),
    ],
)
def test_messages(raw: dict[str, Any], text: str, status: str, note: str) -> None:
    message = message_of({"id": "m", "role": "assistant", **raw}, author="Bot", now=NOW)
    assert message is not None
    assert (message.text, message.status, message.note, message.created_at) == (text, status, note, NOW)


def test_message_parts_beside_text() -> None:
    raw = {
        "id": 7,
        "role": "user",
        "content": [
            {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
            {"type": "image_file", "image_file": {"file_id": "file_1"}},
            {"type": "odd"},
        ],
        "attachments": [{"file_id": "file_2"}, None, {}],
    }
    message = message_of(raw, author="Bot", now=NOW)
    assert message is not None
    assert (message.id, message.author) == ("7", "")
    assert message.images == ("https://x/y.png", "file_1")
    assert message.attachments == ("file_2",)
    assert message_of({"content": "x"}, author="", now=NOW) is None


def test_calls_of_every_kind() -> None:
    search = {"id": "a", "type": "file_search", "file_search": {"results": [{"file_name": "p.pdf"}, {"file_id": "f"}]}}
    assert call_of(search) == ToolCallView("a", "file_search", "file_search", "", "p.pdf\nf", False)
    code = {"input": "1+1", "outputs": [{"logs": "2"}, {"image": {"file_id": "f1"}}]}
    found = call_of({"id": "b", "type": "code_interpreter", "code_interpreter": code}, done=True)
    assert found == ToolCallView("b", "code_interpreter", "code_interpreter", "1+1", "2\nf1", True)
    assert call_of({"id": "c", "type": "odd"}) == ToolCallView("c", "function", "", "", None, False)
    assert call_of({"type": "function"}) is None


def test_tokens_in_both_spellings() -> None:
    counts = {"prompt_tokens": 9, "completion_tokens": 4}
    for prompt, completion in (
        ("prompt_token_details", "completion_tokens_details"),
        ("prompt_tokens_details", "completion_token_details"),
    ):
        usage = {**counts, prompt: {"cached_tokens": 3}, completion: {"reasoning_tokens": 2}}
        assert tokens_of(usage) == TokenUse(9, 4, 3, 2)
    assert tokens_of(None) is None
    assert tokens_of({"prompt_tokens": "many"}) == TokenUse()


def test_citations_are_numbered_per_file_and_found_where_indexes_lie() -> None:
    def cite(mark: str, file_id: str, start: Any) -> tuple[int, Any]:
        return 0, {"type": "file_citation", "text": mark, "start_index": start, "file_citation": {"file_id": file_id}}

    text = "A【1】 b【2】 c【1】"
    path = {"type": "file_path", "text": "sandbox:/mnt/data/plot.csv", "file_path": {"file_id": "f9"}}
    found = citations_of(
        text + " sandbox:/mnt/data/plot.csv",
        [
            cite("【1】", "f1", 1),
            cite("【2】", "f2", 99),
            cite("【1】", "f1", None),
            cite("【9】", "f3", 0),
            (0, path),
            (0, 5),
        ],
    )
    assert [(c.label, text[c.start : c.end]) for c in found[:3]] == [
        ("[1] f1", "【1】"),
        ("[2] f2", "【2】"),
        ("[1] f1", "【1】"),
    ]
    assert found[2].start > found[1].start
    assert (found[3].label, found[3].kind) == ("[3] plot.csv", "file_path")


def test_pages_are_put_into_reading_order() -> None:
    old, new = {"id": "a", "created_at": 1}, {"id": "b", "created_at": 2}
    assert reading_order([new, old]) == reading_order([old, new]) == [old, new]
    same = [{"id": "b", "created_at": 1}, {"id": "a", "created_at": 1}, {"created_at": 1}]
    assert [m["id"] for m in reading_order(same)] == ["a", "b"]


@pytest.mark.parametrize(
    ("run", "kind", "wait"),
    [
        ({"status": "completed"}, None, None),
        ({"status": "cancelled"}, None, None),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_completion_tokens"}}, None, None),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_prompt_tokens"}}, "invalid", None),
        ({"status": "expired"}, "timeout", None),
        ({"status": "failed"}, "server", None),
        ({"status": "failed", "last_error": {"code": "invalid_prompt", "message": "No."}}, "invalid", None),
        (
            {"status": "failed", "last_error": {"code": "rate_limit_exceeded", "message": "Try again in 200ms"}},
            "rate",
            0.2,
        ),
        (
            {"status": "failed", "last_error": {"code": "rate_limit_exceeded", "message": "Retry after 2 min"}},
            "rate",
            120,
        ),
        ({"status": "failed", "last_error": {"code": "rate_limit_exceeded", "message": "Slow down"}}, "rate", None),
        (
            {"status": "failed", "last_error": {"code": "rate_limit_exceeded", "message": "It has no quota left"}},
            "rate",
            None,
        ),
    ],
)
def test_why_a_run_gave_nothing(run: dict[str, Any], kind: str | None, wait: float | None) -> None:
    failure = run_failure({"id": "run_1", "thread_id": "thread_1", **run})
    assert (failure.kind if failure else None) == kind
    if failure is not None:
        assert failure.retry_after == wait
        assert failure.what
        assert "run_1" in failure.details or kind == "invalid"
        assert ("another model" in failure.next) == ("quota" in failure.what)


def test_a_record_gives_the_message_back() -> None:
    message = ChatMessage(
        "m",
        "assistant",
        "Text",
        NOW,
        "stopped",
        author="Bot",
        run_id="r",
        calls=(ToolCallView("c", "function", "f", "{}", "1", True, 0.5, "r", "s"),),
        citations=(Citation("【1】", "[1] a", "f"),),
        images=("u",),
        attachments=("a",),
        refusal=True,
        note="Stopped.",
        facts=ReplyFacts("m", 3, 1.0, 0.5, TokenUse(1, 2, 3, 4), None),
    )
    assert from_record(to_record(message)) == message


def test_a_record_of_another_version_is_read_as_far_as_it_goes() -> None:
    body = '{"role": "user", "calls": [{"id": "c", "new": 1}, 5], "facts": {"model": "m", "new": 1}, "more": true}'
    message = from_record(MessageRecord("m", "Text", body))
    assert (message.role, message.calls, message.facts) == ("user", (), ReplyFacts("m"))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  Hello\t you \nmore", "Hello you"),
        ("word " * 40, ("word " * 12).strip() + "…"),
        ("x" * 100, "x" * (TITLE_LENGTH - 1) + "…"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert title_from(text) == title
    assert len(title_from(text)) <= TITLE_LENGTH

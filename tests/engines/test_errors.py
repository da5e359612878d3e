"""Errors of endpoints → `EngineError`: status, code, parameter, whether and when to try again, and no secrets."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from playground_tui.service.engines.base import Engine, EngineError
from playground_tui.service.engines.client import Timeouts
from playground_tui.service.engines.errors import retry_after
from playground_tui.service.engines.params import assistants_name, named_in
from playground_tui.service.engines.pool import EnginePool
from playground_tui.settings.model import Provider
from tests.engines.conftest import asking, hear
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Wire, chat_chunk, page, rate_limited, refusal, sse, stream, whole


async def fail(endpoint: ScriptedEndpoint, engine: Engine, script: Wire) -> EngineError:
    endpoint.queue(script)
    heard = await hear(engine, asking())
    assert heard.error is not None, heard
    return heard.error


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (400, "invalid_prompt", False),
        (401, "server_error", False),
        (403, "server_error", False),
        (408, "server_error", True),
        (422, "invalid_prompt", False),
        (429, "rate_limit_exceeded", True),
        (500, "server_error", True),
        (503, "server_error", True),
    ],
)
async def test_status(endpoint: ScriptedEndpoint, chat: Engine, status: int, code: str, retryable: bool) -> None:
    error = await fail(endpoint, chat, refusal(status, "Something is wrong."))
    assert (error.status, error.code, error.retryable) == (status, code, retryable)
    assert error.message.startswith("Here ")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "Said."}}, "Said."),
        ({"error": "Said."}, "Said."),
        ({"message": "Said.", "type": "invalid_request_error"}, "Said."),
        ({"object": "error", "message": "Said.", "code": 400}, "Said."),
        ({"detail": "Said."}, "Said."),
        ({"detail": [{"loc": ["body", "top_p"], "msg": "Said."}]}, "top_p: Said."),
        ([{"error": {"code": 400, "message": "Said.", "status": "INVALID_ARGUMENT"}}], "Said."),
    ],
)
async def test_bodies_of_all_kinds(endpoint: ScriptedEndpoint, chat: Engine, body: Any, said: str) -> None:
    assert (await fail(endpoint, chat, whole(body, 400))).message == f"Here answered 400: {said}"


@pytest.mark.parametrize("body", [{}, [], None, {"error": None}, {"error": {"message": 7}}, {"detail": []}, "", 3])
async def test_bodies_that_say_nothing(endpoint: ScriptedEndpoint, chat: Engine, body: Any) -> None:
    assert (await fail(endpoint, chat, whole(body, 500))).message == "Here answered 500."


async def test_a_web_page_as_an_error(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    error = await fail(endpoint, chat, page(502))
    assert (error.message, error.retryable) == ("Here answered 502.", True)


async def test_a_web_page_as_an_answer(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    error = await fail(endpoint, chat, page(200))
    assert "a web page" in error.message
    assert not error.retryable


@pytest.mark.parametrize("content", [b"{", b"[1, 2]", b'{"a": 1}', b"data: {broken\n\n"])
async def test_garbage_as_an_answer(endpoint: ScriptedEndpoint, chat: Engine, content: bytes) -> None:
    assert "base URL" in (await fail(endpoint, chat, Wire((content,)))).message


async def test_an_empty_answer(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    assert (await fail(endpoint, chat, Wire())).retryable


async def test_a_404_without_words_points_at_the_address(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    error = await fail(endpoint, chat, Wire((b"404 page not found",), 404, {}, whole=True))
    assert "page not found" in error.message
    error = await fail(endpoint, chat, Wire((), 404, {}, whole=True))
    assert endpoint.base_url in error.message


async def test_a_quota_that_is_used_up_is_not_tried_again(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    error = await fail(endpoint, chat, refusal(429, "You exceeded your quota.", code="insufficient_quota"))
    assert (error.code, error.retryable) == ("rate_limit_exceeded", False)


async def test_retry_after_is_taken_over(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    assert (await fail(endpoint, chat, rate_limited("7"))).retry_after == 7
    assert (await fail(endpoint, chat, refusal(503, headers={"retry-after-ms": "250"}))).retry_after == 0.25
    assert (await fail(endpoint, chat, rate_limited("soon"))).retry_after is None


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
    later = format_datetime(now.replace(second=30), usegmt=True)
    assert retry_after({"retry-after": later}, now.timestamp()) == 30
    assert retry_after({"retry-after": later}, now.timestamp() + 60) == 0
    assert retry_after({"retry-after": "inf"}) is None
    assert retry_after({}) is None


@pytest.mark.parametrize(
    ("param", "message", "field"),
    [
        ("temperature", "No.", "temperature"),
        ("max_output_tokens", "No.", "max_completion_tokens"),
        ("text.format.schema", "No.", "response_format"),
        ("reasoning.effort", "No.", "reasoning_effort"),
        ("tools[0].function.parameters", "No.", "tools"),
        ("messages[0].content", "No.", None),
        (None, "Unsupported value: 'temperature' does not support 0.2 with this model.", "temperature"),
        (None, "Unsupported parameter: 'top_p' is not supported with this model.", "top_p"),
        (None, "`reasoning_effort` is not supported with this model", "reasoning_effort"),
        (None, "Unrecognized request argument supplied: parallel_tool_calls", "parallel_tool_calls"),
        (None, "temperature: Input should be less than or equal to 1", "temperature"),
        (None, "Your text tools are reasoning models with instructions", None),
        (None, "Something else.", None),
    ],
)
async def test_the_parameter_is_named(
    endpoint: ScriptedEndpoint, chat: Engine, param: str | None, message: str, field: str | None
) -> None:
    assert (await fail(endpoint, chat, refusal(400, message, param=param))).param == field


async def test_a_validation_error_names_its_place(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    body = {"detail": [{"loc": ["body", "temperature"], "msg": "too hot"}]}
    assert (await fail(endpoint, chat, whole(body, 422))).param == "temperature"


def test_names() -> None:
    assert assistants_name(None) is None
    assert assistants_name("response_format.json_schema") == "response_format"
    assert named_in("the 'tools' are wrong, and so is temperature") == "tools"


async def test_an_error_inside_the_stream(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    error = await fail(endpoint, chat, stream({"error": {"message": "Overloaded", "code": 503}}))
    assert (error.status, error.retryable) == (503, True)
    error = await fail(endpoint, chat, stream(chat_chunk(content="Hi"), {"error": {"message": "x", "code": 503}}))
    assert (error.status, error.retryable) == (503, False)
    error = await fail(endpoint, chat, stream(b"event: error\n" + sse({"object": "error", "message": "No such"})))
    assert "No such" in error.message
    error = await fail(endpoint, chat, stream({"error": {"message": "slow down", "type": "rate_limit_error"}}))
    assert error.code == "rate_limit_exceeded"
    error = await fail(endpoint, chat, stream({"error": "Out of memory"}))
    assert (error.message, error.status) == ("Here reported an error: Out of memory", None)


async def test_an_error_with_status_200(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    body = {"error": {"message": "Wrong schema", "type": "invalid_request_error", "param": "response_format"}}
    error = await fail(endpoint, chat, whole(body))
    assert (error.code, error.param) == ("invalid_prompt", "response_format")


async def test_a_stream_cut_before_and_after_the_first_word(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    assert (await fail(endpoint, chat, stream("cut"))).retryable
    assert (await fail(endpoint, chat, stream(chat_chunk(role="assistant", content=""), "cut"))).retryable
    assert not (await fail(endpoint, chat, stream(chat_chunk(content="Hi"), "cut"))).retryable
    assert not (await fail(endpoint, chat, stream(chat_chunk(content="Hi"), done=False))).retryable


async def test_a_stall_ends_in_a_time_out(endpoint: ScriptedEndpoint) -> None:
    pool = EnginePool(lambda provider: None, Timeouts(read=1.0))  # the first words must not be late on a busy machine
    chat = pool.get(Provider("here", "chat", base_url=endpoint.base_url))
    error = await fail(endpoint, chat, stream(chat_chunk(content="Hi"), "stall"))
    assert ("in the middle" in error.message, error.retryable) == (True, False)
    await pool.aclose()


async def test_nobody_there(pool: EnginePool) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening: refused for sure
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        heard = await hear(pool.get(Provider("ollama", "chat", base_url=url)), asking())
    assert heard.error is not None
    assert (heard.error.retryable, heard.error.status) == (True, None)
    assert "is it running?" in heard.error.message


async def test_a_long_message_is_one_short_line(endpoint: ScriptedEndpoint, chat: Engine) -> None:
    error = await fail(endpoint, chat, refusal(400, "word\n" * 1000))
    assert len(error.message) < 600
    assert "\n" not in error.message


async def test_one_endless_line(endpoint: ScriptedEndpoint, chat: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground_tui.service.engines.sse.MOST_LINE_BYTES", 1000)
    assert "endless" in (await fail(endpoint, chat, stream(b"data: " + b"x" * 2000))).message


@pytest.mark.parametrize(
    ("body", "too_long"),
    [
        ({"error": {"message": "Too many tokens.", "code": "context_length_exceeded"}}, True),
        ({"error": {"message": "This model's maximum context length is 4096 tokens."}}, True),
        ({"error": {"message": "exceeded", "type": "exceed_context_size_error"}}, True),
        ({"error": {"message": "Unsupported value.", "param": "temperature"}}, False),
    ],
)
async def test_a_conversation_that_is_too_long(
    endpoint: ScriptedEndpoint, chat: Engine, body: Any, too_long: bool
) -> None:
    error = await fail(endpoint, chat, whole(body, 400))
    assert error.context_exceeded is too_long

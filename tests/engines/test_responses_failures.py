"""The Responses engine where something fails, and what it tries once more."""

from __future__ import annotations

from typing import Any

import pytest

from playground_tui.service.engines.base import (
    AssistantTurn,
    Engine,
    ImageOutput,
    OutputFile,
)
from tests.engines.conftest import asking, hear
from tests.engines.test_responses import completed, hear_stream, text
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Wire, page, rate_limited, refusal

# -- failures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "code", "retryable"),
    [
        ({"code": "server_error", "message": "Oh."}, "server_error", True),
        ({"code": "rate_limit_exceeded", "message": "Oh."}, "rate_limit_exceeded", True),
        ({"code": "invalid_prompt", "message": "Oh."}, "invalid_prompt", False),
        ({"code": "image_too_large", "message": "Oh."}, "invalid_prompt", False),
        (None, "server_error", True),
    ],
)
async def test_a_failed_response(
    endpoint: ScriptedEndpoint, responses: Engine, failure: Any, code: str, retryable: bool
) -> None:
    heard = await hear_stream(endpoint, responses, completed("failed", error=failure))
    assert heard.error is not None
    assert (heard.error.code, heard.error.retryable, heard.finish) == (code, retryable, None)
    heard = await hear_stream(endpoint, responses, text("Hi"), completed("failed", error=failure))
    assert heard.error is not None
    assert not heard.error.retryable


@pytest.mark.parametrize("nested", [True, False])
async def test_an_error_event(endpoint: ScriptedEndpoint, responses: Engine, nested: bool) -> None:
    inner = {"code": "invalid_prompt", "message": "Bad top_p.", "param": "top_p"}
    event = {"type": "error", "error": inner} if nested else {"type": "error", **inner}
    heard = await hear_stream(endpoint, responses, event)
    assert heard.error is not None
    assert (heard.error.code, heard.error.param) == ("invalid_prompt", "top_p")


async def test_a_cut_stream(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    for values, retryable in (((), True), ((text("Hi"),), False)):
        for end in (("cut",), ()):
            heard = await hear_stream(endpoint, responses, *values, *end)
            assert heard.error is not None
            assert heard.error.retryable == retryable


async def test_http_errors_are_mapped_as_for_chat(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    message = "Unsupported parameter: 'temperature' is not supported with this model."
    endpoint.queue(refusal(400, message, param="temperature"), rate_limited("3"), page(502))
    errors = [(await hear(responses, asking())).error for _ in range(3)]
    assert [(e.status, e.param, e.retryable, e.retry_after) for e in errors if e] == [
        (400, "temperature", False, None),
        (429, None, True, 3.0),
        (502, None, True, None),
    ]


# -- what is tried once more ---------------------------------------------------------------------------------------


async def test_a_model_without_encrypted_reasoning(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    endpoint.queue(refusal(400, "Encrypted content is not supported with this model.", param="include"))
    for _ in range(2):
        assert (await hear(responses, asking())).error is None
    assert ["include" in post.body for post in endpoint.posts] == [True, False, False]


async def test_reasoning_that_the_endpoint_cannot_read_any_more(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    item = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "E"}
    carry = ({"type": "responses_item", "provider": "here", "item": item},)
    endpoint.queue(refusal(400, "The encrypted content could not be verified.", code="invalid_encrypted_content"))
    heard = await hear(responses, asking(turns=(AssistantTurn("Hi", carry=carry),)))
    assert heard.error is None
    assert [len(post.body["input"]) for post in endpoint.posts] == [2, 1]


@pytest.mark.parametrize(
    "missing", [refusal(404, "Not Found"), page(404), Wire((), 405, {}, whole=True), refusal(501, "No.")]
)
async def test_an_endpoint_without_responses_is_spoken_to_in_chat(
    endpoint: ScriptedEndpoint, responses: Engine, missing: Wire
) -> None:
    endpoint.routes["/responses"] = missing
    for _ in range(2):
        assert (await hear(responses, asking())).text == "You said: Hello?"
    assert [post.path for post in endpoint.posts] == [
        "/v1/responses",
        "/v1/chat/completions",
        "/v1/chat/completions",
    ]


async def test_an_unknown_model_is_no_missing_endpoint(endpoint: ScriptedEndpoint, responses: Engine) -> None:
    endpoint.queue(refusal(404, "The model 'm1' does not exist.", param="model", code="model_not_found"))
    heard = await hear(responses, asking())
    assert heard.error is not None
    assert (heard.error.param, len(endpoint.posts)) == ("model", 1)


async def test_a_file_that_the_code_interpreter_made_says_where_it_is(
    endpoint: ScriptedEndpoint, responses: Engine
) -> None:
    picture = {"type": "container_file_citation", "file_id": "cfile_1", "container_id": "cntr_1", "filename": "p.png"}
    said = {"type": "response.output_text.annotation.added", "annotation": picture}
    heard = await hear_stream(endpoint, responses, text("Look"), said, said, completed())
    assert heard.all(OutputFile) == [OutputFile("cfile_1", "cntr_1", "p.png")]
    assert heard.all(ImageOutput) == [ImageOutput("cfile_1")]

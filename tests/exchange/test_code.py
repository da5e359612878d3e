"""Every Python sample is executed against the scripted endpoint; every curl sample is parsed and its request sent."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from playground_tui.settings.model import Provider, Settings, route
from playground_tui.workspace.exchange.code import OPENAI_URL, to_code
from playground_tui.workspace.exchange.endpoint import Endpoint, endpoint_of
from playground_tui.workspace.exchange.request import Target, picture
from tests.exchange.assistants import generated
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say

SEEDS = range(30)
HEADERS = {"X-Team": "secret", "Odd\nname": "secret"}
KEY = "sk-sample-0123456789"
WEATHER = {"name": "get_weather", "parameters": {"type": "object", "properties": {"place": {"type": "string"}}}}
WHOLE = {
    "name": "Support bot",
    "description": "Answers",
    "instructions": "Be 'kind' and \"brief\".\n$HOME `x` \\ 日本語\n",
    "model": "scripted/scripted-model",
    "tools": [{"type": "file_search"}, {"type": "code_interpreter"}, {"type": "function", "function": WEATHER}],
    "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}, "code_interpreter": {"file_ids": ["file_1"]}},
    "temperature": 0.35,
    "top_p": 0.9,
    "reasoning_effort": "low",
    "response_format": {"type": "json_schema", "json_schema": {"name": "r", "schema": {"type": "object"}}},
    "metadata": {"team": "billing"},
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint(default=lambda _: Say("Hello there")) as found:
        found.key = KEY
        yield found


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SAMPLE_KEY", KEY)


def code(assistant: dict[str, Any], target: Target, language: Any, endpoint: ScriptedEndpoint) -> str:
    return to_code(
        assistant, target, language, base_url=endpoint.base_url, key_name="SAMPLE_KEY", model="scripted-model"
    )


def run_python(text: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, "sample.py", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


@pytest.mark.parametrize("target", ["responses", "chat"])
@pytest.mark.parametrize("seed", SEEDS)
def test_python_of_any_assistant_runs(endpoint: ScriptedEndpoint, target: Target, seed: int) -> None:
    assistant = generated(seed)
    before = len(endpoint.posts)
    assert run_python(code(assistant, target, "python", endpoint)) == "Hello there\n"
    (call,) = endpoint.posts[before:]
    wanted = picture(assistant, target, model="scripted-model").body
    assert call.body == json.loads(json.dumps(wanted))
    assert call.path.endswith("/responses" if target == "responses" else "/chat/completions")


@pytest.mark.parametrize("target", ["responses", "chat"])
def test_functions_are_answered_in_a_loop(endpoint: ScriptedEndpoint, target: Target) -> None:
    before = len(endpoint.posts)
    endpoint.queue(Say(calls=(("call_1", "get_weather", '{"place": "Oslo"}'),)))
    assert run_python(code(WHOLE, target, "python", endpoint)) == "Hello there\n"
    first, second = endpoint.posts[before:]
    assert "not connected yet" in json.dumps(second.body)
    assert len(json.dumps(second.body)) > len(json.dumps(first.body))


@pytest.mark.process
@pytest.mark.parametrize("target", ["responses", pytest.param("chat", marks=pytest.mark.slow)])
def test_python_runs_as_a_program_of_its_own(endpoint: ScriptedEndpoint, target: Target) -> None:
    text = code(WHOLE, target, "python", endpoint)
    done = subprocess.run(
        [sys.executable, "-"], input=text, env={**os.environ}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "Hello there\n"), done.stderr


@pytest.mark.parametrize("target", ["responses", "chat"])
@pytest.mark.parametrize("seed", SEEDS)
def test_curl_of_any_assistant_is_the_same_request(endpoint: ScriptedEndpoint, target: Target, seed: int) -> None:
    assistant = WHOLE if seed == 0 else generated(seed)
    url, headers, body = parse_curl(code(assistant, target, "curl", endpoint))
    assert json.loads(body) == picture(assistant, target, model="scripted-model").body
    answer = httpx2.post(url, headers=headers, content=body)
    assert answer.status_code == 200
    assert "Hello there" in answer.text


def parse_curl(text: str) -> tuple[str, dict[str, str], bytes]:
    """As a shell would read it: comment lines, continued lines, quotes, `$NAME` between double quotes."""
    lines = text.split("\n")
    while lines[0].startswith("#"):
        lines.pop(0)
    words = shlex.split("\n".join(lines).replace("\\\n", " ", 3))
    assert words[0] == "curl"
    headers = {}
    body = b""
    for flag, value in zip(words[2::2], words[3::2], strict=True):
        if flag == "-H":
            name, _, found = value.partition(": ")
            headers[name] = found.replace("$SAMPLE_KEY", os.environ["SAMPLE_KEY"])
        else:
            assert flag == "--data-binary"
            body = value.encode()
    return words[1], headers, body


def test_what_a_target_cannot_carry_is_said_in_comments() -> None:
    chat = to_code(WHOLE, "chat", "python")
    for words in ("name is not part", "no file search", "no code interpreter", "metadata is kept"):
        assert "# Left out: " in chat
        assert words in chat
    assert "OpenAI()  # reads OPENAI_API_KEY" in chat


def where(model: str) -> Endpoint:
    settings = Settings(
        providers=(
            Provider("groq", "chat", base_url="https://groq.test/v1/", key="env:GROQ_KEY"),
            Provider("mine", "chat", base_url="http://127.0.0.1:8080/v1"),
            Provider("vault.1", "chat", base_url="https://v.test/v1", key="keyring:x", headers=HEADERS),
            Provider("demo", "demo"),
        ),
        default_provider="demo",
        aliases={"old": "groq/new"},
    )
    return endpoint_of(route(settings, model), model)


def test_a_program_goes_where_the_model_runs() -> None:
    assert where("groq/llama") == Endpoint("https://groq.test/v1", "GROQ_KEY", "llama")
    assert where("old") == Endpoint("https://groq.test/v1", "GROQ_KEY", "new")
    assert where("mine/m") == Endpoint("http://127.0.0.1:8080/v1", "", "m")
    assert where("vault.1/m")[:3] == ("https://v.test/v1", "VAULT_1_API_KEY", "m")
    assert where("demo/demo")[:3] == (OPENAI_URL, "OPENAI_API_KEY", "demo/demo")


@pytest.mark.parametrize("language", ["python", "curl"])
def test_what_keeps_a_program_from_running_is_said_at_its_beginning(language: Any) -> None:
    text = to_code(WHOLE, "chat", language, notes=where("demo/demo").notes)
    assert text.startswith("# The demo model answers only inside playground-tui")
    (note,) = where("vault.1/m").notes
    assert "headers X-Team" in note
    assert "secret" not in note
    text = to_code(WHOLE, "chat", language, notes=where("vault.1/m").notes)
    assert text.splitlines()[0].endswith("headers X-Team, Odd name.")

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.conftest import PATIENCE, Cli
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say, chat_chunk, refusal, stream

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform == "win32", reason="signals and pseudo-terminals")]

NUMBER = {"type": ["number", "null"]}
TEXT = {"type": "string"}
RESULT = {
    "type": "object",
    "required": [
        *("status", "text", "messages", "tool_calls", "usage", "model", "provider", "assistant", "version", "server"),
        *("thread", "run", "times"),
    ],
    "additionalProperties": False,
    "properties": {
        "status": {"enum": ["completed", "incomplete", "requires_action", "failed", "cancelled", "expired"]},
        "text": TEXT,
        "parsed": {},
        "messages": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "role", "status", "text", "refusal", "citations", "images"],
                "properties": {"id": TEXT, "role": {"const": "assistant"}, "refusal": {"type": "boolean"}},
            },
        },
        "tool_calls": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "name", "arguments", "output"],
                "additionalProperties": False,
                "properties": {
                    "id": TEXT,
                    "type": TEXT,
                    "name": TEXT,
                    "arguments": TEXT,
                    "output": {"type": ["string", "null"]},
                },
            },
        },
        "usage": {"type": ["object", "null"], "additionalProperties": {"type": "integer"}},
        "model": TEXT,
        "provider": {"type": ["string", "null"]},
        "assistant": TEXT,
        "version": {"type": ["integer", "null"]},
        "server": TEXT,
        "thread": {"type": "string", "pattern": "^thread_"},
        "run": {"type": "string", "pattern": "^run_"},
        "times": {
            "type": "object",
            "required": ["started", "first_token_seconds", "seconds"],
            "properties": {"started": TEXT, "first_token_seconds": NUMBER, "seconds": NUMBER},
        },
        "error": {"type": "object", "required": ["kind", "message", "field", "retry_after"]},
    },
}
WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
CALL = Say(calls=(("call_1", "weather", '{"city": "Oslo"}'),))


def test_a_reply_goes_to_standard_output_and_nothing_else(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(Say("Hello *you*"))
    done = cli("ask", "Bot", "Hi", "there")
    assert (done.code, done.out, done.err) == (0, "Hello *you*\n", "")
    messages = endpoint.posts[0].body["messages"]
    assert [message["content"] for message in messages] == ["Be kind", "Hi there"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "asked"),
    [
        (["piped"], "and this", "piped\n\nand this"),
        ([], "only this\n", "only this\n"),
        (["-"], "only this", "only this"),
        (["braces"], "a {{template}}", "braces\n\na {{template}}"),
    ],
)
def test_the_prompt_comes_from_arguments_and_standard_input(
    cli: Cli, bot: str, endpoint: ScriptedEndpoint, arguments: list[str], stdin: str, asked: str
) -> None:
    assert cli("ask", "Bot", *arguments, stdin=stdin).code == 0
    assert endpoint.posts[0].question == asked


def test_the_whole_as_json(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(Say('{"a": [1, "ü"]}', usage=(20, 5)))
    done = cli("ask", "--json", "Bot", "JSON, please")
    result = done.json
    jsonschema.validate(result, RESULT)
    assert result["status"] == "completed"
    assert result["parsed"] == {"a": [1, "ü"]}
    assert result["usage"]["prompt_tokens"] == 20
    assert (result["model"], result["provider"]) == ("scripted/scripted-model", "scripted")
    assert (result["assistant"], result["version"], result["server"]) == (bot, 1, "local")
    assert result["times"]["seconds"] >= result["times"]["first_token_seconds"] >= 0
    assert "parsed" not in cli("ask", "Bot", "not JSON", "--json").json


def test_a_thread_goes_on_with_overrides_and_variables(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    first = cli("ask", "Bot", "One", "--json").json
    cli("assistants", "edit", "Bot", "--instructions", "Speak {{language}}")
    done = cli(
        *("ask", "Bot", "Two {{n}}", "--thread", first["thread"], "--var", "language=Swedish", "--var", "n=2"),
        *("--temperature", "0.3", "--set", "max_completion_tokens=300", "--response-format", "json_object", "--json"),
    )
    assert done.json["thread"] == first["thread"]
    assert done.json["version"] == 2
    body = endpoint.posts[1].body
    assert [m["content"] for m in body["messages"]] == ["Speak Swedish", "One", "You said: One", "Two 2"]
    assert (body["temperature"], body["response_format"]) == (0.3, {"type": "json_object"})
    assert cli("ask", "Bot", "Hi").code == 2  # {{language}} has no value


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ask"], 2, "Name the assistant"),
        (["ask", "", "Hi"], 2, "Name the assistant"),
        (["ask", "Bot"], 2, "nothing to ask"),
        (["ask", "Nobody", "Hi"], 1, "no assistant Nobody"),
        (["ask", "Bot", "Hi", "--temperature", "3"], 2, "temperature"),
        (["ask", "Bot", "Hi", "--set", "colour=red"], 2, "no such parameter"),
        (["ask", "Bot", "Hi", "--thread", "thread_none"], 1, "thread_none"),
        (["ask", "Bot", "Hi", "--attach", "/no/such/file"], 1, "no file"),
        (["ask", "Bot", "Hi", "--server", "elsewhere"], 1, "elsewhere"),
        (["ask", "Bot", "Hi", "--colour"], 2, "No such option"),
        (["ask", "--tool-outputs", "/no/such/file"], 1, "could not be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    cli: Cli, bot: str, arguments: list[str], code: int, says: str
) -> None:
    done = cli(*arguments)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert "Traceback" not in done.err


def test_standard_input_that_is_no_text_is_refused(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    """Put into signs that stand for anything, some of the question would be lost."""
    for arguments in (["ask", "Bot", "Hi"], ["ask", "--tool-outputs", "-"], ["import", "-"]):
        done = cli(*arguments, stdin=b"caf\xe9")
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert "Standard input is not UTF-8 text (byte 4 is 0xe9)" in done.err
    assert endpoint.posts == []


def test_an_error_is_one_line_whatever_it_quotes(cli: Cli, bot: str) -> None:
    done = cli("ask", "No\nbody", "Hi")
    assert (done.code, done.err) == (1, "playground-tui: There is no assistant No body on the server local.\n")


def test_a_failed_run_keeps_what_came_and_names_the_ids(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(refusal(400, "Unsupported value: temperature.", param="temperature"))
    done = cli("ask", "Bot", "Hi", "--temperature", "1", "--json")
    jsonschema.validate(done.json, RESULT)
    assert done.code == 1
    assert done.json["status"] == "failed"
    assert done.json["error"]["field"] == "temperature"
    assert done.json["run"] in done.err


# -- functions ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def caller(cli: Cli, bot: str) -> str:
    """Bot has a function."""
    tools = json.dumps([{"type": "function", "function": WEATHER}])
    assert cli("assistants", "edit", bot, "--tools", tools).code == 0
    return bot


def bind(cli: Cli, owner: str, handler: str) -> None:
    assert cli("assistants", "edit", owner, "--handler", f"weather={handler}").code == 0


def test_waiting_calls_are_handed_out_and_their_outputs_taken(
    cli: Cli, caller: str, endpoint: ScriptedEndpoint, tmp_path: Path
) -> None:
    endpoint.queue(CALL, Say("It rains."))
    done = cli("ask", "Bot", "Weather?")
    assert done.code == 3
    waiting = done.json
    assert [(c["name"], c["arguments"], c["output"]) for c in waiting["calls"]] == [
        ("weather", '{"city": "Oslo"}', None)
    ]
    assert "--tool-outputs" in done.err
    unanswered = tmp_path / "waiting.json"
    unanswered.write_text(done.out)
    assert cli("ask", "--tool-outputs", str(unanswered)).code == 2
    waiting["calls"][0]["output"] = {"rain": True}
    rest = cli("ask", "--tool-outputs", "-", stdin=json.dumps(waiting))
    assert (rest.code, rest.out) == (0, "It rains.\n")
    assert endpoint.posts[1].body["messages"][-1]["content"] == '{"rain": true}'
    assert cli("ask", "--tool-outputs", "-", stdin=json.dumps(waiting)).code == 1


def test_the_json_of_waiting_calls_is_taken_too(cli: Cli, caller: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(CALL, Say("Sun."))
    done = cli("ask", "Bot", "Weather?", "--json")
    assert done.code == 3
    jsonschema.validate(done.json, RESULT)
    assert done.json["status"] == "requires_action"
    answered = {"thread": done.json["thread"], done.json["tool_calls"][0]["id"]: "sun"}
    assert cli("ask", "--tool-outputs", "-", "-q", stdin=json.dumps(answered)).out == "Sun.\n"


def test_a_bound_handler_runs_only_when_it_is_approved(cli: Cli, caller: str, endpoint: ScriptedEndpoint) -> None:
    bind(cli, caller, f"command:{sys.executable} -c 'import sys; print(sys.stdin.read().upper())'")
    endpoint.queue(CALL, CALL, Say("Done."), CALL, Say("Done."))
    assert cli("ask", "Bot", "Weather?", "--approve", "another").code == 3
    for name in ("weather", "all"):
        done = cli("ask", "Bot", "Weather?", "--approve", name, "--json")
        assert (done.code, done.json["text"]) == (0, "Done.")
        assert done.json["tool_calls"][0]["output"] == '{"CITY": "OSLO"}'


def test_a_mock_needs_no_approval(cli: Cli, caller: str, endpoint: ScriptedEndpoint) -> None:
    bind(cli, caller, 'mock:"fog"')
    endpoint.queue(CALL, Say("Fog."))
    assert cli("ask", "Bot", "Weather?").out == "Fog.\n"


# -- ends --------------------------------------------------------------------------------------------------------------


def test_time_is_up(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(stream(chat_chunk(content="Well, "), "stall"))
    done = cli("ask", "Bot", "Hi", "--timeout", "4", "--json")
    assert done.code == 124
    assert (done.json["status"], done.json["text"]) == ("cancelled", "Well, ")
    assert endpoint.posts[0].gone.wait(PATIENCE)


def wait_text(process: subprocess.Popen[bytes], text: bytes) -> bytes:
    assert process.stdout is not None
    found = b""
    while text not in found:
        part = process.stdout.read1(1000)
        assert part, found
        found += part
    return found


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)]
)
def test_a_signal_cancels_the_run_and_keeps_what_came(
    cli: Cli, bot: str, endpoint: ScriptedEndpoint, number: signal.Signals, code: int
) -> None:
    endpoint.queue(stream(chat_chunk(content="Well, "), "stall"))
    process = cli.start("ask", "Bot", "Hi")
    wait_text(process, b"Well, ")
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert (out, b"Interrupted" in err, b"cancelled" in err) == (b"\n", True, True)
    assert endpoint.posts[0].gone.wait(PATIENCE)


def test_a_second_ctrl_c_leaves_at_once(cli: Cli, bot: str, endpoint: ScriptedEndpoint, tmp_path: Path) -> None:
    """The first one waits for a server that does not answer the cancelling."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    cancelled, end = threading.Event(), threading.Event()

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listed = self.path.startswith("/v1/assistants?") or self.path == "/v1/assistants"
            assistant = {"id": "asst_1", "object": "assistant", "name": "Bot", "model": "m", "tools": []}
            self._send({"object": "list", "data": [assistant], "has_more": False} if listed else assistant)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path.endswith("/cancel"):
                cancelled.set()
                end.wait(PATIENCE)
            elif self.path.endswith("/runs"):
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                run = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "status": "in_progress"}
                self.wfile.write(f"event: thread.run.in_progress\ndata: {json.dumps(run)}\n\n".encode())
                delta = {"id": "msg_1", "delta": {"content": [{"index": 0, "type": "text", "text": {"value": "So"}}]}}
                self.wfile.write(f"event: thread.message.delta\ndata: {json.dumps(delta)}\n\n".encode())
                self.wfile.flush()
                end.wait(PATIENCE)
            else:
                self._send({"id": "msg_0" if self.path.endswith("/messages") else "thread_1", "role": "user"})

        def _send(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    from socketserver import ThreadingMixIn

    class Threaded(ThreadingMixIn, HTTPServer):
        daemon_threads = True

    server = Threaded(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    cli.settings(f"servers:\n  away:\n    base_url: http://127.0.0.1:{server.server_port}/v1\n")
    try:
        process = cli.start("ask", "Bot", "Hi", "--server", "away")
        wait_text(process, b"So")
        process.send_signal(signal.SIGINT)
        assert cancelled.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
    finally:
        end.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_reader_that_leaves_ends_it_quietly(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.queue(Say("word " * 3000, delay=0.001))
    done = cli.shell("$CLI ask Bot Hi | head -c 4; CODE=${PIPESTATUS[0]}; echo; echo $CODE")
    assert (done.out, done.err) == ("word\n1\n", "")
    assert endpoint.posts[0].gone.wait(PATIENCE)


def test_a_full_disk_under_standard_output(cli: Cli, bot: str) -> None:
    done = cli.shell("$CLI ask Bot Hi > /dev/full")
    assert done.code == 1
    assert "could not be written: No space left on device" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.slow
def test_standard_files_may_be_closed(cli: Cli, bot: str) -> None:
    assert cli.shell("$CLI ask Bot Hi <&-").out == "You said: Hi\n"
    assert cli.shell("$CLI ask Bot Hi 2>&-").out == "You said: Hi\n"
    done = cli.shell("$CLI ask Bot Hi >&-")
    assert (done.code, "Standard output is closed" in done.err) == (1, True)


def test_no_network(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.stop()
    done = cli("ask", "Bot", "Hi", "--timeout", "60")
    assert done.code == 1
    assert "reach" in done.err or "connect" in done.err.lower()


def test_a_wrong_key_is_said_to_be_one(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.key = "another"
    done = cli("ask", "Bot", "Hi")
    assert done.code == 1
    assert "SCRIPTED_KEY" in done.err or "key" in done.err

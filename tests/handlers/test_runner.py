import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from playground_tui.workspace.handlers.model import MAX_OUTPUT_BYTES, Handler, approval_key
from playground_tui.workspace.handlers.runner import run_handler

MODULE = """
import asyncio, sys, time

def add(a: int, b: int = 1):
    print("noise")
    return {"sum": a + b}

async def later(x): return x.upper()
def text(**_): return "plain"
def broken(**_): raise KeyError("secret-free")
def leave(**_): sys.exit(5)
"""


@pytest.fixture
def functions(tmp_path: Path) -> str:
    path = tmp_path / "my functions.py"
    path.write_text(MODULE)
    return str(path)


def command(code: str, timeout: float = 20) -> Handler:
    return Handler("command", f'"{sys.executable}" -c "{code}"', timeout)


@pytest.mark.parametrize(
    ("name", "arguments", "output"),
    [
        ("add", '{"a": 2}', '{"sum": 3}'),
        ("later", '{"x": "ö"}', "Ö"),
        ("text", "", "plain"),
    ],
)
async def test_a_python_callable(functions: str, name: str, arguments: str, output: str) -> None:
    result = await run_handler(Handler("python", f"{functions}:{name}"), name, arguments)
    assert (result.output, result.failed) == (output, False)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("broken", "{}", "KeyError"),
        ("add", "{}", "TypeError"),
        ("add", "{no", "not JSON"),
        ("leave", "{}", "status 5"),
        ("nothing", "{}", "AttributeError"),
    ],
)
async def test_an_exception_becomes_an_error_object(functions: str, name: str, arguments: str, says: str) -> None:
    result = await run_handler(Handler("python", f"{functions}:{name}"), name, arguments)
    assert result.failed
    assert says in json.loads(result.output)["error"]


async def test_what_it_prints_goes_to_the_log_not_to_the_model(functions: str) -> None:
    result = await run_handler(Handler("python", f"{functions}:add"), "add", '{"a": 1}')
    assert result.log.strip() == "noise"


async def test_a_command_gets_the_arguments_on_standard_input_and_no_shell() -> None:
    handler = command("import sys; print(sys.argv[1:], sys.stdin.read(), end='')")
    handler = Handler("command", handler.target + " $HOME ; '*'")
    assert (await run_handler(handler, "f", '{"a": 1}')).output == """['$HOME', ';', '*'] {"a": 1}"""


async def test_model_keys_stay_out_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted")
    result = await run_handler(command("import os; print(os.environ.get('OPENAI_API_KEY'))"), "f", "{}")
    assert result.output == "None"


async def test_one_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import subprocess, sys, os, time; c = subprocess.Popen(['sleep', '60']);"
        f"open('{pids}', 'w').write(str(c.pid)); time.sleep(60)"
    )
    result = await run_handler(command(code, timeout=2), "f", "{}")
    assert "no answer within 2 s" in result.note
    child = int(pids.read_text())
    for _ in range(200):
        if not _alive(child):
            break
        await asyncio.sleep(0.01)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_ten_megabytes_are_cut() -> None:
    result = await run_handler(command("import sys; sys.stdout.write('x' * 10_000_000)"), "f", "{}")
    assert len(result.output) == MAX_OUTPUT_BYTES
    assert "cut at 512 kB" in result.note


async def test_it_has_no_terminal_to_write_to() -> None:
    result = await run_handler(command("open('/dev/tty', 'w').write('boo')"), "f", "{}")
    assert result.failed


async def test_one_that_dies() -> None:
    result = await run_handler(command("import os; os.kill(os.getpid(), 9)"), "f", "{}")
    assert "signal 9" in result.note
    assert "error" in json.loads(result.output)


async def test_one_that_never_reads_its_input() -> None:
    result = await run_handler(command("print('ok')"), "f", json.dumps({"a": "x" * 1_000_000}))
    assert result.output == "ok"


async def test_one_that_is_not_there() -> None:
    result = await run_handler(Handler("command", "/nowhere/at-all"), "f", "{}")
    assert "could not be started" in result.note


async def test_a_mock_answers_at_once() -> None:
    assert (await run_handler(Handler("mock", '{"t": 1}'), "f", "{}")).output == '{"t": 1}'


async def test_cancelling_ends_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = f"import os, time; open('{pid_file}', 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(run_handler(command(code), "f", "{}"))
    while not pid_file.exists() or not pid_file.read_text():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


@pytest.mark.parametrize(
    "handler",
    [Handler("python", "nocolon"), Handler("command", ""), Handler("command", "'a"), Handler("command", "a", 0)],
)
def test_wrong_handlers_are_told(handler: Handler) -> None:
    assert handler.problem()


def test_any_change_asks_again() -> None:
    function = {"name": "f", "parameters": {"type": "object"}}
    handler = Handler("command", "run me")
    base = approval_key("local", "asst_1", function, handler)
    assert base == approval_key("local", "asst_1", dict(reversed(function.items())), handler)
    others = {
        approval_key("other", "asst_1", function, handler),
        approval_key("local", "asst_2", function, handler),
        approval_key("local", "asst_1", {**function, "strict": True}, handler),
        approval_key("local", "asst_1", function, Handler("command", "run you")),
        approval_key("local", "asst_1", function, Handler("python", "run me")),
        approval_key("local", "asst_1", function, handler, "/usr/bin/python3"),
    }
    assert len(others | {base}) == 7

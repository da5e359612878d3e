"""Function calls, answered on the screen; their handlers are real processes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from playground_tui.service.carried import start_carried
from playground_tui.service.config import ServiceConfig
from playground_tui.tui.calls.panel import CallsPanel
from playground_tui.workspace.answering import CHANGED
from playground_tui.workspace.handlers.model import Handler
from tests.chat_flows.conftest import Talk, Talker
from tests.support.replies import Say

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def tools(*names: str, schema: Any = SCHEMA) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": name, "parameters": schema}} for name in names]


def calling(*names: str) -> Say:
    return Say(calls=tuple((f"call_{name}", name, '{"city": "Oslo"}') for name in names), usage=None)


def script(folder: Path, body: str, timeout: float = 20) -> Handler:
    path = folder / "handler.py"
    path.write_text(f"import os, sys, time\narguments = sys.stdin.read()\n{body}\n")
    return Handler("command", f"{sys.executable} {path}", timeout)


async def bind(shown: Talk, handlers: Mapping[str, Handler]) -> None:
    draft = shown.workspace.editor.draft.value
    for name, handler in handlers.items():
        await shown.workspace.functions().bind(draft.assistant_id or draft.id, name, handler)


async def waits(shown: Talk, *names: str) -> None:
    """Say something; the reply calls these functions."""
    if {tool["function"]["name"] for tool in shown.workspace.editor.draft.value.values.get("tools") or ()} != set(
        names
    ):
        shown.workspace.editor.edit("tools", tools(*names))
    shown.endpoint.queue(calling(*names))
    await shown.say("go")
    await shown.until(lambda: shown.app.screen.query(CallsPanel) and set(shown.phases()) == set(names))
    await shown.pilot.pause()


async def outputs(shown: Talk) -> dict[str, str]:
    """What the model got, once the calls are answered."""
    await shown.until(lambda: not shown.app.screen.query(CallsPanel))
    await shown.idle()
    messages = shown.endpoint.posts[-1].body["messages"]
    return {m["tool_call_id"].removeprefix("call_"): m["content"] for m in messages if m["role"] == "tool"}


async def test_three_calls_by_hand_mock_and_handler_in_one_submit(place: Talker, tmp_path: Path) -> None:
    async with place.talk() as shown:
        await bind(shown, {"mocked": Handler("mock", '{"t": 1}'), "run": script(tmp_path, "print(arguments, end='')")})
        await waits(shown, "by_hand", "mocked", "run")
        await shown.sees("by_hand", "answered by a mock", "run  ? needs your approval")
        await shown.type('{"sky": "blue"}')
        await shown.press("alt+enter")
        await shown.until(lambda: shown.block("run").has_focus_within)
        assert len(place.endpoint.posts) == 1
        await shown.press("left", "left", "left", "enter")  # from "No, by hand" to "Run once"
        assert await outputs(shown) == {"by_hand": '{"sky": "blue"}', "mocked": '{"t": 1}', "run": '{"city": "Oslo"}'}
        await shown.sees("Reply to go")
        assert len(place.endpoint.posts) == 2


@pytest.mark.slow
async def test_a_handler_that_hangs_is_timed_out_with_all_it_started(place: Talker, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    body = f"child = os.fork()\nopen({str(pids)!r}, 'a').write(f'{{os.getpid()}} ')\ntime.sleep(60)"
    async with place.talk() as shown:
        await bind(shown, {"slow": script(tmp_path, body, timeout=0.7)})
        await waits(shown, "slow", "other")
        await shown.choose("once", "slow")
        await shown.sees("◌ command runs")
        await shown.sees("no answer within 0.7 s", "failed by its command")
        await shown.choose("answer", "other")
        assert "0.7 s" in json.loads((await outputs(shown))["slow"])["error"]
        for pid in map(int, pids.read_text().split()):
            await shown.until(lambda pid=pid: not is_alive(pid))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
async def test_one_that_hangs_is_stopped_by_its_button(place: Talker, tmp_path: Path) -> None:
    async with place.talk() as shown:
        await bind(shown, {"slow": script(tmp_path, "time.sleep(60)")})
        await waits(shown, "slow")
        await shown.choose("once", "slow")
        await shown.choose("end", "slow")
        await shown.sees("You ended its handler.", "needs your approval")
        await shown.choose("hand", "slow")
        await shown.type("never mind")
        await shown.choose("error", "slow")
        assert json.loads((await outputs(shown))["slow"]) == {"error": "never mind"}


@pytest.mark.slow
async def test_one_that_prints_10_mb_is_cut(place: Talker, tmp_path: Path) -> None:
    body = "for _ in range(160): sys.stdout.write('x' * 65536)\nsys.stderr.write('y' * 10_000_000)"
    async with place.talk() as shown:
        await bind(shown, {"loud": script(tmp_path, body)})
        await waits(shown, "loud", "other")
        await shown.choose("once", "loud")
        await shown.sees("The output was cut at 512 kB.")
        await shown.type("keys still work")
        assert shown.block("other").text == "keys still work"
        await shown.press("alt+enter")
        assert (await outputs(shown))["loud"] == "x" * 512 * 1024


@pytest.mark.slow
async def test_one_that_dies_answers_with_an_error(place: Talker, tmp_path: Path) -> None:
    async with place.talk() as shown:
        await bind(shown, {"dying": script(tmp_path, "sys.stderr.write('last words')\nos.kill(os.getpid(), 9)")})
        await waits(shown, "dying", "other")
        await shown.choose("once", "dying")
        await shown.sees("ended by signal 9", "failed by its command")
        await shown.choose("show", "dying")
        await shown.sees("last words")
        await shown.press("escape")
        await shown.choose("answer", "other")
        assert "signal 9" in json.loads((await outputs(shown))["dying"])["error"]


@pytest.mark.slow
async def test_given_and_half_typed_answers_survive_a_restart(place: Talker) -> None:
    async with place.talk() as shown:
        await waits(shown, "first", "second", "third")
        await shown.type("given")
        await shown.press("alt+enter")
        await shown.until(lambda: shown.block("second").has_focus_within)
        await shown.type("half an ans")
    async with place.talk() as shown:
        await shown.until(lambda: shown.app.screen.query(CallsPanel))
        await shown.sees("first  ● answered by you", "half an ans")
        await shown.until(lambda: shown.block("second").has_focus_within)
        await shown.press("end")
        await shown.type("wer")
        await shown.press("alt+enter")
        await shown.until(lambda: shown.block("third").has_focus_within)
        await shown.press("alt+enter")
        assert await outputs(shown) == {"first": "given", "second": "half an answer", "third": ""}


@pytest.mark.slow
async def test_a_half_typed_answer_survives_a_look_at_another_thread(place: Talker) -> None:
    async with place.talk() as shown:
        await waits(shown, "first")
        await shown.type("half")
        await shown.press("ctrl+t")
        await shown.until(lambda: not shown.app.screen.query(CallsPanel))
        await shown.press("ctrl+r", "down", "enter")
        await shown.until(lambda: shown.app.screen.query(CallsPanel))
        assert shown.block("first").text == "half"


@pytest.mark.slow
async def test_a_schema_changed_after_always_asks_again(place: Talker, tmp_path: Path) -> None:
    async with place.talk() as shown:
        await bind(shown, {"f": script(tmp_path, "print('ran')")})
        await waits(shown, "f")
        await shown.choose("always", "f")
        assert await outputs(shown) == {"f": "ran"}
        place.endpoint.queue(calling("f"))
        await shown.say("go")
        await shown.asked(4)
        await shown.idle()
        shown.workspace.editor.edit("tools", tools("f", schema={**SCHEMA, "required": ["city"]}))
        await waits(shown, "f")
        assert shown.phases() == {"f": "needs_approval"}
        await shown.sees("needs your approval", CHANGED[:30])
        await shown.choose("hand", "f")
        await shown.type("no")
        await shown.press("alt+enter")
        assert list((await outputs(shown)).values()) == ["ran", "ran", "no"]


@pytest.mark.slow
async def test_a_run_whose_time_is_up_expires_on_the_screen(place: Talker) -> None:
    def start(paths: Any, settings: Any, key: Any, refused: Any) -> Any:
        return start_carried(ServiceConfig(paths, settings, key, run_expiry=5, key_refused=refused))

    place.start_carried = start
    async with place.talk() as shown:
        await waits(shown, "f")
        await shown.sees("s left")
        await shown.until(lambda: not shown.app.screen.query(CallsPanel))
        await shown.sees("The run expired")
        assert shown.state.failure is not None
        await shown.idle()
        assert shown.app.focused is shown.box


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
async def test_one_that_writes_to_the_terminal_does_not_reach_it(place: Talker, tmp_path: Path) -> None:
    from tests.tui.test_process import Home

    body = """
clear = chr(27) + '[2J' + chr(27) + '[Hintruder'
try:
    open('/dev/tty', 'w').write(clear)
except OSError:
    print('kept out of the terminal')
sys.stderr.write(clear)
print(clear)
"""
    async with place.talk() as shown:
        await bind(shown, {"rude": script(tmp_path, body)})
        await waits(shown, "rude", "other")
    program = Home(place.paths.data).start()
    try:
        program.until("needs your approval", "No, by hand")
        program.write("\x1b[D\x1b[D\x1b[D\r")
        program.until("kept out of the terminal", "answered by its command")
        assert b"\x1b[2J\x1b[Hintruder" not in program.raw
    finally:
        program.end()

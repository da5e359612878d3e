"""The terminal under a reply that streams: resized, hung up, suspended and resumed, stopped by force."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.faults.stage import CTRL_Q, PATIENCE, Hurt, Stage, answered, left_running
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say

LONG = Say("one two three four five six seven eight nine ten " * 8 + "FINISHED", delay=0.01)


def streaming(stage: Stage, endpoint: ScriptedEndpoint) -> Hurt:
    endpoint.queue(LONG)
    stage.settings(endpoint.base_url)
    program = stage.open()
    program.write("Tell me\r")
    program.until("three")
    return program


@pytest.mark.slow
def test_resized_while_streaming(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    program = streaming(stage, endpoint)
    before, chosen = program.held, random.Random(7)
    for _ in range(25):
        program.resize(chosen.randint(1, 200), chosen.randint(1, 70))
        program.read_for(0.02)
    program.resize(120, 40)
    program.until("FINISHED")
    program.raw = b""
    program.resize(110, 40)
    program.until("Tell me", "FINISHED", "Instructions")
    program.lets_go(before)
    program.leave()
    stage.check()


@pytest.mark.slow
def test_made_smaller_and_larger_at_once_it_is_painted_anew(stage: Stage) -> None:
    """The terminal has lost what stood in the part that went, though the program never sees another size."""
    stage.settings()
    program = stage.open("the demo answers")
    for _ in range(5):
        program.raw = b""
        os.kill(program.pid, signal.SIGSTOP)
        program.resize(60, 20)
        program.resize(120, 40)
        os.kill(program.pid, signal.SIGCONT)
        program.until("Ask something", "Instructions")
    program.leave()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGHUP", "closed"])
def test_hung_up_while_streaming(stage: Stage, endpoint: ScriptedEndpoint, how: str) -> None:
    program = streaming(stage, endpoint)
    program.write("the next thought")
    program.until("the next thought")
    if how == "closed":
        program.close()
    else:
        os.kill(program.pid, signal.SIGHUP)
    assert program.wait_end() == 128 + signal.SIGHUP
    again = stage.open("Tell me", "one two three", "the next thought")
    answered(again, "", "You said: the next thought")
    before = again.held
    answered(again, "once more", "You said: once more")
    again.lets_go(before)
    again.leave()
    assert stage.messages()[0] == "Tell me"
    stage.check()


def test_hung_up_behind_a_program_that_gets_the_only_signal(stage: Stage) -> None:
    """As `make run` has it. Nothing is written either, so nothing fails."""
    stage.settings()
    program = stage.start(before=("sh", "-c", 'trap "" HUP; "$@"; exit 0', "sh"))
    program.until("the demo answers", timeout=PATIENCE)
    program.write("the next thought")
    program.until("the next thought")
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < 4:
        before = len(program.raw)
        program.read_for(0.5)
        if len(program.raw) != before:
            idle_since = time.monotonic()
    program.close()
    end = time.monotonic() + PATIENCE
    while left := left_running(stage.folder.parent):
        assert time.monotonic() < end, left
        time.sleep(0.05)
    stage.opens_again("the next thought")
    stage.check()


@pytest.mark.slow
def test_suspended_and_resumed_while_streaming(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    """At random moments, again and again, also in the middle of writing to the terminal."""
    program = streaming(stage, endpoint)
    before, chosen = program.held, random.Random(8)
    for _ in range(15):
        for _ in range(chosen.randint(0, 12)):
            program.write("x")
            program.read_for(0.002)
        os.kill(program.pid, signal.SIGTSTP)
        program.until_true(lambda: program.state == "T", "a stop")
        program.read_for(0.1)
        assert program.raw.rstrip(b"\x1b[?1004l").endswith(b"\x1b[?25h"), "the terminal is given back first"
        program.raw = b""
        os.kill(program.pid, signal.SIGCONT)
        program.until("Tell me", "Instructions")
    program.until("FINISHED")
    assert program.handles["/dev/null"] <= 1
    assert program.tasks["thread textual-input"] == program.tasks["thread textual-output"] == 1
    program.lets_go(before)
    program.leave()
    stage.check()


@pytest.mark.slow
def test_stopped_by_force_while_streaming(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    """SIGSTOP asks nobody: the reply goes on afterwards, and nothing was started twice."""
    program = streaming(stage, endpoint)
    before = program.held
    for _ in range(3):
        os.kill(program.pid, signal.SIGSTOP)
        program.until_true(lambda: program.state == "T", "a stop")
        os.kill(program.pid, signal.SIGCONT)
    program.until("FINISHED")
    assert program.tasks["thread textual-input"] == program.tasks["thread textual-output"] == 1
    program.lets_go(before)
    program.write(CTRL_Q)
    assert program.wait_end() == 0
    stage.check()

"""Keys that one write puts into the terminal of the program itself."""

from __future__ import annotations

import sys

import pytest

from tests.faults.conftest import stage as stage
from tests.faults.stage import CTRL_Q, CTRL_T, INSTRUCTIONS, Stage, answered

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]
F4, F6, CTRL_G, CTRL_O = "\x1bOS", INSTRUCTIONS, "\x07", "\x0f"


def unsent(stage: Stage) -> list[str]:
    return [text for (text,) in stage.rows("workspace", "SELECT text FROM unsent")]


@pytest.mark.slow
def test_text_goes_where_the_key_before_it_led(stage: Stage) -> None:
    stage.settings()
    program = stage.open()
    program.write(
        f"aa{F6}bb{F6}{F6}cc{CTRL_T}dd{F4}ee{F4}ff{CTRL_G}gg{CTRL_G}hh{CTRL_O}nobody\x1b[27u{CTRL_T}ii{CTRL_Q}"
    )
    assert program.wait_end() == 0
    assert unsent(stage) == ["aaccddggii"]
    assert str(stage.draft()["instructions"]).startswith("bbeeffhhYou are")
    stage.check()


@pytest.mark.slow
def test_text_after_a_new_thread_is_not_the_old_threads(stage: Stage) -> None:
    stage.settings()
    program = stage.open()
    answered(program, "hello", "first token")
    program.write(f"old{F6}bb{CTRL_T}new{CTRL_Q}")
    assert program.wait_end() == 0
    assert sorted(text for text in unsent(stage) if text) == ["new", "old"]
    assert str(stage.draft()["instructions"]).startswith("bbYou are")

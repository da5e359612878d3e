"""The home under the programs: not to be written, shared by two apps and a `serve`, with a clock that goes back."""

from __future__ import annotations

import pytest

from tests.faults.stage import CTRL_S, INSTRUCTIONS, PATIENCE, Stage, answered
from tests.support.endpoint import ScriptedEndpoint


def test_a_folder_that_cannot_be_written_is_one_sentence(stage: Stage) -> None:
    """A file stands where the folder should be: that refuses root too."""
    stage.folder.write_text("not a folder")
    program = stage.start()
    assert program.wait_end() == 1
    assert "Traceback" not in program.shown()
    assert str(stage.folder) in program.shown().replace("\r\n", "")
    assert stage.folder.read_text() == "not a folder"


@pytest.mark.slow
def test_a_clock_that_goes_back_shuffles_nothing(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    stage.settings(endpoint.base_url)
    stage.set_clock(0)
    clock = {"FAULTS_CLOCK": str(stage.clock)}
    program = stage.open(**clock)
    answered(program, "first", "You said: first")
    before = program.held
    stage.set_clock(-86_400 * 400)
    answered(program, "second", "You said: second")
    program.lets_go(before)
    program.leave()
    again = stage.open("You said: first", "You said: second", **clock)
    stage.set_clock(-86_400 * 800)
    answered(again, "third", "You said: third")
    again.leave()
    asked = [text for text in stage.messages() if not text.startswith("You")]
    assert asked == ["first", "second", "third"]
    stage.check()


@pytest.mark.slow
def test_two_apps_and_a_serve_on_one_home(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    stage.settings(endpoint.base_url)
    one = stage.open()
    served = stage.start("serve", "--port", "0")
    served.until("http://", timeout=PATIENCE)
    answered(one, "from one", "You said: from one")
    two = stage.open("You said: from one")
    answered(two, "from two", "You said: from two")
    before = two.held
    one.write(f"{INSTRUCTIONS}written in one ")
    one.until("written in one")
    one.write(CTRL_S)
    one.until_true(
        lambda: any("written in one" in body for (body,) in stage.rows("service", "SELECT body FROM assistants")),
        "the edit at the server",
    )
    one.kill()
    answered(two, "after the end of one", "You said: after the end of one")
    two.lets_go(before)
    two.leave()
    served.write("\x03")
    served.wait_end()
    assert {"from one", "from two", "after the end of one"} <= set(stage.messages())
    assert len(stage.rows("service", "SELECT id FROM assistants")) == 1
    stage.opens_again("You said: after the end of one")  # and sweeps what the one that was killed was writing
    stage.check()

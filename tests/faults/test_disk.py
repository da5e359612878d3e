"""The disk under the app: full, and refusing. The person is told what is kept and what to do; nothing confirmed is
lost; once it can be written again everything is, by itself."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.stage import CTRL_Q, ESCAPE, INSTRUCTIONS, Hurt, Stage, answered
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs tmpfs or limits of a process")


class SmallDisk:
    """A file system of a few megabytes, on which the home lies."""

    def __init__(self, folder: Path) -> None:
        self._fill = folder / "fill"

    def fill(self) -> None:
        with self._fill.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        self._fill.unlink()


@pytest.fixture
def small_disk(stage: Stage) -> Iterator[SmallDisk]:
    stage.folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", stage.folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield SmallDisk(stage.folder)
    stage.end()
    subprocess.run(["umount", "-l", stage.folder], check=True)


def unsent(stage: Stage) -> list[str]:
    return [text for (text,) in stage.rows("workspace", "SELECT text FROM unsent")]


def type_everywhere(program: Hurt) -> None:
    program.raw = b""
    program.write("the next thought")
    program.until("the next thought", "What you type")
    program.write(f"{INSTRUCTIONS}Be kind. ")
    program.until("Be kind.", "nothing is saved")


def written(program: Hurt, stage: Stage) -> None:
    """By itself, once there is room."""
    program.until("can be written again")
    program.until_true(lambda: unsent(stage) == ["the next thought"], "the message on disk")
    program.until_true(lambda: "Be kind." in str(stage.draft().get("instructions")), "the instructions on disk")


def test_a_full_disk_is_told_and_all_is_written_once_there_is_room(
    stage: Stage, endpoint: ScriptedEndpoint, small_disk: SmallDisk
) -> None:
    stage.settings(endpoint.base_url)
    program = stage.open()
    answered(program, "first", "You said: first")
    before = program.held
    small_disk.fill()
    type_everywhere(program)
    assert "The disk is full." in program.shown()
    program.write(CTRL_Q)
    program.until("leaving loses it")
    program.write(ESCAPE)
    small_disk.free()
    written(program, stage)
    program.lets_go(before)
    program.kill()
    again = stage.open("You said: first", "the next thought", "Be kind.")
    again.leave()
    stage.check(errors=True)


@pytest.mark.slow
def test_a_message_for_which_there_is_no_room_stays_in_the_box(
    stage: Stage, endpoint: ScriptedEndpoint, small_disk: SmallDisk
) -> None:
    stage.settings(endpoint.base_url)
    program = stage.open()
    answered(program, "first", "You said: first")
    before = program.held
    small_disk.fill()
    program.write("second\r")
    program.until("The disk is full", "Free some space", "details")
    small_disk.free()
    program.until("can be written again")
    answered(program, "", "You said: second")
    program.lets_go(before)
    program.leave()
    assert [text for text in stage.messages() if not text.startswith("You")] == ["first", "second"]
    stage.check(errors=True)


@pytest.mark.slow
def test_a_disk_that_fills_while_a_reply_streams(
    stage: Stage, endpoint: ScriptedEndpoint, small_disk: SmallDisk
) -> None:
    endpoint.queue(Say("one two three four five six seven eight nine ten " * 8 + "FINISHED", delay=0.01))
    stage.settings(endpoint.base_url)
    program = stage.open()
    program.write("Tell me\r")
    program.until("three")
    before = program.held
    small_disk.fill()
    program.until("The disk of the service", "to be sent again", "Make")
    small_disk.free()
    program.raw = b""
    program.write("\x15")  # what was sent is in the box again
    answered(program, "second", "You said: second")
    program.lets_go(before)
    program.leave()
    assert stage.messages()[0] == "Tell me"
    assert "You said: second" in stage.messages()
    stage.check(errors=True)


@pytest.mark.slow
def test_left_on_a_full_disk_it_says_that_something_may_be_lost(
    stage: Stage, endpoint: ScriptedEndpoint, small_disk: SmallDisk
) -> None:
    stage.settings(endpoint.base_url)
    program = stage.open()
    answered(program, "first", "You said: first")
    small_disk.fill()
    program.write("the next thought")
    program.until("What you type")
    os.kill(program.pid, signal.SIGTERM)
    assert program.wait_end() == 128 + signal.SIGTERM
    assert "what was typed last may be lost" in program.shown()
    assert "Traceback" not in program.shown()
    small_disk.free()
    stage.open("You said: first").leave()
    stage.check(errors=True)


def test_a_full_disk_at_the_start_is_one_sentence(stage: Stage, small_disk: SmallDisk) -> None:
    small_disk.fill()
    program = stage.start()
    assert program.wait_end() == 1
    assert "full" in program.shown()
    assert "Traceback" not in program.shown()


@pytest.mark.slow
def test_a_disk_that_refuses(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    """Every write to a file fails, as on a broken disk; unlike a full one, anybody can try this."""
    stage.settings(endpoint.base_url)
    program = stage.open()
    answered(program, "first", "You said: first")
    before = program.held
    limit = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (0, limit[1]))
    type_everywhere(program)
    assert "The disk cannot be written." in program.shown()
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, limit)
    written(program, stage)
    program.lets_go(before)
    program.kill()
    stage.open("You said: first", "the next thought", "Be kind.").leave()
    stage.check(errors=True)

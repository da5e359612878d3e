"""A model endpoint and a remote Assistants server that stall, reset, lie and never end: the person is told each time,
the next good answer comes, and nothing is left open."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from tests.faults.faulty_server import FAULTS, FaultyServer
from tests.faults.stage import CTRL_T, ESCAPE, PATIENCE, READY, Hurt, Stage
from tests.support.endpoint import ScriptedEndpoint
from tests.support.remote_server import RemoteServer
from tests.support.replies import Say, Step, Wire, chat_chunk, sse, stream

KEPT_OPEN = Counter(socket=1)
"""A connection more that waits for the next request is no leak."""
TOLD = ("▸ details", "in the box")
"""One of them is in every line that says what failed."""


def told(program: Hurt) -> None:
    program.until_true(lambda: any(words in program.shown() for words in TOLD), "a sentence about it")


def new_thread(program: Hurt) -> None:
    """Of the old one the box has the message again."""
    program.raw = b""
    program.write(CTRL_T)
    program.until("Write below")


def good(program: Hurt, number: int) -> None:
    program.raw = b""
    program.write(f"good-{number}\r")
    program.until(f"You said: good-{number}")


@pytest.mark.slow
def test_a_model_endpoint_of_many_faults(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    stage.settings(endpoint.base_url)
    program = stage.open()
    good(program, 0)
    before = program.held + KEPT_OPEN
    for number, (name, wire) in enumerate(FAULTS.items(), 1):
        endpoint.queue(*[wire] * 3)  # it may be tried again
        program.raw = b""
        program.write(f"bad-{number}\r")
        told(program)
        assert "Traceback" not in program.shown(), name
        endpoint._scripts.clear()
        new_thread(program)
        good(program, number)
    program.lets_go(before)
    program.leave()
    stage.opens_again(f"You said: good-{len(FAULTS)}")
    stage.check()
    assert len(stage.log) < 200_000


ENDLESS: dict[str, tuple[Step, ...]] = {
    "stalls half-open": (sse(chat_chunk(content="Begun ")), "stall"),
    "says nothing": ("stall",),
    "sends comments for ever": (b": still here\n\n", 0.01) * 6_000,
    "writes for ever": (sse(chat_chunk(content="Begun again and ")), 0.001) * 60_000,
    "one line without end": (sse(chat_chunk(content="Begun "))[:-2], *([b"x" * 10_000, 0.001] * 30_000)),
}


@pytest.mark.slow
def test_what_never_ends_is_stopped_by_the_person(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    stage.settings(endpoint.base_url)
    program = stage.open()
    good(program, 0)
    before = program.held + KEPT_OPEN
    for number, steps in enumerate(ENDLESS.values(), 1):
        endpoint.queue(Wire(steps))
        program.write(f"endless-{number}\r")
        program.until_true(lambda count=number: len(endpoint.posts) >= 2 * count, "the request")
        program.raw = b""
        program.read_for(0.2)
        program.write(ESCAPE)
        program.until("opped")
        call = endpoint.posts[2 * number - 1]
        program.until_true(call.gone.is_set, "the connection's end")
        good(program, number)
    program.lets_go(before)
    program.leave()
    stage.opens_again(f"You said: good-{len(ENDLESS)}")
    stage.check()


@pytest.mark.slow
def test_repeated_and_reordered_pieces_of_a_reply(stage: Stage, endpoint: ScriptedEndpoint) -> None:
    """Chat Completions number nothing, so what is repeated is text; what ends it twice ends it once."""
    stage.settings(endpoint.base_url)
    program = stage.open()
    good(program, 0)
    before = program.held + KEPT_OPEN
    end = chat_chunk(finish_reason="stop")
    endpoint.queue(stream(chat_chunk(content="one "), end, end, chat_chunk(content="after the end"), end))
    program.write("twice\r")
    program.until("one")
    good(program, 1)
    assert "after the end" not in program.shown()
    program.afresh()
    program.until("You said: good-1")
    assert "after the end" not in program.shown()
    program.lets_go(before)
    program.leave()
    stage.opens_again("You said: good-1")
    stage.check()


def remote(stage: Stage, server: FaultyServer) -> Hurt:
    stage.settings(more=f"servers:\n  far: {{base_url: '{server.base_url}', title: Far}}\ndefault_server: far\n")
    body = {"model": "demo/demo", "name": "Bot"}
    answer = httpx2.post(f"{server.base_url}/assistants", json=body, headers={"OpenAI-Beta": "assistants=v2"})
    assert answer.status_code == 200, answer.text
    program = stage.start("--assistant", "Bot")
    program.until(READY, "Far", "Bot")
    return program


SAID = (*TOLD, "is kept", "makes no sense", "sent again")
QUICK = ("a page", "10 MB error in JSON", "events of another kind")


@pytest.mark.parametrize("on", [r"POST .*/runs", pytest.param("GET|POST", marks=pytest.mark.slow)])
@pytest.mark.parametrize("names", [QUICK, pytest.param(tuple(set(FAULTS) - {*QUICK}), marks=pytest.mark.slow)])
def test_a_remote_server_of_many_faults(stage: Stage, tmp_path: Path, names: tuple[str, ...], on: str) -> None:
    """Each is told with what became of the message, and the next good answer comes."""
    with RemoteServer(tmp_path / "far") as far, FaultyServer(far.base_url) as server:
        server.on = on
        program = remote(stage, server)
        program.write("good-0\r")
        program.until("You asked: good-0")
        before = program.held + KEPT_OPEN
        for number, name in enumerate(sorted(names), 1):
            server.fault = FAULTS[name]
            program.raw = b""
            program.write(f"bad-{number}\r")
            program.until_true(lambda: any(words in program.shown() for words in SAID), f"a sentence about {name}")
            assert "Traceback" not in program.shown(), name
            server.fault = None
            new_thread(program)
            program.write(f"good-{number}\r")
            program.until(f"You asked: good-{number}", timeout=PATIENCE)
        program.lets_go(before)
        program.leave()
        stage.opens_again(f"You asked: good-{len(names)}")
    stage.check(errors=True)


@pytest.mark.slow
def test_repeated_and_reordered_events_of_a_remote_server(stage: Stage, tmp_path: Path) -> None:
    """What stands there in the end is what the server has."""
    with RemoteServer(tmp_path / "far") as far, FaultyServer(far.base_url) as server:
        server.shuffle = random.Random(5)
        program = remote(stage, server)
        program.write("good-0\r")
        program.until("You asked: good-0")
        before = program.held + KEPT_OPEN
        new_thread(program)
        program.write("/long 30\r")
        program.until_true(
            lambda: sum(c.path.endswith("/runs") and c.answered.is_set() for c in server.posts) == 2, "a run"
        )
        run = [call for call in server.posts if call.path.endswith("/runs")][-1]
        newest = httpx2.get(f"{server.base_url}/{run.path[run.path.index('threads/') : -len('/runs')]}/messages").json()
        words = newest["data"][0]["content"][0]["text"]["value"].replace("*", "").split()
        program.until_true(lambda: ends_with(program, words), "the reply as the server has it")
        program.lets_go(before)
        program.leave()
        server.shuffle = None
        again = stage.open()
        again.until_true(lambda: ends_with(again, words), "the same after a start")
        again.leave()
    stage.check()


def ends_with(program: Hurt, words: list[str]) -> bool:
    """Whether the chat, drawn anew, has the last of these words one after the other."""
    program.afresh()
    end = time.monotonic() + 0.5
    while (left := end - time.monotonic()) > 0:
        program.read_for(left)
    chat = " ".join(line.partition("│")[0] for line in program.shown().splitlines())
    return " ".join(words[-8:]) in " ".join(chat.split())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["responses", "chat"])
def test_many_faulty_replies_leave_nothing_open(stage: Stage, endpoint: ScriptedEndpoint, kind: str) -> None:
    stage.settings(endpoint.base_url)
    path = stage.folder / "settings.yaml"
    path.write_text(path.read_text().replace("kind: chat", f"kind: {kind}"))
    program = stage.open()
    good(program, 0)
    chosen = random.Random(9)
    before = None
    for number in range(1, 60):
        endpoint.queue(*[Say("word " * 20, cut_after=chosen.randint(0, 20))] * 3)  # cut at once, it is tried again
        program.write(f"cut-{number}\r")
        program.until_true(lambda count=number: len(endpoint.posts) > count, "the request")
        told(program)
        endpoint._scripts.clear()
        new_thread(program)
        good(program, number)
        if number == 10:
            before = program.held + KEPT_OPEN
    assert before is not None
    program.lets_go(before)
    program.leave()
    stage.opens_again("You said: good-59")
    stage.check()

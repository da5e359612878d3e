import base64
import threading
from dataclasses import dataclass, field

from playground_tui.tui.clipboard import SAID, Copier, osc52


@dataclass
class Terminal:
    written: list[str] = field(default_factory=list)

    def write(self, sequence: str) -> None:
        self.written.append(sequence)


class Working:
    text = ""

    def copy(self, text: str) -> None:
        self.text = text


class Missing:
    def copy(self, text: str) -> None:
        raise RuntimeError("no helper")


class Hanging:
    def __init__(self) -> None:
        self.let_go = threading.Event()

    def copy(self, text: str) -> None:
        self.let_go.wait()


async def test_locally_the_systems_clipboard_takes_it() -> None:
    system, terminal = Working(), Terminal()
    assert await Copier(system, terminal.write, {}).copy("größe") == SAID["copied"]
    assert system.text == "größe"
    assert terminal.written == []


async def test_over_ssh_the_terminal_is_asked_and_nothing_is_claimed() -> None:
    system, terminal = Working(), Terminal()
    said = await Copier(system, terminal.write, {"SSH_TTY": "/dev/pts/1"}).copy("hi")
    assert said == SAID["sent"]
    assert system.text == ""
    assert terminal.written == [f"\x1b]52;c;{base64.b64encode(b'hi').decode()}\x07"]


async def test_without_a_system_clipboard_the_terminal_is_asked() -> None:
    terminal = Terminal()
    assert await Copier(Missing(), terminal.write, {}).copy("hi") == SAID["sent_after_failure"]
    assert len(terminal.written) == 1


async def test_a_clipboard_that_hangs_is_left_alone_after_its_time() -> None:
    terminal, system = Terminal(), Hanging()
    assert await Copier(system, terminal.write, {}, limit=0.01).copy("hi") == SAID["sent_after_failure"]
    system.let_go.set()


def test_tmux_and_screen_get_a_wrapping_they_hand_on() -> None:
    plain = osc52("hi", {})
    assert osc52("hi", {"TMUX": "x"}) == "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    wrapped = osc52("x" * 1000, {"TERM": "screen-256color"})
    chunks = wrapped.removeprefix("\x1bP").removesuffix("\x1b\\").split("\x1b\\\x1bP")
    assert "".join(chunks) == osc52("x" * 1000, {})
    assert all(len(chunk) < 256 for chunk in chunks)  # screen drops longer ones

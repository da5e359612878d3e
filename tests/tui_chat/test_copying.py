"""Copies as a terminal would hear of them."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from playground_tui.tui.clipboard import LARGE, Copier


class FakeTerminal:
    """Keeps the bytes, and takes a multiplexer's wrapping off as that would."""

    def __init__(self) -> None:
        self.written = ""

    def write(self, sequence: str) -> None:
        self.written += sequence

    @property
    def clipboard(self) -> str:
        text = self.written
        if text.startswith("\x1bPtmux;"):
            text = text.removeprefix("\x1bPtmux;").removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b")
        elif text.startswith("\x1bP"):
            text = "".join(re.findall("\x1bP(.*?)\x1b\\\\", text, re.DOTALL))
        found = re.fullmatch("\x1b]52;c;([A-Za-z0-9+/=]*)\x07", text)
        assert found is not None
        return base64.b64decode(found[1]).decode()


class NoClipboard:
    def copy(self, text: str) -> None:
        raise RuntimeError("no display")


TEXT = "Grüße \x1b[31m" + "x" * 2_000
PLACES = {
    "plain": {"SSH_TTY": "/dev/pts/1"},
    "tmux": {"SSH_TTY": "/dev/pts/1", "TMUX": "/tmp/tmux-0/default,1,0", "TERM": "screen-256color"},
    "screen": {"SSH_CONNECTION": "1 2 3 4", "TERM": "screen"},
    "local, without a clipboard": {"TERM": "xterm"},
}


@pytest.mark.parametrize("place", PLACES)
async def test_the_terminal_gets_what_was_copied(place: str) -> None:
    terminal = FakeTerminal()
    said = await Copier(NoClipboard(), terminal.write, PLACES[place]).copy(TEXT)
    assert terminal.clipboard == TEXT
    assert "sent to the terminal" in said.lower()
    assert "Copied" not in said


async def test_a_large_text_is_also_in_a_file(tmp_path: Path) -> None:
    terminal, text = FakeTerminal(), "y" * (LARGE + 1)
    said = await Copier(NoClipboard(), terminal.write, PLACES["plain"], folder=tmp_path / "data").copy(text)
    file = tmp_path / "data" / "copied.txt"
    assert file.read_text() == text
    assert str(file) in said
    assert file.stat().st_mode & 0o077 == 0


async def test_a_small_one_is_not(tmp_path: Path) -> None:
    await Copier(NoClipboard(), FakeTerminal().write, PLACES["plain"], folder=tmp_path).copy("y" * LARGE)
    assert not list(tmp_path.iterdir())

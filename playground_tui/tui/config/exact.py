"""Texts kept exactly. Textual's document splits at every line separator of Unicode and joins with one of them, so
`\\f`, U+2028 or mixed line ends would change without a key pressed. They travel through the editor as private-use
characters and are drawn, like all control characters, as visible signs: nothing reaches the terminal as a command.
"""

from __future__ import annotations

import re
from typing import Final

from rich.highlighter import Highlighter
from rich.text import Text

_SPLITTERS: Final = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r"
_HIDDEN: Final = {ord(char): 0xF7E00 + n for n, char in enumerate(_SPLITTERS)}
_BACK: Final = {hidden: char for char, hidden in _HIDDEN.items()}
_NEEDS_HIDING: Final = re.compile(f"[{_SPLITTERS}]")
_NEEDS_BACK: Final = re.compile("[\U000f7e00-\U000f7e08]")

_SIGNS: Final = {
    **{code: 0x2400 + code for code in range(0x20) if code != 0x09},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    0x2028: 0x2424,
    0x2029: 0x2424,
}
_SHOWN: Final = {**_SIGNS, **{hidden: _SIGNS[char] for hidden, char in _BACK.items()}}
_NEEDS_SIGN: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\U000f7e00-\U000f7e08]")


def into_editor(text: str) -> str:
    if not _NEEDS_HIDING.search(text):
        return text
    if text.count("\r\n") == text.count("\n") == text.count("\r"):
        table = {code: hidden for code, hidden in _HIDDEN.items() if code != 0x0D}
    else:
        table = _HIDDEN
    return text.translate(table)


def pasted(text: str) -> str:
    """A paste brings `\\r` where a line ends: terminals send it so."""
    return into_editor(text.replace("\r\n", "\n").replace("\r", "\n"))


def from_editor(text: str) -> str:
    return text.translate(_BACK) if _NEEDS_BACK.search(text) else text


def visible(text: str) -> str:
    """The same number of characters, control characters as signs."""
    return text.translate(_SHOWN) if _NEEDS_SIGN.search(text) else text


class ControlSigns(Highlighter):
    """For one-line inputs."""

    def highlight(self, text: Text) -> None:
        if _NEEDS_SIGN.search(text.plain):
            text.plain = visible(text.plain)

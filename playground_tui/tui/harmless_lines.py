"""The last look at every line before it goes to the terminal: nothing that a terminal obeys, but what Textual itself
writes. Names, titles, error messages and instructions come from servers and files; a widget that forgot to clean one
would let it clear the screen or write to the clipboard.

What is taken out has no width, so that the line stays as long as it was laid out.
"""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_ALONE = re.compile("[\ud800-\udfff]")
"""Half a character: one cell wide, and no terminal can be sent it."""


class HarmlessLines(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [segment if segment.control else Segment(_harmless(segment.text), segment.style) for segment in segments]


def _harmless(text: str) -> str:
    return text if text.isprintable() else _ALONE.sub("\ufffd", _OBEYED.sub("", text))

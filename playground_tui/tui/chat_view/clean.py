"""Makes any text harmless to draw: what a terminal would obey is shown as a sign or dropped.

The substitution looks at one character at a time, so that a text cut anywhere cleans to the same as the whole.
"""

from __future__ import annotations

import re

_DROPPED = [
    *(0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF),
    *range(0x202A, 0x202F),  # bidirectional embeddings and overrides
    *range(0x2060, 0x2070),  # invisible operators, bidirectional isolates
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),  # tag characters
]

_TABLE: dict[int, str | None] = {
    **{code: chr(0x2400 + code) for code in range(32) if code not in (9, 10, 13)},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys([0x2028, 0x2029], "\n"),
    **dict.fromkeys(_DROPPED),
    0xFFFE: "\ufffd",
    0xFFFF: "\ufffd",
}

_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Without anything a terminal obeys; line ends become `\\n`, tabs stay."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _UNSAFE.search(text) is None:
        return text
    # A lone surrogate can't be encoded for the terminal at all.
    return re.sub("[\ud800-\udfff]", "\ufffd", text.translate(_TABLE))


_JOINING = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e34-\u0e3a\u0e47-\u0e4e"
_JOINING += "\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
_PILED = re.compile(f"([{_JOINING}]{{8}})[{_JOINING}]+")


def tame(text: str) -> str:
    """With at most eight combining marks in a row: more would draw over the lines above and below."""
    return text if text.isascii() else _PILED.sub(r"\1", text)


def safe(text: str) -> str:
    """On one line and harmless: for names, notes and arguments."""
    return tame(" ".join(clean(text).split()))


class Cleaner:
    """Cleans a text that comes in fragments; holds back a carriage return whose line feed may follow."""

    def __init__(self) -> None:
        self._held = False

    def feed(self, fragment: str) -> str:
        if self._held:
            fragment = "\r" + fragment
        self._held = fragment.endswith("\r")
        return clean(fragment[:-1] if self._held else fragment)

    def finish(self) -> str:
        held, self._held = self._held, False
        return "\n" if held else ""

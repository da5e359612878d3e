"""Texts of models, servers and files on a terminal: nothing in them may act on it.

Controls are shown as what they are (␛), so that a sequence is text like any other. On a terminal this is done to every
text; into a pipe or file a reply goes exactly as it came, since whoever reads it decides what it means there. Names in
lists and sentences are made harmless everywhere: a line stays one line.
"""

from __future__ import annotations

import re

_PICTURES = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {0x7F: 0x2421, 0x0D: None}
_ODD = dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029], 0xFFFD)
_TABLE: dict[int, int | None] = {**_PICTURES, **_ODD}
_LINE: dict[int, int | None] = {**_TABLE, 0x09: 0x20, 0x0A: 0x20, 0x0D: 0x20}
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def harmless(text: str) -> str:
    """Line feeds and tabs stay, carriage returns go, every other control is shown as a picture."""
    return text.translate(_TABLE)


def one_line(text: str) -> str:
    return text.translate(_LINE).strip()


def harmless_json(text: str) -> str:
    """JSON says the same with these characters escaped; the encoder has escaped those below the space itself."""
    return _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", text)

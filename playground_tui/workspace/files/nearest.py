"""Where in a passage the thing stands that a reply takes from it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

SAID: Final = 400
"""Characters of the reply before a mark that are looked at."""
ENOUGH: Final = 0.5
_SENTENCE: Final = re.compile(r"[^\n.!?]*(?:[.!?](?!\s|$)[^\n.!?]*)*(?:[.!?]+|\n|$)")
_WORD: Final = re.compile(r"\w{4,}|\d+")


def said_before(text: str, end: int) -> str:
    """What a reply says up to `end`, without citation marks."""
    return re.sub(r"【[^【】]*】", " ", text[max(0, end - SAID) : end])


def nearest(passage: str, said: str) -> tuple[int, int]:
    """From and to of the sentence in `passage` that shares most with `said`, the reply and its question; words that
    the passage repeats weigh less. (0, 0) when none shares enough."""
    words = set(_words(said))
    often = Counter(_words(passage))
    best, found = ENOUGH, (0, 0)
    for match in _SENTENCE.finditer(passage):
        own = set(_words(match[0]))
        weight = sum(1 / often[word] for word in own & words) / max(len(own), 4) ** 0.5
        if weight > best:
            best, found = weight, (match.start(), match.end())
    return found


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]

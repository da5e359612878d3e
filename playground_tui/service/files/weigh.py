"""How well one passage answers a question: the words of the question in it, and how close they stand together.

Half of it is BM25 over the candidates, half the share of the question's weight that stands within a sentence or so: a
long passage has many words by chance, but not beside each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.files.words import SIGNS

BEGIN, END = SIGNS
"""Around each word of the question in a passage."""
SPANS: Final = (40, 80, 160)
"""Characters in which words count as beside each other: about six, twelve and twenty-four words."""
_MARKED: Final = re.compile(f"{BEGIN}([^{END}]*){END}")
_BY_NEARNESS: Final = 0.5
_FULL: Final = 1.5
"""BM25 of a passage that has all of the question, as a multiple of the question's weight."""
_K1: Final = 1.2
_B: Final = 0.75


@dataclass(frozen=True, slots=True)
class Match:
    at: int
    """Characters from the start of the indexed text."""
    term: str


@dataclass(frozen=True, slots=True)
class Found:
    """One passage's words of the question."""

    matches: tuple[Match, ...]
    length: int
    """Characters of the indexed text."""


def found_in(marked: str, terms: Sequence[str]) -> Found:
    """`marked`: the indexed text with `BEGIN` and `END` around what matches; `terms`: of `words.terms`."""
    known = {term.strip('"'): term for term in terms}
    matches: list[Match] = []
    signs = 0
    for match in _MARKED.finditer(marked):
        at = match.start() - signs
        signs += 2
        matches += [Match(at, known[name]) for name in _names(match[1].lower().split(), known)]
    return Found(tuple(matches), max(1, len(marked) - signs))


def _names(words: list[str], known: Mapping[str, str]) -> list[str]:
    """Which of the terms a marked stretch is: pairs of signs that run into each other, or a word in another form."""
    if len(words) > 1:
        return [pair for pair in map(" ".join, pairwise(words)) if pair in known]
    word = words[0] if words else ""
    if word in known:
        return [word]
    plain = _plain(word)
    return [max(known, key=lambda name: (_common(_plain(name), plain), -len(name)))] if known and plain else []


def _plain(word: str) -> str:
    if word.isascii():
        return word
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))


def _common(one: str, other: str) -> int:
    """How many characters they begin with alike: a stem is nearly always a beginning."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def score(found: Found, weights: Mapping[str, float], mean_length: float) -> float:
    """0 to 1. `weights`: of every term of the question; `mean_length`: of the passages weighed."""
    whole = sum(weights.values())
    near = sum(_best(found, weights, span)[0] for span in SPANS) / len(SPANS)
    by_words = _bm25(found, weights, mean_length) / _FULL
    return min(1.0, (_BY_NEARNESS * near + (1 - _BY_NEARNESS) * by_words) / whole) if whole else 0.0


def place(found: Found, weights: Mapping[str, float]) -> int:
    """Where in the indexed text most of the question stands together."""
    return _best(found, weights, SPANS[-1])[1]


def _bm25(found: Found, weights: Mapping[str, float], mean_length: float) -> float:
    long = _K1 * (1 - _B + _B * found.length / max(mean_length, 1.0))
    often = Counter(match.term for match in found.matches)
    return sum(weights[term] * count * (_K1 + 1) / (count + long) for term, count in often.items())


def _best(found: Found, weights: Mapping[str, float], span: int) -> tuple[float, int]:
    """(the most weight within `span` characters, where that begins)"""
    inside: Counter[str] = Counter()
    best, at, weight, first = 0.0, 0, 0.0, 0
    for match in found.matches:
        weight += 0.0 if inside[match.term] else weights[match.term]
        inside[match.term] += 1
        while match.at - found.matches[first].at > span:
            left = found.matches[first].term
            inside[left] -= 1
            weight -= 0.0 if inside[left] else weights[left]
            first += 1
        if weight > best + 1e-9:
            best, at = weight, found.matches[first].at
    return best, at

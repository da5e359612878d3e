"""Text as the index reads it, and questions as the index is asked them.

Scripts without spaces between words are indexed character by character and asked for in pairs, since SQLite's own
tokenizers take a whole run of them for one word. A query is words only: nothing of it is query syntax.
"""

from __future__ import annotations

import re
from typing import Final

MOST_TERMS: Final = 32
"""Distinct words of a query that count; the first ones."""
SIGNS: Final = ("\x02", "\x03")
"""Never in indexed text, so that they can stand around what matches in it."""
_UNSPACED: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"  # Hangul: words carry particles
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_ONE: Final = re.compile(f"[{_UNSPACED}]")
_TOKEN: Final = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_COMMON: Final = frozenset(
    re.findall(
        r"[a-z]+",
        "a about all also an and any are as at be been but by can could did do does each for from get got had has have "
        "how i if in into is it its just many may me might much must my no not of on only or other our please shall "
        "should so some such tell than that the their them then there these they this those to too us very was we were "
        "what when where which who why will with would you your",
    )
)


def indexed(text: str) -> str:
    for sign in SIGNS:
        text = text.replace(sign, " ")
    return text if text.isascii() else _ONE.sub(r" \g<0> ", text)


def original_place(marked: str, at: int) -> int:
    """Where in a text stands what stands at `at` in its indexed form; `marked`: that, with `SIGNS` in it."""
    for sign in SIGNS:
        marked = marked.replace(sign, "")
    return max(0, at - 2 * len(_ONE.findall(marked[:at])))


def terms(query: str) -> list[str]:
    """The query's words as quoted phrases of the index, each once. Words that say nothing count only when there are no
    others."""
    found: dict[str, None] = {}
    common: dict[str, None] = {}
    for token in _TOKEN.findall(query.lower()):
        if _ONE.match(token):
            pairs = [token] if len(token) == 1 else [token[n : n + 2] for n in range(len(token) - 1)]
            found.update(dict.fromkeys(f'"{" ".join(pair)}"' for pair in pairs))
        else:
            (common if token in _COMMON else found)[f'"{token}"'] = None
    return list(found or common)[:MOST_TERMS]

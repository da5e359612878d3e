"""Passages → overlapping chunks, as the API documents them: 800 tokens with 400 of overlap unless told otherwise.

Tokens are estimates (4 characters of ASCII, 2.5 bytes else). A chunk ends at the end of a word, never inside one
unless the word alone is longer than `_LONGEST` characters.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.files.extract import Passage

DEFAULT_SIZE: Final = 800
DEFAULT_OVERLAP: Final = 400
_LONGEST: Final = 400
_PIECE: Final = re.compile(rf"\s*\S{{1,{_LONGEST}}}")


@dataclass(frozen=True, slots=True)
class Chunk:
    text: str
    start: int
    """Characters from the start of the extracted text."""
    tokens: int
    pages: tuple[tuple[int, int], ...] = ()
    """(where in `text` it begins, page): every page that it has something of; for PDF files."""


def chunks(source: Iterable[Passage], size: int = DEFAULT_SIZE, overlap: int = DEFAULT_OVERLAP) -> Iterator[Chunk]:
    """`size` and `overlap` in tokens, `overlap` at most half of `size`. Memory: one chunk."""
    window: deque[_Piece] = deque()
    held = 0.0
    for piece in _pieces(source):
        if window and held + piece.tokens > size:
            yield _chunk(window)
            while window and (held > overlap or held + piece.tokens > size):
                held -= window.popleft().tokens
        window.append(piece)
        held += piece.tokens
    if window:
        yield _chunk(window)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    tokens: float
    page: int | None


def _pieces(source: Iterable[Passage]) -> Iterator[_Piece]:
    """Words with the white space before them. A word cut by the end of a passage goes on in the next one of its
    page."""
    offset, carry, page = 0, "", None
    for passage in source:
        text = passage.text
        if passage.page != page and carry.strip():
            yield _piece(carry, offset - len(carry), page)
            carry = ""
        page = passage.page
        text, base = carry + text, offset - len(carry)
        offset += len(passage.text)
        read = 0
        for match in _PIECE.finditer(text):
            if match.end() == len(text):
                break
            yield _piece(match[0], base + match.start(), page)
            read = match.end()
        carry = text[read:]
    if carry.strip():
        yield _piece(carry, offset - len(carry), page)


def _piece(text: str, start: int, page: int | None) -> _Piece:
    tokens = len(text) / 4 if text.isascii() else len(text.encode("utf-8", "replace")) / 2.5
    return _Piece(text, start, tokens, page)


def _chunk(window: deque[_Piece]) -> Chunk:
    first = window[0]
    text = "".join(piece.text for piece in window)
    lead = len(text) - len(text.lstrip())
    return Chunk(text.strip(), first.start + lead, round(sum(p.tokens for p in window)), _pages(window, lead))


def _pages(window: deque[_Piece], lead: int) -> tuple[tuple[int, int], ...]:
    pages: list[tuple[int, int]] = []
    at = -lead
    for piece in window:
        if piece.page is not None and (not pages or pages[-1][1] != piece.page):
            pages.append((max(0, at), piece.page))
        at += len(piece.text)
    return tuple(pages)

"""A file's text as passages, in order and in bounded memory. Runs in the extraction child (`worker.py`)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.files.kinds import SNIFF_BYTES, Unreadable, encoding_of, kind_of

_SKIPPED: Final = ("script", "style", "noscript", "template", "svg", "head")
_LINES: Final = (
    "p",
    "div",
    "br",
    "li",
    "tr",
    "ul",
    "ol",
    "dt",
    "dd",
    "pre",
    "table",
    "section",
    "article",
    "blockquote",
)
_BREAKS: Final = frozenset((*_LINES, "h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    page: int | None = None
    """From 1, for PDF files."""


def passages(path: Path, name: str) -> Iterator[Passage]:
    """The passages of the file at `path`, called `name` by the person. Raises `Unreadable`, OSError."""
    with path.open("rb") as file:
        head = file.read(SNIFF_BYTES)
    if not head:
        raise Unreadable("It is empty.")
    kind = kind_of(name, head)
    if kind == "pdf":
        yield from _pdf(path)
        return
    encoding = encoding_of(head)
    read = {"text": _text, "html": _html, "json": _json, "csv": _csv}[kind]
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        yield from read(file, name)


def _text(file: Any, name: str) -> Iterator[Passage]:
    while block := file.read(_BLOCK):
        yield Passage(block)


def _html(file: Any, name: str) -> Iterator[Passage]:
    reader = _HtmlText()
    while block := file.read(_BLOCK):
        reader.feed(block)
        if text := reader.take():
            yield Passage(text)
    reader.close()
    if text := reader.take():
        yield Passage(text)


class _HtmlText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._skipping: list[str] = []

    def take(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        return text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping.append(tag)
        elif tag == "body":
            self._skipping.clear()
        elif tag in _BREAKS:
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipping:
            del self._skipping[self._skipping.index(tag) :]
        elif tag in _BREAKS:
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping and data.strip():
            self._parts.append(" ".join(data.split()) + " ")


def _json(file: Any, name: str) -> Iterator[Passage]:
    """Parsed and indented where it is JSON of a sensible size, so that one long line becomes many."""
    text = file.read(8 << 20)
    rest = file.read(_BLOCK)
    if not rest:
        try:
            text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    yield Passage(text)
    while rest:
        yield Passage(rest)
        rest = file.read(_BLOCK)


def _csv(file: Any, name: str) -> Iterator[Passage]:
    """Each row as `column: value` pairs, so that a passage reads without its header."""
    csv.field_size_limit(1 << 24)
    rows = csv.reader(file, delimiter="\t" if name.lower().endswith(".tsv") else ",")
    try:
        header = next(rows, [])
        yield Passage(", ".join(header) + "\n")
        for row in rows:
            pairs = (f"{header[n]}: {cell}" if n < len(header) else cell for n, cell in enumerate(row) if cell)
            yield Passage("; ".join(pairs) + "\n")
    except csv.Error as error:
        raise Unreadable(f"It is not a table: {error}.") from None


def _pdf(path: Path) -> Iterator[Passage]:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    found = False
    try:
        reader = PdfReader(io.BytesIO(path.read_bytes()), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("It is a PDF with a password.")
        for number, page in enumerate(reader.pages, 1):
            text = page.extract_text()
            if text.strip():
                found = True
                yield Passage(text + "\n", number)
    except Unreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Unreadable(f"It is a broken PDF ({type(error).__name__}).") from None
    if not found:
        raise Unreadable("It is a PDF without text, perhaps scanned pages.")

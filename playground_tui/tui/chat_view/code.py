"""Code of one fence: its lines, and their colours once they have been asked for.

A line is coloured by itself at first; when the fence is closed the whole code is lexed once, in slices, so that a
string or comment over many lines ends up right and no slice holds the loop.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from playground_tui.tui.chat_view.clean import tame

if TYPE_CHECKING:
    from pygments.lexer import Lexer

Runs = list[tuple[str, str]]

MAX_LINE = 2_000
"""Longer lines are not coloured: one expression over them can take seconds."""
MAX_CODE = 1_000_000
"""Characters; longer code is not coloured as a whole."""
AT_ONCE = 16_000
"""Characters that are lexed without slicing: about 10 ms."""

_STYLES = (
    ("Token.Comment", "comment"),
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Literal", "string"),
    ("Token.Name.Function", "name"),
    ("Token.Name.Class", "name"),
    ("Token.Name.Tag", "name"),
    ("Token.Name.Decorator", "name"),
    ("Token.Name.Builtin", "builtin"),
    ("Token.Name.Attribute", "builtin"),
    ("Token.Name.Constant", "builtin"),
    ("Token.Generic.Heading", "name"),
    ("Token.Generic.Subheading", "name"),
    ("Token.Generic.Inserted", "inserted"),
    ("Token.Generic.Deleted", "deleted"),
)


@cache
def _style_of(token: Any) -> str:
    name = str(token)
    for prefix, style in _STYLES:
        if name == prefix or name.startswith(prefix + "."):
            return f"code code-{style}"
    return "code"


@cache
def _known_languages() -> frozenset[str]:
    from pygments.lexers import get_all_lexers

    return frozenset(alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases)


@cache
def lexer_of(language: str) -> Lexer | None:
    # Pygments looks for installed plugins when it does not know a name, which reads every package's metadata.
    if not language or language not in _known_languages():
        return None
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, ensurenl=False, stripnl=False)


def language_of(info: str) -> str:
    """`python` of `python title="x"`, `{.python}` or `Python`; empty when nothing is named."""
    word = info.strip().split(maxsplit=1)[0] if info.strip() else ""
    return re.sub(r"[^\w+#.-]", "", word).strip(".").lower()[:32]


def highlight(text: str, language: str) -> list[Runs]:
    """Runs of each line of a short, finished code."""
    code = Code(language)
    for line in text.split("\n"):
        code.append(line)
    code.close()
    return [code.runs(index) for index in range(len(code.lines))]


class Code:
    __slots__ = ("_exact", "_job", "_runs", "closed", "info", "language", "lines", "size")

    def __init__(self, info: str) -> None:
        self.info = info
        self.language = language_of(info)
        self.lines: list[str] = []
        self.size = 0
        self.closed = False
        self._runs: list[Runs | None] = []
        self._exact = False
        self._job: Iterator[int] | None = None

    @property
    def source(self) -> str:
        return "\n".join(self.lines)

    def append(self, line: str) -> None:
        self.lines.append(line)
        self._runs.append(None)
        self.size += len(line) + 1

    def pop(self) -> None:
        self.size -= len(self.lines.pop()) + 1
        self._runs.pop()

    def close(self) -> None:
        self.closed = True

    @property
    def settled(self) -> bool:
        """Whether the colours are the final ones."""
        return self._exact or lexer_of(self.language) is None or self.size > MAX_CODE

    def runs(self, index: int) -> Runs:
        if self.closed and self.size <= AT_ONCE and not self.settled:
            self.refine()
        runs = self._runs[index]
        if runs is None:
            runs = self._runs[index] = self._line_alone(index)
        return runs

    def _line_alone(self, index: int) -> Runs:
        text = shown(self.lines[index])
        lexer = lexer_of(self.language) if len(text) <= MAX_LINE else None
        if lexer is None:
            return [(text, "code")] if text else []
        return _joined((value, _style_of(token)) for token, value in lexer.get_tokens(text))

    def refine(self, seconds: float | None = None) -> bool:
        """Lex the closed code on for at most `seconds`; true when that changed a colour for good."""
        if self.settled or not self.closed:
            return False
        if self._job is None:
            self._job = self._lex()
        end = None if seconds is None else time.perf_counter() + seconds
        for done in self._job:
            if end is not None and done and time.perf_counter() >= end:
                return True
        self._job = None
        self._exact = True
        return True

    def _lex(self) -> Iterator[int]:
        lexer = lexer_of(self.language)
        assert lexer is not None
        text = "\n".join(shown(line) if len(line) <= MAX_LINE else "" for line in self.lines)
        index, row = 0, []
        for token, value in lexer.get_tokens(text):
            style = _style_of(token)
            head, *more = value.split("\n")
            if head:
                row.append((head, style))
            for part in more:
                self._keep(index, row)
                index, row = index + 1, [(part, style)] if part else []
                yield index
        self._keep(index, row)

    def _keep(self, index: int, row: Runs) -> None:
        if index < len(self.lines) and len(self.lines[index]) <= MAX_LINE:
            self._runs[index] = _joined(row)


def shown(line: str) -> str:
    """A code line as it is drawn."""
    return tame(line.expandtabs(4))


def _joined(pairs: Any) -> Runs:
    runs: Runs = []
    for value, style in pairs:
        value = value.replace("\n", "")
        if not value:
            continue
        if runs and runs[-1][1] == style:
            runs[-1] = (runs[-1][0] + value, style)
        else:
            runs.append((value, style))
    return runs

"""Inline Markdown to flows: emphasis, code, links, citation marks, footnotes, bare addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.chat_view.clean import safe, tame
from playground_tui.tui.chat_view.grammar import Definitions, parse_inline
from playground_tui.tui.chat_view.lines import Flow, Span

if TYPE_CHECKING:
    from markdown_it.token import Token

    from playground_tui.workspace.values import Citation

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SPECIAL = re.compile(r"\[\^(?P<note>[^\]\s]+)\]|(?P<url>https?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}*_])")


@dataclass(frozen=True, slots=True)
class Marks:
    """The citation marks of a message, ready to be looked for."""

    by_mark: Mapping[str, Citation] = field(default_factory=dict)
    pattern: re.Pattern[str] = _SPECIAL

    @classmethod
    def of(cls, citations: tuple[Citation, ...]) -> Marks:
        by_mark = {citation.mark: citation for citation in citations if citation.mark}
        if not by_mark:
            return NO_MARKS
        marks = "|".join(re.escape(mark) for mark in sorted(by_mark, key=len, reverse=True))
        return cls(by_mark, re.compile(f"(?P<mark>{marks})|{_SPECIAL.pattern}"))


NO_MARKS = Marks()


def citation_span(citation: Citation) -> Span:
    return Span("citation", citation.file_id, safe(citation.label), citation.mark)


def short_label(citation: Citation) -> str:
    """`[1]` of `[1] policy.pdf`."""
    label = safe(citation.label)
    return label[: label.index("]") + 1] if label.startswith("[") and "]" in label else label


def inline_flow(content: str, style: str, definitions: Definitions, marks: Marks = NO_MARKS) -> Flow:
    """The drawn form of one paragraph's, heading's or cell's text."""
    flow = Flow()
    walk = _Walk(flow, style, marks)
    for token in parse_inline(content, definitions):
        walk.take(token)
    return flow


class _Walk:
    def __init__(self, flow: Flow, style: str, marks: Marks) -> None:
        self._flow = flow
        self._styles = [style]
        self._marks = marks
        self._links: list[tuple[int, str]] = []

    def take(self, token: Token) -> None:
        kind = token.type
        if kind in ("text", "text_special"):
            self._text(token.content)
        elif kind == "softbreak":
            self._flow.add(" ", self._styles[-1])
        elif kind == "hardbreak":
            self._flow.add("\n", self._styles[-1])
        elif kind == "code_inline":
            self._flow.add(tame(token.content), f"{self._styles[-1]} code-inline")
        elif kind == "html_inline":
            self._html(token.content)
        elif kind == "image":
            self._image(token)
        elif kind == "link_open":
            self._links.append((self._flow.size, str(token.attrs.get("href", ""))))
            self._styles.append(f"{self._styles[-1]} link")
        elif kind == "link_close":
            self._close_link()
        elif kind in ("strong_open", "em_open", "s_open"):
            self._styles.append(f"{self._styles[-1]} {kind.removesuffix('_open')}")
        elif kind in ("strong_close", "em_close", "s_close"):
            self._styles.pop()

    def _text(self, text: str) -> None:
        text, style, at = tame(text).replace("\t", " "), self._styles[-1], 0
        if not self._links:
            for match in self._marks.pattern.finditer(text):
                self._flow.add(text[at : match.start()], style)
                self._special(match, style)
                at = match.end()
        self._flow.add(text[at:], style)

    def _special(self, match: re.Match[str], style: str) -> None:
        start, found = self._flow.size, match[0]
        if note := match["note"]:
            self._flow.add(f"[{note}]", f"{style} citation")
            self._flow.mark(start, Span("footnote", note, f"[{note}]"))
        elif match["url"]:
            self._flow.add(found, f"{style} link")
            self._flow.mark(start, Span("link", found, found))
        else:
            citation = self._marks.by_mark[found]
            self._flow.add(short_label(citation), f"{style} citation")
            self._flow.mark(start, citation_span(citation))

    def _html(self, content: str) -> None:
        if _BREAK.fullmatch(content):
            self._flow.add("\n", self._styles[-1])
        else:
            self._flow.add(tame(content), f"{self._styles[-1]} html")

    def _image(self, token: Token) -> None:
        start, source = self._flow.size, str(token.attrs.get("src", ""))
        label = tame(" ".join(token.content.split())) or source
        self._flow.add(f"[image: {label}]", f"{self._styles[-1]} link")
        self._flow.mark(start, Span("link", source, label))

    def _close_link(self) -> None:
        start, target = self._links.pop()
        self._styles.pop()
        label = self._flow.text[start:]
        citation = self._marks.by_mark.get(target)
        self._flow.mark(start, citation_span(citation) if citation else Span("link", target, label))

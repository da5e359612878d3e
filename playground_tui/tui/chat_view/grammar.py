"""Markdown to tokens: one parser for all messages, loaded when the first one is drawn."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Definitions = MutableMapping[str, dict[str, Any]]
"""Link reference definitions: normalised label → href, title."""

INLINE_LIMIT = 8_000
"""Characters of one paragraph that are parsed together: brackets make the parser quadratic."""


@cache
def parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote.index import footnote_def

    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    markdown.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    return markdown


def parse_blocks(source: str, definitions: Definitions) -> list[Token]:
    """Block tokens with their inline text still unparsed. Definitions found in `source` are added to `definitions`."""
    tokens: list[Token] = []
    markdown = parser()
    markdown.block.parse(source, markdown, {"references": definitions}, tokens)
    return tokens


def parse_inline(content: str, definitions: Definitions) -> list[Token]:
    markdown = parser()
    tokens: list[Token] = []
    for piece in _pieces(content):
        markdown.inline.parse(piece, markdown, {"references": definitions}, tokens)
    return tokens


def _pieces(content: str) -> list[str]:
    if len(content) <= INLINE_LIMIT:
        return [content]
    pieces: list[str] = []
    start = 0
    while len(content) - start > INLINE_LIMIT:
        stop = start + INLINE_LIMIT
        cut = max(content.rfind(" ", start, stop), content.rfind("\n", start, stop)) + 1
        cut = cut if cut > start else stop
        pieces.append(content[start:cut])
        start = cut
    return [*pieces, content[start:]]


def normalise_label(label: str) -> str:
    from markdown_it.common.utils import normalizeReference

    return normalizeReference(label)

"""Markdown without its signs, for places that show them as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token


def plain(markdown: str) -> str:
    """Paragraphs, items and rows on lines of their own; code as it is; of a link its text and address."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).parse(markdown)
    lines: list[str] = []
    numbers: list[int | None] = []
    row: list[str] | None = None
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
                _gap(lines, numbers)
            case "list_item_open":
                lines.append(_item(numbers))
            case "tr_open":
                row = []
            case "tr_close":
                lines.append("\t".join(row or ()))
                row = None
            case "inline":
                text = _inline(token.children or ())
                if row is not None:
                    row.append(text)
                elif numbers and lines and not lines[-1].strip(" -0123456789."):
                    lines[-1] += text
                else:
                    lines.append(text)
            case "fence" | "code_block":
                lines += [*token.content.rstrip("\n").split("\n"), ""]
            case "paragraph_close" | "heading_close" | "table_close":
                _gap(lines, numbers)
    return "\n".join(lines).strip("\n")


def _item(numbers: list[int | None]) -> str:
    indent, number = "  " * (len(numbers) - 1), numbers[-1]
    if number is None:
        return f"{indent}- "
    numbers[-1] = number + 1
    return f"{indent}{number}. "


def _gap(lines: list[str], numbers: Sequence[int | None]) -> None:
    """An empty line between blocks, not between items."""
    if not numbers and lines and lines[-1]:
        lines.append("")


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    address = ""
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(token.content)
            case "link_open":
                address, start = str(token.attrGet("href") or ""), len(parts)
            case "link_close":
                shown = "".join(parts[start:])
                if address and address != shown:
                    parts.append(f" ({address})")
    return "".join(parts)

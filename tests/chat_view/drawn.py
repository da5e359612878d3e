"""What a document draws, as plain values to compare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from playground_tui.tui.chat_view.document import Document
from playground_tui.tui.chat_view.drawing import Drawing
from playground_tui.tui.chat_view.grammar import Definitions, parse_blocks
from playground_tui.tui.chat_view.inline import Marks, inline_flow
from playground_tui.tui.chat_view.lines import Line
from playground_tui.workspace.values import ChatMessage, Citation

AT = datetime(2026, 11, 20, 14, 1, tzinfo=UTC)


def message(text: str, status: str = "complete", **more: object) -> ChatMessage:
    return ChatMessage("msg", "assistant", text, AT, status, author="Bot", **more)  # type: ignore[arg-type]


def plain(lines: Iterable[Line]) -> list[tuple[object, ...]]:
    return [(line.runs, line.fill, line.join, line.lead, line.marks) for line in lines]


def picture(document: Document) -> list[tuple[object, ...]]:
    while document.is_refining:
        document.refine(1)
    return plain(line for index in range(len(document.units)) for line in document.lines(index))


def texts(document: Document) -> list[str]:
    return [line.text for index in range(len(document.units)) for line in document.lines(index)]


def whole(text: str, width: int = 60, citations: tuple[Citation, ...] = ()) -> list[tuple[object, ...]]:
    return picture(Document(message(text, citations=citations), width, AT))


def streamed(parts: Iterable[str], width: int = 60, citations: tuple[Citation, ...] = ()) -> Document:
    """Fed part by part, every state drawn, as the view does while it follows."""
    document = Document(message("", "streaming"), width, AT)
    given = ""
    for part in parts:
        given += part
        document.grow(part)
        document.flush()
        for index in range(len(document.units)):
            document.lines(index)
    assert document.replace(message(given, citations=citations))
    return document


def parsed_at_once(text: str, width: int = 60) -> list[str]:
    """The text's rows when the parser sees all of it and nothing is cut into blocks."""
    definitions: Definitions = {}
    tokens = parse_blocks(text, definitions)

    def flow(content: str, style: str):  # type: ignore[no-untyped-def]
        return inline_flow(content, style, definitions, Marks())

    return [line.text for line in Drawing(tokens, text.split("\n"), flow, width).all()]

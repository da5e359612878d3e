"""`file_search` as the service answers it itself, for engines without one and for stores that only it has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from playground_tui.service.errors import ApiError
from playground_tui.service.files.library import Library
from playground_tui.service.files.search import Hit
from playground_tui.service.runs.citing import mark
from playground_tui.service.runs.tools import Resources, ToolAnswer
from playground_tui.service.store.objects import Object

RESULTS: Final = 20
"""Passages that are found unless the tool says otherwise (wire.md §3)."""
MOST_CHARACTERS: Final = 64_000
"""Of all passages together: about the 16,000 tokens that the API allows them."""
INDEXING_PATIENCE: Final = 60.0
"""Seconds that a search waits for files that are still being indexed."""
_CITE: Final = (
    "Put the mark of each passage you use, exactly as it stands (such as {mark}), right after the sentence it supports."
)
_FUNCTION: Final[Object] = {
    "name": "file_search",
    "description": "Find passages in the files that were attached, by their words. Ask again in other words when what "
    "was found does not answer the question. " + _CITE.format(mark=mark(0, 1, "name")),
    "parameters": {
        "type": "object",
        "properties": {"query": {"type": "string", "description": "The words to look for, without operators"}},
        "required": ["query"],
        "additionalProperties": False,
    },
}


class FileSearch:
    """Contract: `ServiceTool` of `runs.tools`."""

    type = "file_search"

    def __init__(self, library: Library) -> None:
        self._library = library

    def function(self, tool: Object) -> Object:
        return {"type": "function", "function": _FUNCTION}

    async def answer(self, tool: Object, arguments: str, resources: Resources, number: int) -> ToolAnswer:
        options = tool.get("file_search") or {}
        ranking = {"ranker": "auto", "score_threshold": 0.0, **(options.get("ranking_options") or {})}
        if not resources.own_stores:
            return _answer("No files are attached, so there is nothing to search.", ranking, ())
        queries = _queries(arguments)
        if not queries:
            return _answer('The arguments must be JSON with a text: {"query": "…"}.', ranking, ())
        left = await self._library.indexer.ready(resources.own_stores, INDEXING_PATIENCE)
        most = options.get("max_num_results") or RESULTS
        try:
            found = await self._library.search(resources.own_stores, queries, most, ranking["score_threshold"])
        except ApiError as error:
            return _answer(error.message, ranking, ())
        found = _within(found)
        return _answer(_told(found, number, left), ranking, found)


def _queries(arguments: str) -> list[str]:
    """Some models send `queries` as the hosted tool has it, or a bare text."""
    try:
        given: Any = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return []
    if isinstance(given, dict):
        given = given.get("query") or given.get("queries")
    listed = given if isinstance(given, list) else [given]
    return [text.strip() for text in listed if isinstance(text, str) and text.strip()][:8]


def _within(found: Sequence[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    used = 0
    for hit in found:
        used += len(hit.text)
        if kept and used > MOST_CHARACTERS:
            break
        kept.append(hit)
    return kept


def _told(found: Sequence[Hit], number: int, left: int) -> str:
    """What the model reads."""
    late = f"\n\n{left} files are still being indexed and were not searched." if left else ""
    if not found:
        return f"No passage has these words.{late}"
    passages = []
    for n, hit in enumerate(found):
        passages.append(f"{mark(number, n, hit.name)}{_pages(hit)}\n{hit.text}")
    return "\n\n".join([*passages, _CITE.format(mark=mark(number, 0, found[0].name))]) + late


def _pages(hit: Hit) -> str:
    """` page 12`, ` pages 12-14`."""
    if not hit.pages:
        return ""
    first, last = hit.pages[0][1], hit.pages[-1][1]
    return f" page {first}" if first == last else f" pages {first}-{last}"


def told_pages(hit: Hit) -> Object:
    """An extension: `page`, where most of the question stands, and `pages`, where each of the text's pages begins."""
    if hit.page is None:
        return {}
    return {"page": hit.page, "pages": [{"page": page, "start": start} for start, page in hit.pages]}


def _answer(output: str, ranking: Object, found: Sequence[Hit]) -> ToolAnswer:
    call = {"file_search": {"ranking_options": ranking, "results": [_result(hit) for hit in found]}}
    return ToolAnswer(output, call, tuple(hit.file_id for hit in found))


def _result(hit: Hit) -> Object:
    content = [{"type": "text", "text": hit.text}]
    return {"file_id": hit.file_id, "file_name": hit.name, "score": hit.score, **told_pages(hit), "content": content}

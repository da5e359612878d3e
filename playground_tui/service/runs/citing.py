"""Marks such as `【0:1†policy.pdf】` in a reply that grows: the model copies them from what file search gave it.

The first number counts the searches of the run, the second the passages of that search; so a mark names a passage even
when the model shortens the name in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from playground_tui.service.runs.objects import Object

Sources = Sequence[Sequence[str]]
"""For each search of the run, the file of each passage."""
_MARK: Final = re.compile(r"【(\d{1,4}):(\d{1,4})(?:†[^【】]*)?】")
_LONGEST: Final = 400
"""Characters of a mark."""


def mark(search: int, passage: int, name: str) -> str:
    return f"【{search}:{passage}†{re.sub('[【】†]', ' ', name)[:120] or 'source'}】"


class Citing:
    """Of one text."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._length = 0
        self._open = ""
        """The text since a bracket that is not closed yet."""

    def said(self, text: str) -> list[Object]:
        """The citations that the text's next piece completes. Places count characters of the whole text."""
        if not self._open and "【" not in text:
            self._length += len(text)
            return []
        whole, start = self._open + text, self._length - len(self._open)
        self._length += len(text)
        last = whole.rfind("【")
        self._open = whole[last:] if last >= 0 and "】" not in whole[last:] and len(whole) - last < _LONGEST else ""
        return [cited for match in _MARK.finditer(whole) if (cited := self._citation(match, start))]

    def _citation(self, match: re.Match[str], start: int) -> Object | None:
        search, passage = int(match[1]), int(match[2])
        if search >= len(self._sources) or passage >= len(self._sources[search]):
            return None  # a mark the model made up
        return {
            "type": "file_citation",
            "text": match[0],
            "file_citation": {"file_id": self._sources[search][passage]},
            "start_index": start + match.start(),
            "end_index": start + match.end(),
        }

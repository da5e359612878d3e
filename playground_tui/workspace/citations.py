"""Annotations of a message text as citations: numbered per cited file, found again where indexes are wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from playground_tui.workspace.values import Citation


def citations_of(text: str, annotations: Iterable[tuple[int, Any]]) -> tuple[Citation, ...]:
    """`annotations` are pairs of the part's offset in `text` and the API's annotation object. One file has one
    number. `start` and `end` count characters of `text`; a mark that is not in it gives no citation."""
    numbers: dict[str, int] = {}
    found: list[Citation] = []
    searched: dict[str, int] = {}
    for offset, raw in annotations:
        if not isinstance(raw, dict) or not (mark := _str(raw.get("text"))):
            continue
        start = _place(text, mark, raw.get("start_index"), offset, searched.get(mark, 0))
        if start < 0:
            continue
        searched[mark] = start + len(mark)
        kind, file_id, name = _target(raw)
        name = name or _name_in(mark)
        number = numbers.setdefault(file_id or name or mark, len(numbers) + 1)
        label = f"[{number}] {name or file_id}".rstrip()
        found.append(Citation(mark, label, file_id, kind, start, start + len(mark)))
    return tuple(found)


def _place(text: str, mark: str, index: Any, offset: int, after: int) -> int:
    if isinstance(index, int) and text.startswith(mark, offset + index):
        return offset + index
    return text.find(mark, after)


def _target(raw: dict[str, Any]) -> tuple[Literal["file_citation", "file_path"], str, str]:
    if isinstance(path := raw.get("file_path"), dict):
        return "file_path", _str(path.get("file_id")), _str(raw.get("text")).rpartition("/")[2]
    cited = raw.get("file_citation")
    cited = cited if isinstance(cited, dict) else {}
    name = next((n for key in ("filename", "file_name", "title") if (n := _str(cited.get(key)))), "")
    return "file_citation", _str(cited.get("file_id")), name


def _name_in(mark: str) -> str:
    """`policy.pdf` of `【0:2†policy.pdf】`. A mark that names no file says `source`."""
    name = mark.strip("【】").partition("†")[2].strip()
    return "" if name in ("source", "") or re.fullmatch(r"L\d+(-L\d+)?", name) else name


def _str(value: Any) -> str:
    return value if isinstance(value, str) else ""

"""What differs between two assistants, field by field, and between two texts, line by line down to words."""

from __future__ import annotations

import difflib
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from playground_tui.limits import ASSISTANT_FIELDS
from playground_tui.quick_dataclass import dataclass

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MAX_WORD_DIFF = 4_000
"""Characters of a line above which it is shown as changed whole: word diffs are quadratic."""
_MAX_PAIRS = 1_000_000
"""Of equal items, one on either side: as many are all looked at."""
_MAX_DEEP = 8


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One row of a side-by-side diff. A missing side has line 0 and no pieces."""

    kind: Literal["same", "changed", "removed", "added"]
    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()
    left_line: int = 0
    right_line: int = 0


@dataclass(frozen=True, slots=True)
class FieldDiff:
    field: str
    rows: tuple[DiffRow, ...]


def shown(value: Any) -> str:
    """A field's value as text: strings as they are, nothing for not set, the rest as indented JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields that differ, in the form's order; null and missing are the same, and so are empty lists
    and objects."""
    return tuple(name for name in ASSISTANT_FIELDS if _plain(old.get(name)) != _plain(new.get(name)))


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldDiff, ...]:
    return tuple(
        FieldDiff(name, diff_texts(shown(old.get(name)), shown(new.get(name)))) for name in changed_fields(old, new)
    )


def diff_texts(old: str, new: str) -> tuple[DiffRow, ...]:
    """Side by side; lines that were changed stand beside each other with the words that differ marked."""
    left, right = old.split("\n") if old else [], new.split("\n") if new else []
    rows: list[DiffRow] = []
    for tag, a, b, c, d in _steps(left, right):
        if tag == "equal":
            rows += [_same(left[a + n], a + n + 1, c + n + 1) for n in range(b - a)]
            continue
        paired = min(b - a, d - c)
        rows += [_pair(left[a + n], right[c + n], a + n + 1, c + n + 1) for n in range(paired)]
        rows += [DiffRow("removed", (Piece(left[n], True),), left_line=n + 1) for n in range(a + paired, b)]
        rows += [DiffRow("added", right=(Piece(right[n], True),), right_line=n + 1) for n in range(c + paired, d)]
    return tuple(rows)


def _steps(old: list[str], new: list[str], deep: int = 0) -> Iterator[tuple[str, int, int, int, int]]:
    """What makes the one of the other. Where the same items stand thousands of times on both sides (empty lines), what
    is there once is matched first, and what lies between by itself: to try all pairs would take hours."""
    most = min(len(old), len(new))
    begin = next((n for n in range(most) if old[n] != new[n]), most)
    end = next((n for n in range(most - begin) if old[-1 - n] != new[-1 - n]), most - begin)
    if begin:
        yield "equal", 0, begin, 0, begin
    left, right = old[begin : len(old) - end], new[begin : len(new) - end]
    if not _has_many_pairs(left, right):
        steps: Iterable[tuple[str, int, int, int, int]]
        steps = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    elif deep < _MAX_DEEP and (anchors := _anchors(left, right)):
        steps = _between(left, right, anchors, deep + 1)
    else:
        steps = (("replace", 0, len(left), 0, len(right)),)
    for tag, a, b, c, d in steps:
        yield tag, a + begin, b + begin, c + begin, d + begin
    if end:
        yield "equal", len(old) - end, len(old), len(new) - end, len(new)


def _has_many_pairs(left: list[str], right: list[str]) -> bool:
    if len(left) * len(right) <= _MAX_PAIRS:
        return False
    there = Counter(right)
    return sum(there[item] for item in left) > _MAX_PAIRS


def _anchors(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """The longest row of items that are on each side once and in the same order; their places."""
    once, there = Counter(left), Counter(right)
    places = {item: n for n, item in enumerate(right)}
    ends: list[int] = []
    found: list[tuple[int, int, int]] = []
    last: list[int] = []
    for n, item in enumerate(left):
        if once[item] == there[item] == 1:
            at = bisect_left(ends, place := places[item])
            ends[at : at + 1], last[at : at + 1] = [place], [len(found)]
            found.append((n, place, last[at - 1] if at else -1))
    row = []
    step = last[-1] if last else -1
    while step >= 0:
        n, place, step = found[step]
        row.append((n, place))
    return row[::-1]


def _between(
    left: list[str], right: list[str], anchors: list[tuple[int, int]], deep: int
) -> Iterator[tuple[str, int, int, int, int]]:
    i = j = 0
    for n, place in (*anchors, (len(left), len(right))):
        for tag, a, b, c, d in _steps(left[i:n], right[j:place], deep):
            yield tag, a + i, b + i, c + j, d + j
        if n < len(left):
            yield "equal", n, n + 1, place, place + 1
        i, j = n + 1, place + 1


def unified(diffs: tuple[FieldDiff, ...]) -> str:
    """Plain text for the command line: `- old`, `+ new`, under each field's name."""
    lines: list[str] = []
    for diff in diffs:
        lines.append(f"{diff.field}:")
        for row in diff.rows:
            if row.left_line and row.kind != "same":
                lines.append("  - " + "".join(p.text for p in row.left))
            if row.right_line and row.kind != "same":
                lines.append("  + " + "".join(p.text for p in row.right))
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    return None if value in ([], {}, "") else value


def _same(line: str, left: int, right: int) -> DiffRow:
    piece = (Piece(line),)
    return DiffRow("same", piece, piece, left, right)


def _pair(old: str, new: str, left_line: int, right_line: int) -> DiffRow:
    if old == new:
        return _same(old, left_line, right_line)
    if len(old) + len(new) > _MAX_WORD_DIFF:
        return DiffRow("changed", (Piece(old, True),), (Piece(new, True),), left_line, right_line)
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i, j, k, m in _steps(a, b):
        differs = tag != "equal"
        left += [Piece("".join(a[i:j]), differs)] if j > i else []
        right += [Piece("".join(b[k:m]), differs)] if m > k else []
    return DiffRow("changed", tuple(left), tuple(right), left_line, right_line)

"""A changed assistant put into the file that a person keeps: comments, order, quotes and all other lines stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playground_tui.workspace.exchange.document import DocumentError, from_text
from playground_tui.workspace.exchange.slim import slim

_FENCE = "---\n"
_KEY = re.compile("[\"']?([a-z_]+)[\"']? *:")


def spliced(old: str, new: str) -> str:
    """The Markdown file `old` with the fields of `new`; `new` itself where that cannot be done line by line."""
    if not old.startswith(_FENCE) or "\r" in old:
        return new
    try:
        text = _spliced(old, new)
        return text if slim(from_text(text, "markdown")) == slim(from_text(new, "markdown")) else new
    except DocumentError:
        return new


def _spliced(old: str, new: str) -> str:
    before, after = slim(from_text(old, "markdown")), slim(from_text(new, "markdown"))
    old_front, old_body = _parts(old)
    new_front, new_body = _parts(new)
    fresh = {name: lines for name, lines in _blocks(new_front) if name}
    front = ""
    for name, lines in _blocks(old_front):
        if not name or before.get(name) == after.get(name):
            front += lines
        else:
            front += fresh.get(name, "")
        fresh.pop(name, None)
    body = old_body if before.get("instructions") == after.get("instructions") else new_body
    return f"{_FENCE}{front}{''.join(fresh.values())}{_FENCE}{body}"


def _parts(text: str) -> tuple[str, str]:
    """(the front matter, what stands after it)"""
    front, fence, body = text[len(_FENCE) :].partition(f"\n{_FENCE}")
    if not fence:
        raise DocumentError("The front matter is empty, or ends with the file.")
    return f"{front}\n", body


def _blocks(front: str) -> Iterator[tuple[str, str]]:
    """(field, its lines); comments between fields stand for none."""
    name, lines = "", ""
    for line in front.splitlines(keepends=True):
        key = _KEY.match(line)
        if key or line.startswith("#"):
            if lines:
                yield name, lines
            name, lines = key[1] if key else "", ""
        lines += line
    if lines:
        yield name, lines

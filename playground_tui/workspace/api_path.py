"""Ids in the paths of the API. Contract: an id never names another path than its own object's, on any server.

Quoting alone is not enough: `.` and `..` are taken out of a path by whoever sends it, an empty id names the whole list,
and many servers undo the quoting of a slash before they look a path up.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from playground_tui.workspace.failures import Failure, FailureError

_SEPARATES: Final = re.compile(r"[/\\\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST: Final = 64
"""Characters of it in a sentence."""


def part(name: str) -> str:
    """An id as one part of a path. Raises `FailureError` for what is no id."""
    if name.strip(".") == "" or _SEPARATES.search(name):
        shown = repr(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")
        raise FailureError(Failure("invalid", f"{shown} is no id.", next="Ids are not empty and have no slashes."))
    return quote(name, safe="")

"""Completion of the path that is typed after `/attach`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from playground_tui.workspace.writing.path_completion import complete_path
from playground_tui.workspace.writing.templates import Completion

_ATTACH: Final = re.compile(r"/attach\s+([^\n]*)")


def paths_after_attach(text: str, cursor: int) -> Callable[[], Awaitable[Sequence[Completion]]] | None:
    """What looks for it; None: no path is typed there."""
    found = _ATTACH.fullmatch(text[:cursor])
    if found is None or cursor < len(text):
        return None
    return partial(_paths, found[1], found.start(1))


async def _paths(typed: str, start: int) -> Sequence[Completion]:
    """From where the program was started; a path that is written out is sent by enter."""
    found = await asyncio.to_thread(complete_path, typed, folder=Path.cwd())
    return [replace(one, start=one.start + start, end=one.end + start) for one in found if one.text != typed]

"""Whole characters out of texts that come in pieces: some endpoints escape a character beyond the basic plane as two
halves, and put them into two pieces. A half alone is no Unicode; clients fail over it later."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Final

_HALF: Final = re.compile(r"[\ud800-\udfff]")


class Characters:
    def __init__(self) -> None:
        self._halves: dict[Hashable, str] = {}

    def whole(self, key: Hashable, piece: str) -> str:
        """The piece of the text `key`, with a half that was left of the one before; what never becomes whole is
        replaced."""
        if not self._halves and (piece.isascii() or not _HALF.search(piece)):
            return piece
        piece = self._halves.pop(key, "") + piece
        if piece and "\ud800" <= piece[-1] <= "\udbff":
            self._halves[key] = piece[-1]
            piece = piece[:-1]
        return piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

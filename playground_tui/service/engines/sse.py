"""Server-Sent Events from bytes that are cut anywhere. Contract: `feed` gives the data of each event that is whole by
now, in order, and never waits for more than the standard asks.

Lines are split before they are decoded, so a cut in the middle of a UTF-8 character or of a line ending does no harm.
"""

from __future__ import annotations

from playground_tui.limits.answers import MOST_LINE_BYTES, TooMuch


class SSEDecoder:
    """Event names are left out on purpose: every endpoint of this product repeats them in the data."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, block: bytes) -> list[bytes]:
        """The data of the events completed by `block`. Raises `TooMuch`."""
        if self._first and block:
            self._first = False
            block = block.removeprefix(b"\xef\xbb\xbf")
        if self._after_cr and block:
            block = block.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in block:
            self._after_cr = block.endswith(b"\r")
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in block:
            self._rest += block
            self._check(len(self._rest))
            return []
        lines = block.split(b"\n")
        if self._rest:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        if lines[-1]:
            self._rest += lines[-1]
        return self._take(lines[:-1])

    def end(self) -> list[bytes]:
        """What a last event without its closing blank line held."""
        return self._take([bytes(self._rest), b""])

    def _take(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        data = self._data
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[6:] if line[5:6] == b" " else line[5:])
                self._size += len(line)
                self._check(self._size)
            elif not line and data:
                events.append(data[0] if len(data) == 1 else b"\n".join(data))
                data.clear()
                self._size = 0
        return events

    def _check(self, size: int) -> None:
        if size > MOST_LINE_BYTES:
            raise TooMuch

"""Server-Sent Events from body parts: bytes in, `(event, data)` out.

Parts may split a frame, a line end or a UTF-8 character anywhere. Comments and unknown fields are skipped, `data`
lines of one frame are joined, a frame without data is dropped (the event-stream specification).
"""

from __future__ import annotations

import json
from typing import Any

from playground_tui.limits.answers import MOST_LINE_BYTES, TooMuch

Frame = tuple[str, str]
"""Event name (empty: none was given) and data."""


class SseDecoder:
    def __init__(self) -> None:
        self._rest = bytearray()
        self._event = ""
        self._data: list[str] = []
        self._size = 0
        """Of the frame's data so far."""
        self._after_cr = False

    def feed(self, part: bytes) -> list[Frame]:
        """Frames that `part` completes, in order. Raises `TooMuch` for a line or frame without end."""
        frames: list[Frame] = []
        for line in self._lines(part):
            if line:
                self._field(line)
            elif (frame := self._end_frame()) is not None:
                frames.append(frame)
        return frames

    def close(self) -> list[Frame]:
        """The frame that a body without a last empty line left open."""
        if self._rest:
            self._field(bytes(self._rest))
            self._rest.clear()
        frame = self._end_frame()
        return [frame] if frame is not None else []

    def _lines(self, part: bytes) -> list[bytes]:
        if self._after_cr and part.startswith(b"\n"):
            part = part[1:]
            self._after_cr = False
        if part:
            self._after_cr = part.endswith(b"\r")
        if b"\r" in part:
            part = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in part:
            self._rest += part
            if len(self._rest) > MOST_LINE_BYTES:
                raise TooMuch
            return []
        *lines, rest = part.split(b"\n")
        if self._rest:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        self._rest += rest
        return lines

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name not in (b"data", b"event"):
            return
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"data":
            self._data.append(text)
            self._size += len(line)
            if self._size > MOST_LINE_BYTES:
                raise TooMuch
        else:
            self._event = text

    def _end_frame(self) -> Frame | None:
        event, data = self._event, self._data
        self._event, self._data, self._size = "", [], 0
        return (event, "\n".join(data)) if data else None


def parse_data(data: str) -> Any:
    """The frame's JSON; the text itself where a server sent something else."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data

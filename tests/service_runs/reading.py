"""Streams read back, as strictly as they are to be written; every one is held against the grammar."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    name: str
    data: Any


def parse(stream: bytes) -> list[Event]:
    """Read frames back as strictly as they are to be written."""
    events = []
    assert stream.endswith(b"\n\n")
    for block in stream.decode().split("\n\n")[:-1]:
        name, data = block.split("\n")
        assert name.startswith("event: ")
        assert data.startswith("data: ")
        value = data.removeprefix("data: ")
        events.append(Event(name.removeprefix("event: "), value if value == "[DONE]" else json.loads(value)))
    return events


def short(events: list[Event]) -> list[str]:
    """Names without `thread.`; repeats are folded."""
    names: list[str] = []
    for event in events:
        name = event.name.removeprefix("thread.")
        if not names or names[-1] != name:
            names.append(name)
    return names


async def read_all(stream: AsyncIterator[bytes], *, whole: bool = False) -> list[Event]:
    """`whole`: the stream began with the run, not with a leg."""
    from tests.service_runs.grammar import check_stream

    events = parse(b"".join([part async for part in stream]))
    check_stream(events, whole=whole)
    return events

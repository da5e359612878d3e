"""Stored frames → what a message or step held when its writer died. The counterpart of `writing`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from playground_tui.service.runs.objects import Object


def written(frames: Iterable[bytes], object_id: str) -> list[Object]:
    """The content parts of a message, or the calls of a step, as far as their deltas tell."""
    found: dict[int, Object] = {}
    mark = object_id.encode()
    for chunk in frames:
        if mark not in chunk:
            continue
        for event, body in _events(chunk):
            if event.endswith(".delta") and mark in body:
                delta = json.loads(body)
                for item in _items(delta["delta"]) if delta["id"] == object_id else ():
                    _add(found.setdefault(item["index"], {}), item)
    return [found[index] for index in sorted(found)]


def _events(chunk: bytes) -> Iterable[tuple[str, bytes]]:
    for block in chunk.split(b"\n\n"):
        name, _, data = block.partition(b"\n")
        yield name.removeprefix(b"event: ").decode(), data.removeprefix(b"data: ")


def _items(delta: Object) -> list[Object]:
    items: list[Object] = delta["content"] if "content" in delta else delta["step_details"]["tool_calls"]
    return items


def _add(whole: Object, delta: Object) -> None:
    for key, value in delta.items():
        if key == "index":
            continue
        whole[key] = _sum(key, whole.get(key), value)


def _sum(key: str, old: Any, new: Any) -> Any:
    if isinstance(new, dict):
        base = dict(old or {})
        _add(base, new)
        return base
    if isinstance(new, list):
        return [*(old or ()), *({k: v for k, v in item.items() if k != "index"} for item in new)]
    if isinstance(new, str) and isinstance(old, str) and key in ("value", "refusal", "arguments", "input"):
        return old + new
    return new

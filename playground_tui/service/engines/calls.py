"""Puts the pieces of streamed function calls together, whatever an endpoint makes of them. Contract: each call gets
an index of its own (0, 1, …), an id that is unique in the conversation, a name, and arguments that are JSON text.

Seen in the field: no index, one index for several calls, no id, an empty or repeated id, the id only later, the name in
every piece, whole arguments at once or as an object, none at all, and arguments before the name.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playground_tui.service.engines.base import CallArguments, CallStart
from playground_tui.service.engines.reading import check_calls


@dataclass(slots=True)
class _Call:
    index: int
    upstream_id: str
    upstream_index: int | None
    name: str = ""
    call_id: str = ""
    fragments: list[str] = field(default_factory=list)
    is_object: bool = False

    def is_whole(self) -> bool:
        """True when no more arguments can come: they are a complete JSON object already."""
        text = "".join(self.fragments).strip()
        if not text.endswith("}"):
            return False
        try:
            return isinstance(json.loads(text), dict)
        except (ValueError, RecursionError):
            return False

    def repeats(self, call_id: str, arguments: str) -> bool:
        """True for a call sent once more, whole, after its pieces."""
        return (
            bool(call_id) and call_id == self.upstream_id and self.is_whole() and arguments == "".join(self.fragments)
        )


class NamelessCall(Exception):
    """Arguments came for a function whose name never did."""


class CallAssembler:
    def __init__(self, used_ids: set[str]) -> None:
        """`used_ids`: ids of earlier calls in the conversation; a repeated one is replaced."""
        self._used = used_ids
        self._calls: list[_Call] = []
        self.extra: dict[str, dict[str, Any]] = {}
        """Call id → fields beyond the standard ones, which the endpoint may want back."""

    def __bool__(self) -> bool:
        return bool(self._calls)

    def feed(self, piece: dict[str, Any]) -> Iterator[CallStart | CallArguments]:
        """One entry of `tool_calls`, of a delta or of a whole message. Raises `Nonsense` for too many calls."""
        function = piece.get("function")
        if not isinstance(function, dict):
            function = {}
        name, call_id = _text(function.get("name")), _text(piece.get("id"))
        arguments, is_object = _arguments(function.get("arguments"))
        call = self._find(piece.get("index"), call_id, name, arguments)
        if call is None or call.repeats(call_id, arguments):
            return
        call.upstream_id = call.upstream_id or call_id
        if name and not call.name:
            yield from self._start(call, name)
        if kept := {k: v for k, v in piece.items() if k not in _STANDARD and v is not None}:
            self.extra.setdefault(call.call_id or str(call.index), {}).update(kept)
        if arguments and not (is_object and call.is_object):
            call.is_object = is_object
            call.fragments.append(arguments)
            if call.name:
                yield CallArguments(call.index, arguments)

    def end(self) -> Iterator[CallArguments]:
        """What is missing at the end: `{}` where no arguments came. Raises `NamelessCall`."""
        for call in self._calls:
            if not call.name:
                raise NamelessCall
            if not "".join(call.fragments).strip():
                yield CallArguments(call.index, "{}")

    def all_whole(self) -> bool:
        return all(call.is_whole() or not call.fragments for call in self._calls)

    def _start(self, call: _Call, name: str) -> Iterator[CallStart | CallArguments]:
        call.name = name
        call.call_id = self._free_id(call.upstream_id)
        if str(call.index) in self.extra:
            self.extra[call.call_id] = self.extra.pop(str(call.index))
        yield CallStart(call.index, call.call_id, name)
        if call.fragments:
            yield CallArguments(call.index, "".join(call.fragments))

    def _free_id(self, wanted: str) -> str:
        call_id = wanted if wanted and wanted not in self._used else f"call_{uuid.uuid4().hex[:24]}"
        self._used.add(call_id)
        return call_id

    def _find(self, index: object, call_id: str, name: str, arguments: str) -> _Call | None:
        known = self._known(index, call_id, name)
        if known is not None and not self._is_another(known, index, call_id, name, arguments):
            return known
        if not name and not call_id and not arguments:
            return None
        check_calls(len(self._calls))
        call = _Call(len(self._calls), call_id, index if isinstance(index, int) else None)
        self._calls.append(call)
        return call

    def _known(self, index: object, call_id: str, name: str) -> _Call | None:
        """The newest call the piece can belong to: by index where there is one, else by id, else the last."""
        newest = reversed(self._calls)
        if isinstance(index, int):
            return next((c for c in newest if c.upstream_index == index), None)
        last = self._calls[-1] if self._calls else None
        if call_id:
            late = last if last is not None and not last.upstream_id and not (name and last.name) else None
            return next((c for c in newest if c.upstream_id == call_id), late)
        return last

    def _is_another(self, known: _Call, index: object, call_id: str, name: str, arguments: str) -> bool:
        """Whether a piece that points at `known` begins a call of its own."""
        if not name or not known.name:
            return False
        if call_id and known.upstream_id:
            if call_id != known.upstream_id:
                return True
            return known.is_whole() and bool(arguments) and not known.repeats(call_id, arguments)
        if name != known.name:
            return True
        return known.is_whole() and bool(arguments) if isinstance(index, int) else known.is_whole() or not arguments


_STANDARD = ("index", "id", "type", "function")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _arguments(value: object) -> tuple[str, bool]:
    """As JSON text, and whether it came as an object, that is whole."""
    if value is None:
        return "", False
    if isinstance(value, str):
        return value, False
    return json.dumps(value, ensure_ascii=False), True

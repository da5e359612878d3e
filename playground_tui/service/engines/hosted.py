"""What the Responses API's own tools give, in the Assistants API's shapes (`wire.md` §5: steps and annotations)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playground_tui.service.engines.base import Annotation, EngineEvent, ImageOutput, OutputFile, TextDelta

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def hosted_call(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """A run step's tool call for an output item, or None for an item that is no tool of that API."""
    if item.get("type") == "code_interpreter_call":
        outputs = [{"type": "logs", "logs": logs} for logs in _logs(item)]
        return _call(item, "code_interpreter", {"input": _text(item.get("code")), "outputs": outputs})
    if item.get("type") == "file_search_call":
        return _call(item, "file_search", {"results": [_result(r) for r in _objects(item.get("results"))]})
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _call(item: Mapping[str, Any], kind: str, inner: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(item.get("id") or f"{kind}_call"), "type": kind, kind: inner}


def _logs(item: Mapping[str, Any]) -> Iterator[str]:
    """Pictures among the outputs have no file id here; they come as citations of a container file."""
    for output in _objects(item.get("outputs")):
        if isinstance(logs := output.get("logs"), str):
            yield logs


def _result(result: Mapping[str, Any]) -> dict[str, Any]:
    score = result.get("score")
    return {
        "file_id": _text(result.get("file_id")),
        "file_name": _text(result.get("filename")),
        "score": float(min(1, max(0, score))) if isinstance(score, int | float) else 0.0,
        "content": [{"type": "text", "text": _text(result.get("text"))}],
    }


class Citations:
    """Annotations of one reply. The Assistants API's point at a mark in the text (`【1†policy.pdf】`) that clients
    replace; this API has none, so the mark is put where the text stands when the citation comes."""

    def __init__(self, *, marks: bool) -> None:
        self._marks = marks
        self._pieces: list[str] = []
        self._length = 0
        self._seen: set[tuple[str, ...]] = set()
        self._numbers: dict[str, int] = {}

    def said(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def cite(self, annotation: Mapping[str, Any]) -> Iterator[EngineEvent]:
        """The same annotation twice (once as an event, once in the closing item) counts once."""
        names = ("type", "file_id", "index", "start_index", "end_index")
        identity = tuple(str(annotation.get(name)) for name in names)
        file_id = annotation.get("file_id")
        if identity in self._seen or not isinstance(file_id, str) or not file_id:
            return
        self._seen.add(identity)
        kind, name = annotation.get("type"), str(annotation.get("filename") or "")
        if kind == "file_citation":
            yield from self._file_citation(file_id, name)
        elif kind in ("container_file_citation", "file_path"):
            yield from self._made_file(annotation, file_id, name)

    def _file_citation(self, file_id: str, name: str) -> Iterator[EngineEvent]:
        number = self._numbers.setdefault(file_id, len(self._numbers) + 1)
        mark = f"【{number}†{name or 'source'}】"
        start = self._length
        if self._marks:
            self.said(mark)
            yield TextDelta(mark)
        place = {"start_index": start, "end_index": self._length}
        yield Annotation({"type": "file_citation", "text": mark, "file_citation": {"file_id": file_id}, **place})

    def _made_file(self, annotation: Mapping[str, Any], file_id: str, name: str) -> Iterator[EngineEvent]:
        """A file the code interpreter made: linked from the text, or a picture without a place in it."""
        if isinstance(container := annotation.get("container_id"), str) and container:
            yield OutputFile(file_id, container, name)
        start, end = annotation.get("start_index"), annotation.get("end_index")
        if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= self._length:
            if name.lower().endswith(_PICTURES):
                yield ImageOutput(file_id)
                return
            start = end = self._length
        text = "".join(self._pieces)[start:end] or f"sandbox:/mnt/data/{name}"
        place = {"start_index": start, "end_index": end}
        yield Annotation({"type": "file_path", "text": text, "file_path": {"file_id": file_id}, **place})

"""A message or a tool step while an engine writes it. Each method gives the frame that says what came new.

Pure: the caller stores what `changes` collects and sends the frames on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.ids import new_id
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.citing import Citing, Sources
from playground_tui.service.runs.frames import DeltaFrames, frame
from playground_tui.service.runs.objects import (
    Object,
    end_message,
    end_step,
    function_call,
    message_step,
    reply_message,
    tool_step,
)
from playground_tui.service.runs.tools import ToolAnswer
from playground_tui.service.store.objects import dump


@dataclass(frozen=True, slots=True)
class End:
    """What is known when a step ends well. How all else ends is in `ending`."""

    now: int
    usage: Object
    extra: Object | None = None
    """To be kept beside the step."""


@dataclass(slots=True)
class _Part:
    kind: str
    pieces: list[str] = field(default_factory=list)
    annotations: list[Object] = field(default_factory=list)
    value: Object | None = None

    def content(self) -> Object:
        text = "".join(self.pieces)
        if self.kind == "text":
            return {"type": "text", "text": {"value": text, "annotations": self.annotations}}
        return {"type": "refusal", "refusal": text} if self.value is None else self.value


class MessageWriter:
    def __init__(self, run: Object, now: int, changes: Changes, sources: Sources = ()) -> None:
        """`sources`: what marks in the text point at; their citations are added as the marks are written."""
        self.message = reply_message(run, now)
        self._sources = sources
        self._citing = Citing(sources)
        self.step = message_step(run, self.message["id"], now)
        self._parts: list[_Part] = []
        self._frames: DeltaFrames | None = None
        changes.step(self.step, "created", "in_progress", new=True)
        changes.message(self.message, "created", "in_progress", new=True)

    def text(self, text: str) -> bytes:
        frame = self._text(text)
        if not self._sources:
            return frame
        return b"".join((frame, *(more for cited in self._citing.said(text) for more in self.annotate(cited))))

    def _text(self, text: str) -> bytes:
        if self._frames is not None and self._parts[-1].kind == "text":
            self._parts[-1].pieces.append(text)
            return self._frames.of(text)
        index = self._open(_Part("text", [text]))
        self._citing = Citing(self._sources)
        self._frames = DeltaFrames("thread.message.delta", self._delta(index, "text", {"value": "\0"}))
        return self._frame(index, "text", {"value": text, "annotations": []})

    def refusal(self, text: str) -> bytes:
        if self._frames is not None and self._parts[-1].kind == "refusal":
            self._parts[-1].pieces.append(text)
            return self._frames.of(text)
        index = self._open(_Part("refusal", [text]))
        self._frames = DeltaFrames("thread.message.delta", self._delta(index, "refusal", "\0"))
        return self._frames.of(text)

    def annotate(self, annotation: Mapping[str, Any]) -> list[bytes]:
        """Cites the text so far; before any text it opens an empty one."""
        frames = [] if self._parts and self._parts[-1].kind == "text" else [self.text("")]
        annotations = self._parts[-1].annotations
        delta = {"annotations": [{"index": len(annotations), **annotation}]}
        annotations.append(dict(annotation))
        return [*frames, self._frame(len(self._parts) - 1, "text", delta)]

    def image(self, file_id: str) -> bytes:
        value = {"type": "image_file", "image_file": {"file_id": file_id, "detail": "auto"}}
        index = self._open(_Part("image_file", value=value))
        self._frames = None
        return self._frame(index, "image_file", value["image_file"])

    def end(self, changes: Changes, end: End) -> None:
        if not self._parts:
            self._open(_Part("text"))  # the model said nothing: clients still find a text to show
        self.message["content"] = self.written()[self.message["id"]]
        end_message(self.message, end.now)
        changes.message(self.message, "completed")
        self.step["usage"] = end.usage
        end_step(self.step, "completed", end.now)
        changes.step(self.step, "completed", extra=end.extra)

    def written(self) -> dict[str, list[Object]]:
        """The content so far, by the message's id."""
        return {self.message["id"]: [part.content() for part in self._parts]}

    def _open(self, part: _Part) -> int:
        self._parts.append(part)
        return len(self._parts) - 1

    def _delta(self, index: int, kind: str, value: Any) -> Object:
        content = [{"index": index, "type": kind, kind: value}]
        return {"id": self.message["id"], "object": "thread.message.delta", "delta": {"content": content}}

    def _frame(self, index: int, kind: str, value: Any) -> bytes:
        return frame("thread.message.delta", dump(self._delta(index, kind, value)))


class _ToolStepWriter:
    def __init__(self, run: Object, now: int, changes: Changes) -> None:
        self.step = tool_step(run, now)
        changes.step(self.step, "created", "in_progress", new=True)

    def calls(self) -> list[Object]:
        raise NotImplementedError

    def keep(self, changes: Changes, extra: Object) -> None:
        """The step goes on: its calls wait for their outputs."""
        self.step["step_details"]["tool_calls"] = self.calls()
        changes.step(self.step, extra=extra)

    def end(self, changes: Changes, end: End) -> None:
        self.step["step_details"]["tool_calls"] = self.calls()
        self.step["usage"] = end.usage
        end_step(self.step, "completed", end.now)
        changes.step(self.step, "completed", extra=end.extra)

    def written(self) -> dict[str, list[Object]]:
        """The calls so far, by the step's id."""
        return {self.step["id"]: self.calls()}

    def _delta(self, call: Object) -> Object:
        details = {"type": "tool_calls", "tool_calls": [call]}
        return {"id": self.step["id"], "object": "thread.run.step.delta", "delta": {"step_details": details}}

    def _frame(self, call: Object) -> bytes:
        return frame("thread.run.step.delta", dump(self._delta(call)))


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    frames: DeltaFrames | None
    """None: the service answers it; what the model wrote for it is not shown piece by piece."""
    pieces: list[str] = field(default_factory=list)
    answer: ToolAnswer | None = None

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    def shown(self) -> Object:
        if self.frames is not None:
            return function_call(self.id, self.name, self.arguments)
        return {"id": self.id, "type": self.name, **(self.answer.call if self.answer else {self.name: {}})}


class CallsWriter(_ToolStepWriter):
    """Calls that somebody must answer: the client, or the service itself (`own`: names of those)."""

    def __init__(self, run: Object, now: int, changes: Changes, own: frozenset[str]) -> None:
        super().__init__(run, now, changes)
        self._own = own
        self._calls: list[_Call] = []

    def start(self, call_id: str, name: str) -> bytes:
        index = len(self._calls)
        if not call_id or any(call.id == call_id for call in self._calls):
            call_id = new_id("call")
        if name in self._own:
            self._calls.append(_Call(call_id, name, None))
            return self._frame({"index": index, "id": call_id, "type": name, name: {}})
        later = {"index": index, "type": "function", "function": {"arguments": "\0"}}
        self._calls.append(_Call(call_id, name, DeltaFrames("thread.run.step.delta", self._delta(later))))
        return self._frame({"index": index, **function_call(call_id, name, "")})

    def arguments(self, index: int, fragment: str) -> bytes | None:
        call = self._calls[index]
        call.pieces.append(fragment)
        return call.frames.of(fragment) if call.frames else None

    def count(self) -> int:
        return len(self._calls)

    def calls(self) -> list[Object]:
        return [call.shown() for call in self._calls]

    def for_client(self) -> list[Object]:
        return [call.shown() for call in self._calls if call.frames is not None]

    def for_service(self) -> list[_Call]:
        return [call for call in self._calls if call.frames is None]

    def answered(self) -> Object:
        """What the model reads of the service's own answers, by call id; kept beside the step."""
        return {
            call.id: {"arguments": call.arguments, "output": call.answer.output}
            for call in self._calls
            if call.answer is not None
        }


class HostedWriter(_ToolStepWriter):
    """Calls that the endpoint runs itself; it gives newer and newer pictures of each."""

    def __init__(self, run: Object, now: int, changes: Changes, contents: bool = False) -> None:
        """`contents`: frames show the texts that file search found."""
        super().__init__(run, now, changes)
        self._contents = contents
        self._pictures: dict[str, Object] = {}

    def picture(self, call: Mapping[str, Any]) -> bytes | None:
        """None when it says nothing new."""
        old = self._pictures.get(call["id"])
        new = dict(call)
        self._pictures[call["id"]] = new
        index = list(self._pictures).index(call["id"])
        if old is None:
            return self._frame({"index": index, **_indexed(self._shown(new))})
        delta = _code_delta(old, new) if new["type"] == "code_interpreter" else _search_delta(old, self._shown(new))
        return self._frame({"index": index, "id": new["id"], "type": new["type"], **delta}) if delta else None

    def calls(self) -> list[Object]:
        return list(self._pictures.values())

    def _shown(self, call: Object) -> Object:
        results = (call.get("file_search") or {}).get("results")
        if self._contents or not results:
            return call
        bare = [{key: value for key, value in result.items() if key != "content"} for result in results]
        return {**call, "file_search": {**call["file_search"], "results": bare}}


def _indexed(call: Object) -> Object:
    """Clients add deltas up by index, so a list inside carries one."""
    if call["type"] != "code_interpreter":
        return call
    code = call["code_interpreter"]
    outputs = [{"index": n, **output} for n, output in enumerate(code.get("outputs") or ())]
    return {**call, "code_interpreter": {"input": code.get("input", ""), "outputs": outputs}}


def _code_delta(old: Object, new: Object) -> Object:
    before, after = old["code_interpreter"], new["code_interpreter"]
    said, shown = len(before.get("input", "")), len(before.get("outputs") or ())
    delta: Object = {}
    if fragment := after.get("input", "")[said:]:
        delta["input"] = fragment
    if outputs := list(enumerate(after.get("outputs") or ()))[shown:]:
        delta["outputs"] = [{"index": n, **output} for n, output in outputs]
    return {"code_interpreter": delta} if delta else {}


def _search_delta(old: Object, new: Object) -> Object:
    kind = new["type"]
    delta = {key: value for key, value in (new.get(kind) or {}).items() if key not in (old.get(kind) or {})}
    return {kind: delta} if delta else {}

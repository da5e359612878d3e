"""One reply and one tool call while they stream. A delta costs the same however long the reply already is: fragments
are kept, and joined when a whole message is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from playground_tui.workspace.api_objects import (
    PART_GAP,
    Content,
    as_dict,
    as_list,
    as_text,
    attachments_of,
    call_of,
    content_of,
    content_parts,
    message_status,
    moment,
    part_annotations,
    part_image,
    part_text,
)
from playground_tui.workspace.citations import citations_of
from playground_tui.workspace.values import ChatMessage, ReplyFacts, ToolCallView


@dataclass(slots=True)
class CallInProgress:
    """A tool call as its step deltas build it."""

    step_id: str
    run_id: str
    started: float
    """Monotonic seconds."""
    id: str = ""
    view: ToolCallView | None = None
    arguments: list[str] = field(default_factory=list)
    untold: bool = False
    """It grew since it was last shown: arguments in the making are not, whole ones are."""

    def grow(self, raw: dict[str, Any]) -> bool:
        """Take one delta. True when it is the first that says what is called."""
        first = self.view is None
        self.id = self.id or as_text(raw.get("id"))
        function = as_dict(raw.get("function"))
        fragment = as_text(function.get("arguments")) or as_text(as_dict(raw.get("code_interpreter")).get("input"))
        self.arguments.append(fragment)
        if first:
            self.view = call_of(
                {**raw, "id": self.id or f"local_{self.step_id}"}, run_id=self.run_id, step_id=self.step_id
            )
        elif self.view is not None and (name := as_text(function.get("name"))) and not self.view.name:
            self.view = replace(self.view, name=name)
        self.untold = not first
        return first

    def settle(self, view: ToolCallView, now: float) -> None:
        """The whole call as a step or `required_action` gave it."""
        known = self.view
        seconds = known.seconds if known is not None else None
        if view.done and seconds is None:
            seconds = max(0.0, now - self.started)
        self.id = view.id
        arguments = view.arguments or "".join(self.arguments)
        self.arguments = [arguments]
        self.view = replace(view, arguments=arguments, seconds=seconds, step_id=view.step_id or self.step_id)

    def whole(self) -> ToolCallView | None:
        return replace(self.view, arguments="".join(self.arguments)) if self.view is not None else None


@dataclass(slots=True)
class ReplyInProgress:
    """One assistant message of the run; `local_…` while there are only tool calls."""

    id: str
    created_at: datetime
    run_id: str | None
    author: str
    facts: ReplyFacts | None = None
    status: str = "streaming"
    note: str = ""
    calls: list[CallInProgress] = field(default_factory=list)
    parts: dict[int, list[str]] = field(default_factory=dict)
    annotations: dict[int, list[Any]] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    attachments: tuple[str, ...] = ()
    refusal: bool = False
    final: dict[str, Any] | None = None
    """The message as `thread.message.completed` gave it: it wins over what the deltas built."""
    stale: bool = False
    """The stream starts over: the next thing heard of this message begins it anew."""

    @property
    def open(self) -> bool:
        return self.status == "streaming"

    @property
    def local(self) -> bool:
        return self.id.startswith("local_")

    @property
    def blank(self) -> bool:
        return not self.parts and not self.images and self.final is None

    def restart(self) -> None:
        self.parts, self.annotations, self.images, self.stale = {}, {}, [], False

    def grow(self, content: Any) -> str | None:
        """Take the parts of one delta. What was appended to the end of the text; None when it changed elsewhere."""
        appended: list[str] = []
        in_order = True
        for position, part in enumerate(content_parts(content)):
            index = as_dict(part).get("index")
            fragment = self._grow_part(index if isinstance(index, int) else position, part)
            in_order = in_order and fragment is not None
            appended.append(fragment or "")
        return "".join(appended) if in_order else None

    def _grow_part(self, index: int, part: Any) -> str | None:
        if annotations := part_annotations(part):
            self.annotations.setdefault(index, []).extend(annotations)
        if image := part_image(part):
            self.images.append(image)
            return None
        text = part_text(part)
        if not text:
            return ""
        if "refusal" in as_dict(part) and not self.refusal:
            self.refusal = True
            self.parts.setdefault(index, []).append(text)
            return None
        last = max(self.parts, default=index)
        gap = PART_GAP if self.parts and index not in self.parts else ""
        self.parts.setdefault(index, []).append(text)
        return gap + text if index >= last else None

    def settle(self, raw: dict[str, Any], *, complete: bool) -> None:
        """The whole message, as the server ended it; the event's name decides, whatever the status in it says."""
        self.stale = False
        self.final = raw if content_parts(raw.get("content")) else None
        self.attachments = attachments_of(raw)
        self.created_at = moment(raw.get("created_at")) or self.created_at
        status = "completed" if complete else "incomplete"
        self.status, self.note = message_status({**raw, "status": status})

    def end(self, status: str, note: str) -> bool:
        """The run ended: so did the reply, unless it had before. True when that changed it."""
        if not self.open:
            return False
        self.status, self.note = status, note
        return True

    def whole(self) -> ChatMessage:
        content = self._content()
        calls = tuple(view for call in self.calls if (view := call.whole()) is not None)
        return ChatMessage(
            self.id,
            "assistant",
            content.text,
            self.created_at,
            self.status,  # type: ignore[arg-type]
            author=self.author,
            run_id=self.run_id,
            calls=calls,
            citations=content.citations,
            images=content.images,
            attachments=self.attachments,
            refusal=content.refusal,
            note=self.note,
            facts=self.facts,
        )

    def _content(self) -> Content:
        if self.final is not None:
            return content_of(self.final.get("content"))
        texts: list[str] = []
        annotations: list[tuple[int, Any]] = []
        length = 0
        for index in sorted(self.parts):
            annotations.extend((length, item) for item in as_list(self.annotations.get(index)))
            texts.append("".join(self.parts[index]))
            length += len(texts[-1]) + len(PART_GAP)
        text = PART_GAP.join(texts)
        return Content(text, citations_of(text, annotations), tuple(self.images), self.refusal)

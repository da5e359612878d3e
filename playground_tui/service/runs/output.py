"""One completion of an engine → a run's messages, steps and stream events (wire.md §6).

`take` gives for each engine event what is to be done: a frame to send on at once, changes to store before their
frames are sent, or nothing. At most one message or step is being written: what follows it closes it, and each closing
is announced before that. Only calls that somebody must answer stay open to the end, whatever the endpoint says after
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from playground_tui.service.engines.base import (
    Annotation,
    CallArguments,
    CallStart,
    Carry,
    EngineEvent,
    Finish,
    HostedCall,
    ImageOutput,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    Usage,
)
from playground_tui.service.runs.changes import Changes
from playground_tui.service.runs.characters import Characters
from playground_tui.service.runs.citing import Sources
from playground_tui.service.runs.objects import Object, usage_object
from playground_tui.service.runs.tokens import text_tokens
from playground_tui.service.runs.writing import CallsWriter, End, HostedWriter, MessageWriter

Writer = MessageWriter | CallsWriter | HostedWriter


class Output:
    def __init__(
        self,
        run: Object,
        now: Callable[[], int],
        *,
        kind: str,
        parallel: bool = True,
        own: frozenset[str] = frozenset(),
        sources: Sources = (),
        contents: bool = False,
    ) -> None:
        """`sources`: what marks in the text may point at. `contents`: frames show what file search found. `kind`: the
        engine's. `parallel` False: of several calls only the first counts, the others are as if the
        model had not made them. `own`: tools that the service answers."""
        self._run, self._now, self._kind, self._parallel, self._own = run, now, kind, parallel, own
        self._sources, self._contents = sources, contents
        self._open: Writer | None = None
        self._aside: CallsWriter | None = None
        """Calls after which something else came."""
        self._index: dict[int, int] = {}
        self._carried: list[Mapping[str, Any]] = []
        self._usage: Usage | None = None
        self._last: Writer | None = None
        self._quarters = 0
        self._characters = Characters()
        self.finish: str | None = None
        """The engine's word for the end; None until then."""

    # -- engine events -------------------------------------------------------------------------------------------------

    def take(self, event: EngineEvent) -> bytes | Changes | None:
        match event:
            case TextDelta(text):
                return self._text(text)
            case CallArguments(index, fragment):
                return self._arguments(index, fragment)
            case RefusalDelta(text):
                text = self._characters.whole("refusal", text)
                self._count(text)
                return self._in_message(lambda message: [message.refusal(text)]) if text else None
            case Annotation(value):
                return self._in_message(lambda message: message.annotate(value))
            case ImageOutput(file_id):
                return self._in_message(lambda message: [message.image(file_id)])
            case CallStart():
                return self._start(event)
            case HostedCall(call):
                return self._hosted(call)
            case Carry(items):
                self._carried += items
            case Usage():
                self._usage = event
            case Finish(reason):
                self.finish = reason
                return self._back_to_calls()
            case ReasoningDelta(text):
                self._count(text)
        return None

    def _count(self, text: str) -> None:
        self._quarters += len(text) if text.isascii() else 4 * text_tokens(text)

    @property
    def said(self) -> int:
        """Estimated tokens of what came."""
        return (self._quarters + 3) // 4

    def _text(self, text: str) -> bytes | Changes | None:
        text = self._characters.whole("text", text)
        writer = self._open
        if not text or (isinstance(writer, CallsWriter) and text.isspace()):
            return None
        self._count(text)
        if isinstance(writer, MessageWriter):
            return writer.text(text)
        return self._in_message(lambda message: [message.text(text)])

    def _in_message(self, write: Callable[[MessageWriter], list[bytes]]) -> bytes | Changes:
        if isinstance(self._open, MessageWriter):
            return b"".join(write(self._open))
        changes = self._close()
        self._open = writer = MessageWriter(self._run, self._now(), changes, self._sources)
        changes.frames += write(writer)
        return changes

    def _start(self, event: CallStart) -> bytes | Changes | None:
        if self.calls is not None and not self._parallel:
            return None
        changes = self._back_to_calls()
        writer = self._open
        if not isinstance(writer, CallsWriter):
            changes = self._close()
            self._open = writer = CallsWriter(self._run, self._now(), changes, self._own)
        self._index[event.index] = writer.count()
        begun = writer.start(event.call_id, event.name)
        if changes is None:
            return begun
        changes.frames.append(begun)
        return changes

    def _arguments(self, index: int, fragment: str) -> bytes | None:
        calls, fragment = self.calls, self._characters.whole(index, fragment)
        if index not in self._index or calls is None or not fragment:
            return None
        self._count(fragment)
        return calls.arguments(self._index[index], fragment)

    def _hosted(self, call: Mapping[str, Any]) -> bytes | Changes | None:
        if isinstance(self._open, HostedWriter):
            return self._open.picture(call)
        changes = self._close()
        self._open = writer = HostedWriter(self._run, self._now(), changes, self._contents)
        changes.frames.append(writer.picture(call) or b"")
        return changes

    def _close(self) -> Changes:
        changes = Changes(self._contents)
        if isinstance(self._open, CallsWriter):
            self._aside, self._open = self._open, None
            return changes
        if self._open is not None:
            self._open.end(changes, End(self._now(), usage_object(0, 0)))
        self._last, self._open = self._open, None
        return changes

    def _back_to_calls(self) -> Changes | None:
        """None: nothing came after them."""
        if self._aside is None:
            return None
        changes = self._close()
        self._open, self._aside = self._aside, None
        return changes

    # -- the end -------------------------------------------------------------------------------------------------------

    def usage(self, prompt_estimate: int) -> Object:
        """What the completion used: the endpoint's count, else an estimate, marked as one."""
        if self._usage is None:
            return usage_object(prompt_estimate, self.said, estimated=True)
        u = self._usage
        return usage_object(u.prompt_tokens, u.completion_tokens, u.cached_tokens, u.reasoning_tokens)

    @property
    def calls(self) -> CallsWriter | None:
        """The calls to be answered, once the engine has finished."""
        return self._open if isinstance(self._open, CallsWriter) else self._aside

    def extra(self, usage: Object | None = None) -> Object | None:
        """What is kept beside the completion's last step."""
        extra: Object = {}
        if self._carried:
            extra |= {"carry": [dict(item) for item in self._carried], "kind": self._kind}
        if self.calls is not None:
            extra |= {"usage": usage, "answered": self.calls.answered()}
        return extra or None

    def end(self, changes: Changes, end: End) -> None:
        """Close what is open. When the model said nothing at all, that becomes an empty message."""
        if self._open is None:
            self._open = MessageWriter(self._run, end.now, changes)
        self._open.end(changes, end)
        self._last, self._open = self._open, None

    def written(self) -> dict[str, list[Object]]:
        """What was written last, by message or step id; for an end that came from outside."""
        writer = self._open or self._last
        written = writer.written() if writer is not None else {}
        return written if self._aside is None else written | self._aside.written()

"""A reply on its way to standard output, and the whole of it as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from playground_tui.cli.output import Out
from playground_tui.workspace.values import Added, Changed, ChatMessage, Grew

if TYPE_CHECKING:
    from playground_tui.workspace.values import ConversationChange

GAP = "\n\n"
"""Between two messages of one reply."""


class ReplyWriter:
    """Writes each character once, however often the stream begins again."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._now: dict[str, str] = {}
        """Message id → its text as it stands."""
        self._written: dict[str, int] = {}
        """Message id → characters that are out."""
        self._any = False
        self._ends_line = True

    def take(self, changes: Iterable[ConversationChange]) -> None:
        """Raises `OutputClosed` and `CommandFailed`, as `Out.write`."""
        for change in changes:
            if isinstance(change, Grew):
                self._now[change.message_id] = self._now.get(change.message_id, "") + change.fragment
                self._write(change.message_id)
            elif isinstance(change, Added):
                self._replace(change.message.id, change.message)
            elif isinstance(change, Changed):
                self._replace(change.old_id, change.message)

    def _replace(self, old_id: str, message: ChatMessage) -> None:
        if message.role != "assistant":
            return
        self._now.pop(old_id, None)
        if old_id in self._written:
            self._written[message.id] = self._written.pop(old_id)
        self._now[message.id] = message.text
        self._write(message.id)

    def _write(self, message_id: str) -> None:
        text, done = self._now[message_id], self._written.get(message_id, 0)
        if len(text) <= done:
            return
        fresh = text[done:]
        if done == 0 and self._any:
            fresh = GAP + fresh
        self._written[message_id] = len(text)
        self._any = True
        self._ends_line = fresh.endswith("\n")
        self._out.write(fresh)

    @property
    def in_line(self) -> bool:
        """The last line that was written has no end yet."""
        return not self._ends_line

    def end(self) -> None:
        """A reply ends with a line feed."""
        if self.in_line:
            self._ends_line = True
            self._out.write("\n")


def parsed(text: str) -> dict[str, Any]:
    """`{"parsed": value}` where the text is JSON, else nothing."""
    try:
        return {"parsed": json.loads(text, parse_constant=_no_constant)}
    except (ValueError, RecursionError):
        return {}


def _no_constant(name: str) -> None:
    raise ValueError(name)


def message_json(message: ChatMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "role": message.role,
        "status": message.status,
        "text": message.text,
        "refusal": message.refusal,
        "citations": [
            {"mark": c.mark, "label": c.label, "file": c.file_id, "start": c.start, "end": c.end}
            for c in message.citations
        ],
        "images": list(message.images),
    }


def usage_json(usage: Any) -> dict[str, int] | None:
    from playground_tui.workspace.api_objects import tokens_of

    tokens = tokens_of(usage)
    if tokens is None:
        return None
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "cached_tokens": tokens.cached,
        "reasoning_tokens": tokens.reasoning,
    }

"""A message as the local record keeps it: its text apart, for the search, and the rest as JSON."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from playground_tui.workspace.api_objects import as_dict, as_list, as_text, moment
from playground_tui.workspace.store.messages import MessageRecord
from playground_tui.workspace.values import ChatMessage, Citation, ReplyFacts, TokenUse, ToolCallView

T = TypeVar("T")


ENDED_EARLY: Final = ("stopped", "failed", "incomplete")
"""Not every server keeps that a reply was cut short."""


def to_record(message: ChatMessage) -> MessageRecord:
    body: dict[str, Any] = {
        "role": message.role,
        "created_at": message.created_at.timestamp(),
        "status": message.status,
        "author": message.author,
        "run_id": message.run_id,
        "calls": [asdict(call) for call in message.calls],
        "citations": [asdict(citation) for citation in message.citations],
        "images": message.images,
        "attachments": message.attachments,
        "refusal": message.refusal,
        "note": message.note,
        "facts": asdict(message.facts) if message.facts is not None else None,
    }
    kept = {key: value for key, value in body.items() if value}
    return MessageRecord(message.id, message.text, json.dumps(kept, ensure_ascii=False))


def from_record(record: MessageRecord) -> ChatMessage:
    """A record that another version wrote is read as far as it is understood."""
    body = as_dict(json.loads(record.body))
    return ChatMessage(
        record.id,
        "user" if body.get("role") == "user" else "assistant",
        record.text,
        moment(body.get("created_at")) or datetime.fromtimestamp(0, UTC),
        body.get("status") or "complete",
        author=as_text(body.get("author")),
        run_id=as_text(body.get("run_id")) or None,
        calls=_all(ToolCallView, body.get("calls")),
        citations=_all(Citation, body.get("citations")),
        images=tuple(as_list(body.get("images"))),
        attachments=tuple(as_list(body.get("attachments"))),
        refusal=bool(body.get("refusal")),
        note=as_text(body.get("note")),
        facts=_facts(body.get("facts")),
    )


def _facts(raw: Any) -> ReplyFacts | None:
    if not isinstance(raw, dict):
        return None
    tokens = _all(TokenUse, [raw.get("tokens")])
    overrides = tuple(name for name in as_list(raw.get("overrides")) if isinstance(name, str))
    return _all(ReplyFacts, [{**raw, "tokens": tokens[0] if tokens else None, "overrides": overrides}])[0]


def _all(made: type[T], raws: Any) -> tuple[T, ...]:
    """Values of a dataclass from what is known of them."""
    names = {f.name for f in fields(made)}  # type: ignore[arg-type]
    found = []
    for raw in as_list(raws):
        with suppress(TypeError):
            if isinstance(raw, dict):
                found.append(made(**{key: value for key, value in raw.items() if key in names}))
    return tuple(found)


def with_record(message: ChatMessage, known: ChatMessage | None) -> ChatMessage:
    """The server's message with what only the record has: calls, facts, the author's name of then."""
    if known is None or known.role != message.role:
        return message
    ended = message.status == "complete" and known.status in ENDED_EARLY and known.text == message.text
    return replace(
        message,
        status=known.status if ended else message.status,
        author=known.author or message.author,
        calls=message.calls or known.calls,
        facts=message.facts or known.facts,
        note=message.note or known.note,
    )

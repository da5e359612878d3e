"""Threads made out of messages that exist: branches, imports, threads that a server lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from playground_tui.workspace.api_objects import as_dict, as_list, as_text, content_parts, part_text, reading_order
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.values import ChatMessage

PAGE: Final = 100
PAGES: Final = 1_000
AT_ONCE: Final = 32
"""Messages that one request may make."""
Body = dict[str, Any]


async def all_messages(api: ThreadApi, thread_id: str) -> list[Body]:
    """Every message of a thread in reading order. Raises what the client raises."""
    found: dict[str, Body] = {}
    after = ""
    for _ in range(PAGES):
        page = await api.list_messages(thread_id, PAGE, after=after)
        fresh = [raw for raw in page.data if as_text(raw.get("id")) and raw["id"] not in found]
        found.update((raw["id"], raw) for raw in fresh)
        if not page.has_more or not fresh:
            break
        after = fresh[-1]["id"]
    return reading_order(list(found.values()))


async def make_thread_of(
    api: ThreadApi, messages: Sequence[Body], metadata: Mapping[str, Any], tool_resources: Any = None
) -> str:
    """A new thread with these messages, in requests of as many as the API takes. When one fails, the thread is deleted
    again. Returns its id. Raises FailureError and what the client raises."""
    raw = await api.create_thread(metadata, messages[:AT_ONCE], as_dict(tool_resources) or None)
    thread_id = as_text(raw.get("id"))
    if not thread_id:
        raise FailureError(Failure("server", "The server's answer to a new thread makes no sense: it has no id."))
    try:
        for message in messages[AT_ONCE:]:
            await api.create_message(thread_id, message)
    except BaseException:
        with suppress(Exception):
            await api.delete_thread(thread_id)
        raise
    return thread_id


def body_of(raw: Mapping[str, Any]) -> Body | None:
    """A message as it is made again on the same server; None for one that holds nothing. Its citations' marks stay in
    the text, what they point to cannot be made."""
    role = "assistant" if raw.get("role") == "assistant" else "user"
    parts = [part for item in content_parts(raw.get("content")) if (part := _part(item)) is not None]
    if not parts:
        return None
    plain = all(part["type"] == "text" for part in parts)
    content: Any = "\n\n".join(part["text"] for part in parts) if plain else parts
    body: Body = {"role": role, "content": content}
    if metadata := as_dict(raw.get("metadata")):
        body["metadata"] = metadata
    attachments = [item for item in as_list(raw.get("attachments")) if as_text(as_dict(item).get("file_id"))]
    if attachments and role == "user":
        body["attachments"] = [{"file_id": a["file_id"], "tools": as_list(a.get("tools"))} for a in attachments]
    return body


def body_of_record(message: ChatMessage) -> Body | None:
    """The same for what this machine kept of a message."""
    images = [
        {"type": "image_url", "image_url": {"url": image}}
        if "://" in image
        else {"type": "image_file", "image_file": {"file_id": image}}
        for image in message.images
    ]
    text = [{"type": "text", "text": message.text}] if message.text.strip() else []
    if not text and not images:
        return None
    content: Any = [*text, *images] if images else message.text
    return {"role": message.role, "content": content}


def _part(item: Any) -> Body | None:
    part = as_dict(item)
    for kind, key in (("image_file", "file_id"), ("image_url", "url")):
        if as_text(as_dict(part.get(kind)).get(key)):
            return {"type": kind, kind: part[kind]}
    text = part_text(item)
    return {"type": "text", "text": text} if text else None

"""Thread dumps in the shapes people have them → messages that can be created, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground_tui.limits import METADATA

MAX_TITLE = 80


def messages_of(data: Any) -> list[Any] | None:
    """The messages a dump holds (`{messages: […]}`, a list object of them, or a bare list); None: no thread dump."""
    if isinstance(data, list):
        return data if data and all(_is_message(item) for item in data) else None
    if not isinstance(data, Mapping):
        return None
    inner = data.get("messages")
    if isinstance(inner, Mapping) and isinstance(inner.get("data"), list):
        inner = inner["data"]
    # A prompt object has messages too, beside its own fields; a dump of chat turns has a person's or a reply.
    if isinstance(inner, list) and inner and not str(data.get("id", "")).startswith("pmpt_"):
        return inner if any(_is_message(m) and m["role"] in ("user", "assistant") for m in inner) else None
    return None


def _is_message(item: Any) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get("role"), str) and "content" in item


def clean_messages(messages: list[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """(messages as `messages.create` takes them, oldest first; sentences on what was not taken)."""
    clean: list[dict[str, Any]] = []
    left_out: dict[str, int] = {}
    for message in _oldest_first(messages):
        role = message.get("role") if isinstance(message, Mapping) else None
        if role not in ("user", "assistant"):
            _count(left_out, f"messages of role {str(role)[:30]}")
            continue
        content = _content(message.get("content"), left_out)
        if not content:
            _count(left_out, "empty messages")
            continue
        made: dict[str, Any] = {"role": role, "content": content}
        metadata = message.get("metadata")
        if metadata and METADATA.check(metadata, "metadata") is None:
            made["metadata"] = dict(metadata)
        clean.append(made)
    return clean, [f"{count} {what} left out." for what, count in left_out.items()]


def thread_title(data: Any, messages: list[dict[str, Any]]) -> tuple[str, dict[str, str]]:
    """(title, metadata). The title is the thread's own, else the start of its first message."""
    thread = data.get("thread", data) if isinstance(data, Mapping) else {}
    metadata = thread.get("metadata") if isinstance(thread, Mapping) else None
    if not isinstance(metadata, Mapping) or METADATA.check(dict(metadata), "metadata") is not None:
        metadata = {}
    title = str(metadata.get("title") or "") or _start(messages[0]["content"])
    return title, dict(metadata)


def _start(content: Any) -> str:
    text = content if isinstance(content, str) else next((p["text"] for p in content if p["type"] == "text"), "")
    line = " ".join(text.split())
    return line[: MAX_TITLE - 1] + "…" if len(line) > MAX_TITLE else line or "Imported thread"


def _oldest_first(messages: list[Any]) -> list[Any]:
    """The API lists the newest first; a dump without times is taken to stand in order."""
    times = [m.get("created_at") for m in messages if isinstance(m, Mapping)]
    numbers = [t for t in times if isinstance(t, int | float)]
    if len(numbers) == len(messages) and len(numbers) > 1 and numbers[0] > numbers[-1]:
        return messages[::-1]
    return messages


def _content(content: Any, left_out: dict[str, int]) -> str | list[dict[str, Any]]:
    if isinstance(content, str):
        return content
    parts = [p for part in (content if isinstance(content, list) else []) if (p := _part(part, left_out))]
    if all(p["type"] == "text" for p in parts):
        return "\n".join(p["text"] for p in parts)
    return parts


def _part(part: Any, left_out: dict[str, int]) -> dict[str, Any] | None:
    if isinstance(part, str):
        return {"type": "text", "text": part} if part else None
    if not isinstance(part, Mapping):
        return None
    text = part.get("text") if part.get("type") != "refusal" else part.get("refusal")
    if isinstance(text, Mapping):
        text = text.get("value")
    if isinstance(text, str):
        return {"type": "text", "text": text} if text else None
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, Mapping) else image
    if isinstance(url, str) and url:
        return {"type": "image_url", "image_url": {"url": url}}
    _count(left_out, f"parts of type {str(part.get('type'))[:30]}")
    return None


def _count(counts: dict[str, int], what: str) -> None:
    counts[what] = counts.get(what, 0) + 1

"""A thread as a file: Markdown with front matter to read, JSON to keep whole, a JSONL line to train and test on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

ThreadFormat = Literal["markdown", "json", "jsonl"]
THREAD_SUFFIXES: dict[ThreadFormat, str] = {"markdown": ".md", "json": ".json", "jsonl": ".jsonl"}


def thread_text(
    thread: Mapping[str, Any], messages: Iterable[Mapping[str, Any]], form: ThreadFormat, *, title: str = ""
) -> str:
    """The file's text. `thread` and `messages` are API objects, the messages oldest first."""
    listed = list(messages)
    if form == "json":
        return json.dumps({"thread": dict(thread), "messages": listed}, indent=2, ensure_ascii=False) + "\n"
    if form == "jsonl":
        return json.dumps({"messages": [_turn(m) for m in listed if _text(m)]}, ensure_ascii=False) + "\n"
    return _markdown(thread, listed, title)


def _markdown(thread: Mapping[str, Any], messages: list[Mapping[str, Any]], title: str) -> str:
    from playground_tui.settings.yaml_text import dump_yaml

    head: dict[str, Any] = {"title": title or (thread.get("metadata") or {}).get("title") or "Thread"}
    head["thread"] = thread.get("id", "")
    if isinstance(thread.get("created_at"), int):
        head["created"] = _time(thread["created_at"])
    if metadata := {k: v for k, v in (thread.get("metadata") or {}).items() if k != "title"}:
        head["metadata"] = metadata
    parts = [f"---\n{dump_yaml(head)}---\n"]
    for message in messages:
        when = message.get("created_at")
        time = f" · {_time(when)}" if isinstance(when, int) else ""
        parts.append(f"## {_speaker(message)}{time}\n\n{_text(message)}\n")
    return "\n".join(parts)


def _speaker(message: Mapping[str, Any]) -> str:
    return "Assistant" if message.get("role") == "assistant" else "You"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _turn(message: Mapping[str, Any]) -> dict[str, str]:
    return {"role": str(message.get("role", "user")), "content": _text(message)}


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n\n".join(text for part in parts if isinstance(part, Mapping) and (text := _part(part)))


def _part(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    if isinstance(text, Mapping):
        text = text.get("value")
    if isinstance(text, str):
        return text
    if isinstance(part.get("refusal"), str):
        return str(part["refusal"])
    image = part.get("image_url") or part.get("image_file")
    if isinstance(image, Mapping):
        return f"![image]({image.get('url') or image.get('file_id') or ''})"
    return ""

"""A thread as a file: Markdown with front matter to read, JSON to keep whole, a JSONL line to train and test on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

ThreadFormat = Literal["markdown", "json", "jsonl"]
Calls = Mapping[str, Sequence[Mapping[str, Any]]]
THREAD_SUFFIXES: dict[ThreadFormat, str] = {"markdown": ".md", "json": ".json", "jsonl": ".jsonl"}


def thread_text(
    thread: Mapping[str, Any],
    messages: Iterable[Mapping[str, Any]],
    form: ThreadFormat,
    *,
    title: str = "",
    calls: Calls | None = None,
    notes: Mapping[str, str] | None = None,
    system: str = "",
) -> str:
    """The file's text. `thread` and `messages` are API objects, the messages oldest first. `calls`: message id → the
    tool calls before it (`id`, `type`, `name`, `arguments`, `output`). `system` begins a JSONL line."""
    listed, calls, notes = list(messages), calls or {}, notes or {}
    if form == "json":
        more = {name: dict(value) for name, value in (("calls", calls), ("notes", notes)) if value}
        return json.dumps({"thread": dict(thread), "messages": listed, **more}, indent=2, ensure_ascii=False) + "\n"
    if form == "jsonl":
        turns = [{"role": "system", "content": system}] if system else []
        for message in listed:
            turns += _turns(message, calls.get(str(message.get("id")), ()))
        return json.dumps({"messages": turns}, ensure_ascii=False) + "\n"
    return _markdown(thread, listed, title, calls, notes)


def _markdown(
    thread: Mapping[str, Any],
    messages: list[Mapping[str, Any]],
    title: str,
    calls: Calls,
    notes: Mapping[str, str],
) -> str:
    from playground_tui.settings.yaml_text import dump_yaml

    head: dict[str, Any] = {"title": title or (thread.get("metadata") or {}).get("title") or "Thread"}
    head["thread"] = thread.get("id", "")
    if isinstance(thread.get("created_at"), int):
        head["created"] = _time(thread["created_at"])
    if metadata := {k: v for k, v in (thread.get("metadata") or {}).items() if k != "title"}:
        head["metadata"] = metadata
    parts = [f"---\n{dump_yaml(head)}---\n"]
    for message in messages:
        when, key = message.get("created_at"), str(message.get("id"))
        time = f" · {_time(when)}" if isinstance(when, int) else ""
        pieces = [f"## {_speaker(message)}{time}", *map(_called, calls.get(key, ())), _text(message)]
        pieces += [_sources(message), f"> **Note:** {_quoted(notes[key])}" if key in notes else ""]
        parts.append("\n\n".join(piece for piece in pieces if piece) + "\n")
    return "\n".join(parts)


def _called(call: Mapping[str, Any]) -> str:
    """A call and its output as fenced blocks; the fence is longer than any in them."""
    lines = [f"**Called {call.get('name') or call.get('type')}**", _fenced(str(call.get("arguments") or ""))]
    output = call.get("output")
    if isinstance(output, str):
        lines.append(_fenced(output))
    return "\n\n".join(line for line in lines if line)


def _fenced(text: str) -> str:
    if not text:
        return ""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _quoted(text: str) -> str:
    return text.replace("\n", "\n> ")


def _sources(message: Mapping[str, Any]) -> str:
    """What the marks in the text stand for."""
    content = message.get("content")
    found: dict[str, str] = {}
    for part in content if isinstance(content, list) else []:
        text = part.get("text") if isinstance(part, Mapping) else None
        for annotation in (text.get("annotations") if isinstance(text, Mapping) else None) or []:
            kind = annotation.get("type") if isinstance(annotation, Mapping) else None
            target = annotation.get(kind) if kind else None
            if isinstance(target, Mapping) and isinstance(annotation.get("text"), str):
                found[annotation["text"]] = str(target.get("filename") or target.get("file_id") or "")
    return "\n".join(f"- {mark}: {name}" for mark, name in found.items())


def _speaker(message: Mapping[str, Any]) -> str:
    return "Assistant" if message.get("role") == "assistant" else "You"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _turns(message: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A message with the function calls before it, as Chat Completions has them."""
    answered = [c for c in calls if c.get("type") == "function" and isinstance(c.get("output"), str)]
    turns: list[dict[str, Any]] = []
    if answered:
        turns.append({"role": "assistant", "tool_calls": [_tool_call(call) for call in answered]})
        turns += [{"role": "tool", "tool_call_id": call["id"], "content": call["output"]} for call in answered]
    if text := _text(message):
        turns.append({"role": str(message.get("role", "user")), "content": text})
    return turns


def _tool_call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": call.get("name"), "arguments": call.get("arguments")}
    return {"id": call["id"], "type": "function", "function": function}


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

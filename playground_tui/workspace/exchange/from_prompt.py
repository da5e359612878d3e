"""Prompt objects (they end on 2026-11-30) → an assistant's fields. Both spellings are met: `{id, version, variables}`
and `{prompt_id, prompt_version, …}`, snake or camel case, alone or under a `prompt` key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ID = ("id", "prompt_id", "promptId")
_VERSION = ("version", "prompt_version", "promptVersion")
_VARIABLES = ("variables", "prompt_variables", "promptVariables")
_TEXT = ("instructions", "developer_message", "developerMessage", "system", "system_message", "systemMessage")
_CAMEL = {
    "topP": "top_p",
    "responseFormat": "response_format",
    "reasoningEffort": "reasoning_effort",
    "modelId": "model",
    "model_id": "model",
}
_KEPT = ("name", "description", "model", "temperature", "top_p", "tools", "response_format", "reasoning_effort")


def is_prompt(data: Mapping[str, Any]) -> bool:
    if isinstance(data.get("prompt"), Mapping):
        return is_prompt(data["prompt"]) or _is_named(data["prompt"])
    return _is_named(data) or data.get("object") in ("prompt", "prompt.version")


def _is_named(data: Mapping[str, Any]) -> bool:
    named = _first(data, _ID)
    return isinstance(named, str) and named.startswith("pmpt_")


def prompt_fields(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """(fields as an assistant names them, sentences on what was changed). `instructions` is missing where the file
    only names the prompt."""
    inner = data.get("prompt") if isinstance(data.get("prompt"), Mapping) else {}
    merged: dict[str, Any] = {**data, **(inner or {})}
    merged.pop("prompt", None) if isinstance(data.get("prompt"), Mapping) else None
    merged = {_CAMEL.get(name, name): value for name, value in merged.items()}
    fields = {name: merged[name] for name in _KEPT if merged.get(name) is not None}
    notes: list[str] = []
    if text := _instructions(merged):
        fields["instructions"] = text
    _response_form(merged, fields)
    _effort(merged, fields)
    if isinstance(fields.get("tools"), list):
        fields["tools"] = _tools(fields["tools"], merged, fields, notes)
    fields["metadata"] = _origin(merged)
    if variables := _variables(merged, text or ""):
        notes.append(f"Variables stay as {{{{name}}}} in the instructions: {', '.join(variables)}.")
    return fields, notes


def _first(data: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((data[name] for name in names if data.get(name) is not None), None)


def _instructions(data: Mapping[str, Any]) -> str | None:
    """The prompt's text: the instructions and every developer or system message, in order."""
    texts = [text for name in _TEXT if isinstance(text := data.get(name), str) and text]
    listed = data.get("messages") or data.get("input")
    for message in listed if isinstance(listed, list) else []:
        if isinstance(message, Mapping) and message.get("role") in ("developer", "system"):
            texts.append(_plain(message.get("content")))
    if not texts and isinstance(data.get("prompt"), str):
        texts.append(data["prompt"])
    return "\n\n".join(dict.fromkeys(t for t in texts if t)) or None


def _plain(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(str(p["text"]) for p in parts if isinstance(p, Mapping) and isinstance(p.get("text"), str))


def _response_form(data: Mapping[str, Any], fields: dict[str, Any]) -> None:
    form = data["text"].get("format") if isinstance(data.get("text"), Mapping) else None
    if not isinstance(form, Mapping) or "response_format" in fields:
        return
    if form.get("type") == "json_schema" and "json_schema" not in form:
        fields["response_format"] = {
            "type": "json_schema",
            "json_schema": {k: v for k, v in form.items() if k != "type" and v is not None},
        }
    elif form.get("type") != "text":
        fields["response_format"] = dict(form)


def _effort(data: Mapping[str, Any], fields: dict[str, Any]) -> None:
    reasoning = data.get("reasoning")
    if isinstance(reasoning, Mapping) and reasoning.get("effort"):
        fields.setdefault("reasoning_effort", reasoning["effort"])


def _tools(tools: list[Any], data: Mapping[str, Any], fields: dict[str, Any], notes: list[str]) -> list[Any]:
    """Tools as Responses writes them (flat) → as an assistant has them."""
    made: list[Any] = []
    for tool in tools:
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        if kind == "function" and "function" not in tool:
            made.append({"type": "function", "function": {k: v for k, v in tool.items() if k != "type"}})
        elif kind == "file_search":
            made.append({"type": "file_search"})
            if stores := tool.get("vector_store_ids"):
                fields["tool_resources"] = {"file_search": {"vector_store_ids": list(stores)[:1]}}
        elif kind == "code_interpreter":
            made.append({"type": "code_interpreter"})
        elif kind == "function":
            made.append(dict(tool))
        else:
            notes.append(f"tools: an assistant has no {str(kind)[:40]}; it was left out.")
    return made


def _origin(data: Mapping[str, Any]) -> dict[str, str]:
    found = {"prompt_id": _first(data, _ID), "prompt_version": _first(data, _VERSION)}
    return {name: str(value)[:512] for name, value in found.items() if value is not None}


def _variables(data: Mapping[str, Any], text: str) -> list[str]:
    given = _first(data, _VARIABLES)
    if isinstance(given, Mapping):
        names = [str(name) for name in given]
    else:
        names = [str(v.get("name") if isinstance(v, Mapping) else v) for v in given or ()]
    return list(dict.fromkeys([*names, *re.findall(r"\{\{\s*([\w.-]+)\s*\}\}", text)]))

"""An assistant as some server or file had it → the fields that can be created here, and what became of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground_tui.limits import ASSISTANT_FIELDS, check_field
from playground_tui.limits.rules import plural

_SERVERS_OWN = {"id", "object", "created_at", "updated_at", "deleted", "tool_resources"}


def assistant_fields(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str], list[str]]:
    """(fields within the limits, sentences on what was changed, sentences on what was not taken)."""
    fields: dict[str, Any] = {}
    changed: list[str] = []
    not_taken: list[str] = []
    for name, value in data.items():
        if name == "tools" and isinstance(value, list):
            value = _tools(value, changed)
        elif name == "tool_resources":
            value = _resources(value, changed)
        elif name == "file_ids" and value:
            not_taken.append(
                f"file_ids: {plural(len(value), 'file')} of the first version of the API; to be attached again."
            )
            continue
        elif name == "metadata" and isinstance(value, Mapping):
            value = _metadata(value, changed)
        if name not in ASSISTANT_FIELDS:
            if name not in _SERVERS_OWN and value not in (None, [], {}):
                not_taken.append(f"{name[:60]}: not a field of an assistant.")
            continue
        if problem := check_field(name, value):
            not_taken.append(f"{name}: {problem.advice}")
            continue
        fields[name] = value
    return fields, changed, not_taken


def _tools(tools: list[Any], changed: list[str]) -> list[Any]:
    renamed = [
        {"type": "file_search"} if isinstance(tool, dict) and tool.get("type") == "retrieval" else tool
        for tool in tools
    ]
    if renamed != tools:
        changed.append("tools: retrieval is called file_search since version 2.")
    return [_without_nulls(tool) for tool in renamed]


def _without_nulls(tool: Any) -> Any:
    """Servers answer `ranking_options: null` and the like, which a request may not hold everywhere."""
    if not isinstance(tool, dict):
        return tool
    return {k: _without_nulls(v) if k in ("function", "file_search") else v for k, v in tool.items() if v is not None}


def _resources(value: Any, changed: list[str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    kept = {name: part for name, part in value.items() if part}
    if any(part.get("file_ids") or part.get("vector_store_ids") for part in kept.values() if isinstance(part, Mapping)):
        changed.append(
            "tool_resources: files and vector stores are only named; they stay on the server they came from."
        )
    return kept


def _metadata(value: Mapping[str, Any], changed: list[str]) -> dict[str, Any]:
    texts = {
        str(k): v if isinstance(v, str) else str(v) for k, v in value.items() if isinstance(v, str | int | float | bool)
    }
    if texts != dict(value):
        changed.append("metadata: values are text; others were written as text or left out.")
    return texts

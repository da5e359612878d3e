"""An assistant without what says nothing: servers fill in empty lists and defaults, each its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground_tui.workspace.documents import fields_of


def slim(doc: Mapping[str, Any]) -> dict[str, Any]:
    """The fields worth writing into a file: not null, not empty, and not `response_format: auto`, the default."""
    found = {name: _slim(value) for name, value in fields_of(doc).items()}
    return {name: value for name, value in found.items() if value not in ("", [], {}) and not _is_default(name, value)}


def _slim(value: Any) -> Any:
    """Without the nulls and empty objects that servers put inside tools and resources."""
    if isinstance(value, dict) and "parameters" not in value and "schema" not in value:
        return {name: _slim(part) for name, part in value.items() if part is not None and part != {}}
    return [_slim(part) for part in value] if isinstance(value, list) else value


def _is_default(name: str, value: Any) -> bool:
    return name == "response_format" and value == "auto"

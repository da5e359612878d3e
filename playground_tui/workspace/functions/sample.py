"""Arguments that fit a function's schema, to try it with, and functions to start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_MAX_DEPTH: Final = 8
_PLAIN: Final[dict[str, Any]] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}
_FORMATS: Final = {
    "date": "2026-11-20",
    "date-time": "2026-11-20T14:00:00Z",
    "email": "mia@example.com",
    "uri": "https://example.com",
}

EXAMPLES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    (
        "get_weather",
        {
            "name": "get_weather",
            "description": "The weather at a place, now.",
            "parameters": {
                "type": "object",
                "properties": {
                    "place": {"type": "string", "description": "City and country."},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["place"],
            },
        },
    ),
    (
        "find_orders",
        {
            "name": "find_orders",
            "description": "Orders of a customer, newest first.",
            "parameters": {
                "type": "object",
                "properties": {
                    "customer": {"type": "string", "description": "The customer's number or e-mail address."},
                    "since": {"type": "string", "description": "Only orders from this day on.", "format": "date"},
                    "states": {"type": "array", "items": {"type": "string", "enum": ["open", "sent", "paid"]}},
                    "limit": {"type": "integer", "description": "At most so many."},
                },
                "required": ["customer"],
            },
        },
    ),
    (
        "create_ticket",
        {
            "name": "create_ticket",
            "description": "Hand a case over to a person.",
            "parameters": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "urgent": {"type": "boolean"},
                    "contact": {
                        "type": "object",
                        "properties": {"name": {"type": "string"}, "email": {"type": "string"}},
                        "required": ["name", "email"],
                        "additionalProperties": False,
                    },
                },
                "required": ["title", "urgent", "contact"],
                "additionalProperties": False,
            },
            "strict": True,
        },
    ),
)
"""Name and function: plain parameters; a list and a date; nested and strict."""


def sample_arguments(function: Mapping[str, Any]) -> dict[str, Any]:
    """An object with a value for every property of the function's parameters."""
    found = _sample(function.get("parameters") or {}, 0)
    return found if isinstance(found, dict) else {}


def _sample(schema: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return None
    for given in ("const", "default"):
        if given in schema:
            return schema[given]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if kind == "object" or isinstance(schema.get("properties"), Mapping):
        properties = schema.get("properties")
        inner = properties if isinstance(properties, Mapping) else {}
        return {str(name): _sample(part, depth + 1) for name, part in inner.items()}
    if kind == "array":
        return [_sample(schema["items"], depth + 1)] if isinstance(schema.get("items"), Mapping) else []
    if kind == "string":
        return _FORMATS.get(str(schema.get("format")), "text")
    for options in ("anyOf", "oneOf"):
        if isinstance(schema.get(options), list) and schema[options]:
            return _sample(schema[options][0], depth + 1)
    return _PLAIN.get(str(kind))

"""A value that fits a JSON Schema, always the same one for the same seed. Best effort: `pattern`, `not` and conditions
are not obeyed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 6
"""Below this, optional properties and items are left out, so that recursive schemas end."""

_WORDS = {
    "city": ("Paris", "Oslo", "Lima"),
    "location": ("Paris", "Oslo", "Lima"),
    "country": ("France", "Norway", "Peru"),
    "name": ("Ada Lovelace", "Alan Turing", "Grace Hopper"),
    "email": ("ada@example.com", "alan@example.com", "grace@example.com"),
    "unit": ("celsius", "celsius", "celsius"),
    "currency": ("EUR", "EUR", "EUR"),
    "language": ("en", "en", "en"),
    "title": ("A title", "Another title", "A third title"),
}
_FORMATS = {
    "date": "2026-11-20",
    "date-time": "2026-11-20T14:01:00Z",
    "time": "14:01:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
}


def sample(schema: object, *, hint: str = "", seed: int = 0) -> Any:
    """`hint`: what free text fields are filled with, for instance the question. `{}` for a schema that is malformed
    or that no finite value fits."""
    root = schema if isinstance(schema, Mapping) else {}
    try:
        return _Sampler(root, hint, seed).value(root, "", 0)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError):
        return {}


class _Sampler:
    def __init__(self, root: Mapping[str, Any], hint: str, seed: int) -> None:
        self._root, self._hint, self._seed = root, hint, seed

    def value(self, schema: object, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            return None if schema is False else self._text({}, name)
        schema = self._resolve(schema, 0)
        if "const" in schema:
            return schema["const"]
        if enum := schema.get("enum"):
            return enum[self._seed % len(enum)]
        kind = self._kind(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in ("integer", "number"):
            return self._number(schema, kind == "integer")
        if kind == "boolean":
            return self._seed % 2 == 0
        return None if kind == "null" else self._text(schema, name)

    def _resolve(self, schema: Mapping[str, Any], hops: int) -> Mapping[str, Any]:
        """Follow `$ref`, take the first alternative, and merge `allOf`."""
        if hops > MAX_DEPTH:
            return {}
        if isinstance(ref := schema.get("$ref"), str):
            return self._resolve(self._lookup(ref), hops + 1)
        for word in ("anyOf", "oneOf"):
            if options := [o for o in schema.get(word) or () if isinstance(o, Mapping) and o.get("type") != "null"]:
                rest = {k: v for k, v in schema.items() if k != word}
                return self._resolve({**rest, **options[0]}, hops + 1)
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        for part in schema.get("allOf") or ():
            part = self._resolve(part, hops + 1)
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            required = [*merged.get("required", ()), *part.get("required", ())]
            merged = {**merged, **part, **({"properties": properties, "required": required} if properties else {})}
        return merged

    def _lookup(self, ref: str) -> Mapping[str, Any]:
        found: Any = self._root
        for part in ref.lstrip("#").strip("/").split("/"):
            if part:
                found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def _kind(self, schema: Mapping[str, Any]) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "null")
        if isinstance(kind, str):
            return kind
        if "properties" in schema:
            return "object"
        return "array" if "items" in schema else "string"

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required") or ()
        properties = schema.get("properties") or {}
        return {
            name: self.value(part, name, depth + 1)
            for name, part in properties.items()
            if name in required or depth < MAX_DEPTH // 2
        }

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        least = int(schema.get("minItems") or 0)
        wanted = least if depth >= MAX_DEPTH else max(least, 1)
        if "maxItems" in schema:
            wanted = min(wanted, int(schema["maxItems"]))
        return [
            _Sampler(self._root, self._hint, self._seed + n).value(schema.get("items", {}), name, depth + 1)
            for n in range(min(wanted, 100))
        ]

    def _number(self, schema: Mapping[str, Any], whole: bool) -> int | float:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        value: float = 42 + self._seed if low is None else low + ("exclusiveMinimum" in schema)
        if high is not None and (value > high or (value == high and "exclusiveMaximum" in schema)):
            value = high - ("exclusiveMaximum" in schema) if low is None else (low + high) / 2
        if step := schema.get("multipleOf"):
            value = math.ceil(value / step) * step
        return math.ceil(value) if whole else value

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if (form := schema.get("format")) in _FORMATS:
            return _FORMATS[form]
        known = next((words for word, words in _WORDS.items() if word in name.lower()), None)
        text = known[self._seed % len(known)] if known else self._hint or name or "text"
        text = text.ljust(int(schema.get("minLength") or 0), ".")
        return text[: int(schema["maxLength"])] if "maxLength" in schema else text

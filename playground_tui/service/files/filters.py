"""Filters over the attributes of files: checked request values → a function of one file's attributes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

Attributes = Mapping[str, Any]
Fits = Callable[[Attributes], bool]

_ORDERED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def fits_of(filters: Mapping[str, Any]) -> Fits:
    """A file without the key fits only `ne` and `nin`."""
    kind = filters["type"]
    if kind in ("and", "or"):
        inner = [fits_of(one) for one in filters["filters"]]
        join = all if kind == "and" else any
        return lambda attributes: join(fits(attributes) for fits in inner)
    key, value = filters["key"], filters["value"]
    return lambda attributes: _compare(kind, attributes.get(key), value)


def _compare(kind: str, has: Any, value: Any) -> bool:
    match kind:
        case "eq":
            return _same(has, value)
        case "ne":
            return not _same(has, value)
        case "in":
            return any(_same(has, one) for one in value)
        case "nin":
            return not any(_same(has, one) for one in value)
    return _sort_of(has) == _sort_of(value) != "" and _ORDERED[kind](has, value)


def _same(one: Any, other: Any) -> bool:
    return _sort_of(one) == _sort_of(other) and bool(one == other)


def _sort_of(value: Any) -> str:
    """1 and true are not the same here."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else ""

"""When two values of a field are the same to the person who writes them."""

from __future__ import annotations

from typing import Any


def same(one: Any, other: Any) -> bool:
    """Equal, and with the keys of objects in one order: to a model the order of parameters is part of what it reads.
    Towards a server plain equality counts, since some give keys back in an order of their own."""
    return one is other or bool(one == other and _in_one_order(one, other))


def _in_one_order(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return list(one) == list(other) and all(_in_one_order(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return all(map(_in_one_order, one, other))
    return True

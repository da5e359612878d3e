"""JSON values with something wrong in them."""

from __future__ import annotations

import copy
import random
from typing import Any


def _deep() -> Any:
    value: Any = []
    for _ in range(200):
        value = [value]
    return value


ODD: tuple[Any, ...] = (
    None, True, 0, -1, 7, 10**400, -(10**30), 1.5, float("nan"), float("inf"), "", "7", "\ud800", "x\x00", "é" * 3,
    [], [None], ["a", 7], [[]], [{}], {}, {"": None}, {"id": []}, {"text": {"value": 7}}, _deep(),
)  # fmt: skip


def mutated(chosen: random.Random, value: Any) -> Any:
    """A copy with one to three changes: keys lost, values of another type, items repeated, put elsewhere."""
    made = [copy.deepcopy(value)]
    for _ in range(chosen.randint(1, 3)):
        places = list(_places(made))
        container, key = chosen.choice(places)
        what = chosen.random()
        if what < 0.6 or container is made:
            container[key] = copy.deepcopy(chosen.choice(ODD))
        elif what < 0.8:
            del container[key]
        elif isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        else:
            container[key] = copy.deepcopy(chosen.choice(list(container.values())))
    return made[0]


def _places(root: Any) -> Any:
    waiting = [root]
    while waiting:
        container = waiting.pop()
        for key in container.keys() if isinstance(container, dict) else range(len(container)):
            yield container, key
            if isinstance(container[key], dict | list):
                waiting.append(container[key])

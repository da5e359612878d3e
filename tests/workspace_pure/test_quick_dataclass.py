"""The quick `dataclass` keeps to what the standard one promises."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
    note: str = dataclasses.field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Point3(Point):
    z: int = 0


@dataclass
class Open:
    x: int


@dataclass(frozen=True)
class Nothing:
    pass


def test_equal_values_are_equal_and_hash_alike() -> None:
    assert Point(1, 2, "a") == Point(1, 2, "b")
    assert hash(Point(1, 2, "a")) == hash(Point(1, 2, "b"))
    assert Point(1) != Point(2)
    assert Point(1) != Point3(1)
    assert Point3(1, z=1) != Point3(1, z=2)
    assert Nothing() == Nothing()


def test_what_is_not_frozen_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open(1))
    assert Open(1) == Open(1)


def test_the_repr_keeps_what_is_hidden_hidden() -> None:
    assert repr(Point(1, 2, "secret")) == "Point(x=1, y=2)"


def test_the_standard_helpers_work() -> None:
    assert dataclasses.replace(Point(1), y=5) == Point(1, 5)
    assert dataclasses.asdict(Point3(1, 2, "n", 3)) == {"x": 1, "y": 2, "note": "n", "z": 3}
    assert copy.copy(Point(1, 2)) == Point(1, 2)
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_slots_stay_slots() -> None:
    assert not hasattr(Point(1), "__dict__")

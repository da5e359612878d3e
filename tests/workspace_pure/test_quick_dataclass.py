"""The quick `dataclass` keeps to what the standard one promises."""

from __future__ import annotations

import copy
import dataclasses
import pickle

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


@dataclass(frozen=True, slots=True)
class Named:
    first: int
    second: int = dataclasses.field(kw_only=True)
    many: list[int] = dataclasses.field(default_factory=list)


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


def test_frozen_is_held_frozen() -> None:
    for made in (Point(1), Nothing()):
        with pytest.raises(dataclasses.FrozenInstanceError, match="x"):
            made.x = 2  # type: ignore[misc, union-attr]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del Point(1).x
    assert Open(1) != Open(2)


def test_it_is_made_like_any_other() -> None:
    made = Named(1, second=2)
    assert made == Named(1, second=2, many=[])
    assert made.many is not Named(1, second=2).many
    for wrong in (lambda: Named(), lambda: Named(1, 2), lambda: Named(1, second=2, other=3)):  # type: ignore[call-arg, misc]
        with pytest.raises(TypeError, match="argument"):
            wrong()


def test_it_can_be_copied_deeply_and_pickled() -> None:
    made = Named(1, second=2, many=[3])
    copied = copy.deepcopy(made)
    assert copied == made
    assert copied.many is not made.many
    assert pickle.loads(pickle.dumps(made)) == made


def test_init_is_compiled_when_the_first_object_is_made() -> None:
    @dataclass(frozen=True)
    class Late:
        x: int

    before = Late.__init__
    assert Late(1) == Late(x=1)
    assert Late.__init__ is not before


def test_what_stands_for_init_goes_on_to_the_base() -> None:
    """As Textual's messages need it."""

    class Base:
        def __post_init__(self) -> None:
            self.began = True

    @dataclass
    class Told(Base):
        x: int

    assert Told(1).began

"""`dataclass` as in the standard library, for a start that makes a hundred of them: there a frozen one costs 0.36 ms,
35 ms before the first frame. Here all methods but `__init__` are the same functions for every class, and `__init__` is
compiled when the first object is made, which for most classes is later or never. Frozen ones are held frozen. Not
offered, as nothing uses them: `InitVar`, and fields that `__init__` does not take."""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, **options):
        """Takes `frozen`, `slots` and `kw_only`."""
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen, **options)
        own = vars(cls)
        if not own.get("__doc__"):
            cls.__doc__ = cls.__name__  # else the standard library works out the signature for it
        methods = {"__eq__": _eq, "__hash__": _hash if frozen else None, "__repr__": _repr}
        for name, method in (methods | FROZEN if frozen else methods).items():
            # A class with a method __eq__ has `__hash__ = None` in its own namespace, set by Python.
            if name not in own:
                setattr(cls, name, method)
        made = dataclasses.dataclass(cls, init=False, repr=False, eq=False, **options)
        made.__init__ = _first_init(made, frozen)
        made.__compared__ = staticmethod(_compared(made))
        return made


# -- making objects ----------------------------------------------------------------------------------------------------


def _first_init(cls: Any, frozen: bool) -> Any:
    """What stands for `__init__` until the first object is made."""

    def __init__(self: Any, *values: Any, **named: Any) -> None:
        cls.__init__ = _init(cls, frozen)
        cls.__init__(self, *values, **named)

    return __init__


def _init(cls: Any, frozen: bool) -> Any:
    fields = dataclasses.fields(cls)
    named = [_parameter(field) for field in fields if field.kw_only]
    parameters = [_parameter(field) for field in fields if not field.kw_only] + (["*", *named] if named else [])
    steps = [_step(field, frozen) for field in fields]
    steps.append("self.__post_init__()" if hasattr(cls, "__post_init__") else "pass")
    lines = [f"def __init__({', '.join(['self', *parameters])}):", *(f"  {step}" for step in steps)]
    known: dict[str, Any] = {f"_default_{field.name}": field.default for field in fields}
    known |= {f"_make_{field.name}": field.default_factory for field in fields}
    known |= {"_missing": dataclasses.MISSING, "_set": object.__setattr__}
    exec("\n".join(lines), known)
    known["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    return known["__init__"]


def _parameter(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return f"{field.name}=_missing"
    return field.name if field.default is dataclasses.MISSING else f"{field.name}=_default_{field.name}"


def _step(field: dataclasses.Field[Any], frozen: bool) -> str:
    name = value = field.name
    if field.default_factory is not dataclasses.MISSING:
        value = f"_make_{name}() if {name} is _missing else {name}"
    return f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}"


# -- the methods of every class ----------------------------------------------------------------------------------------


def _compared(cls: Any) -> Any:
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    return attrgetter(*names) if names else lambda _: ()


def _eq(self: Any, other: Any) -> Any:
    return self.__compared__(self) == self.__compared__(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self.__compared__(self))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({shown})"


def _refuse_to_set(self: Any, name: str, value: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    """For copies and pickles, which would set the fields one by one."""
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


FROZEN = {
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
    "__getstate__": _get_state,
    "__setstate__": _set_state,
}

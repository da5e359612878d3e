"""`dataclass` as in the standard library, in a third of its time. Compiling the methods of a frozen one costs 0.36 ms;
with a hundred of them that was 35 ms before the first frame. Only `__init__` is compiled here, the other methods are
the same functions for every class. Type checkers see the standard one, and it is they who hold a frozen class frozen:
at run time nothing stops a write."""

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
        for name, method in methods.items():
            # A class with a method __eq__ has `__hash__ = None` in its own namespace, set by Python.
            if name not in own:
                setattr(cls, name, method)
        made = dataclasses.dataclass(cls, repr=False, eq=False, **options)
        made.__compared__ = staticmethod(_compared(made))
        return made


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

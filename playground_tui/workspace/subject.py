"""One value that others watch: the workspace's only way of telling. Single-threaded: used on the loop's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Subject(Generic[T]):
    """Holds a frozen value; `set` replaces it and tells every watcher, in order of subscription."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._watchers: list[Callable[[T], None]] = []

    @property
    def value(self) -> T:
        return self._value

    def set(self, value: T) -> None:
        """Replace the value. Watchers hear of it only when it is another one (`!=`)."""
        if value is self._value or value == self._value:
            return
        self._value = value
        for watcher in tuple(self._watchers):
            watcher(value)

    def watch(self, watcher: Callable[[T], None], *, now: bool = False) -> Callable[[], None]:
        """Call `watcher` with each new value (and with the present one if `now`). Returns what ends the watch."""
        self._watchers.append(watcher)
        if now:
            watcher(self._value)

        def end() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return end

"""What loads in threads stands aside while a key is on its way to the screen.

Threads share one interpreter: with three of them importing, the 15 ms that a key takes become 80. So from the moment a
key is read until its echo is painted, other threads wait between two modules.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

HOLD: Final = 0.1
"""Seconds after a key; loading goes on then whatever became of it, since the screen may wait for what loads."""
MOST: Final = 0.3
"""Seconds that one module waits, however many keys come: a flood of them ends no loading."""
STEP: Final = 0.002
"""Seconds between looks at whether the key is done."""


class StandAside:
    """A finder of modules (`sys.meta_path`) that changes only when those of other threads are executed. `key` is called
    on any thread, `done` when the screen was painted."""

    def __init__(self) -> None:
        self._until = 0.0
        self._ours = threading.get_ident()

    def begin(self) -> None:
        if PathFinder in sys.meta_path:  # a program that was frozen into one file may have another
            sys.meta_path.insert(sys.meta_path.index(PathFinder), self)

    def end(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        self.done()

    def key(self) -> None:
        self._until = time.monotonic() + HOLD

    def done(self) -> None:
        self._until = 0.0

    @property
    def holds(self) -> bool:
        return time.monotonic() < self._until

    def wait(self) -> None:
        end = time.monotonic() + MOST
        while self.holds and time.monotonic() < end:
            time.sleep(STEP)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Not here is where to wait: the interpreter's one lock for all imports is held."""
        if threading.get_ident() == self._ours:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Waiting(spec.loader, self)
        return spec


class _Waiting(Loader):
    """Puts the real loader back first, as the standard library's `LazyLoader` does."""

    def __init__(self, loader: Any, aside: StandAside) -> None:
        self._loader, self._aside = loader, aside

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._aside.wait()
        self._loader.exec_module(module)

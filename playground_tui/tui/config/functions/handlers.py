"""What the function editor asks of whoever keeps the handlers."""

from __future__ import annotations

from typing import Protocol

from playground_tui.workspace.handlers.model import Handler


class HandlerBook(Protocol):
    """Handlers of the shown assistant's functions, by the functions' names. None of these waits; a failure of keeping
    is told elsewhere."""

    @property
    def interpreter(self) -> str:
        """The Python that Python handlers run in; empty: this program's own."""
        ...

    def handler(self, name: str) -> Handler: ...

    def bind(self, name: str, handler: Handler) -> None: ...

    def rename(self, old: str, new: str) -> None: ...


class NoHandlers:
    """Handlers for as long as the screen is open."""

    interpreter = ""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def handler(self, name: str) -> Handler:
        return self._handlers.get(name, Handler())

    def bind(self, name: str, handler: Handler) -> None:
        self._handlers[name] = handler

    def rename(self, old: str, new: str) -> None:
        if old in self._handlers:
            self._handlers[new] = self._handlers.pop(old)


def handler_words(handler: Handler) -> str:
    if handler.kind == "hand":
        return "you, by hand"
    if handler.kind == "mock":
        return f"a fixed text: {' '.join(handler.target.split())}"
    place, _, function = handler.target.rpartition(":")
    if handler.kind == "python" and "/" in place:
        folder, _, file = place.rpartition("/")
        return f"python {file}:{function} in {folder}"
    return handler.shown()

"""The function editor's handlers, kept by the workspace: what is chosen shows at once and is written behind."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from playground_tui.workspace.handlers.model import Handler

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen
    from playground_tui.workspace.workspace import Workspace

Write = Callable[[], Coroutine[Any, Any, None]]


class HandlerBook:
    """Handlers of the assistant that is open when it is made."""

    def __init__(self, workspace: Workspace, owner: WorkspaceScreen) -> None:
        self._workspace = workspace
        self._owner = owner
        self._functions = workspace.functions()
        self._assistant = workspace.editor.draft.value.id
        self._handlers = dict(self._functions.handlers(self._assistant))
        self._writes: list[Write] = []
        self._writing = False

    @property
    def interpreter(self) -> str:
        return self._functions.interpreter

    def handler(self, name: str) -> Handler:
        return self._handlers.get(name, Handler())

    def bind(self, name: str, handler: Handler) -> None:
        self._handlers[name] = handler
        self._write(partial(self._functions.bind, self._assistant, name, handler))

    def rename(self, old: str, new: str) -> None:
        if old in self._handlers:
            self._handlers[new] = self._handlers.pop(old)
        self._write(partial(self._functions.rename, self._assistant, old, new))

    def _write(self, work: Write) -> None:
        """One after the other: a function may be renamed before what was chosen for it is written."""
        self._writes.append(work)
        if not self._writing:
            self._writing = True
            self._owner.start(self._work(), "keep a handler")

    async def _work(self) -> None:
        try:
            while self._writes:
                await self._writes.pop(0)()
        finally:
            self._writing = False
        self._take_up()

    def _take_up(self) -> None:
        """A call that waits is answered by what was chosen just now."""
        conversation = self._workspace.conversation.value
        if conversation.has_calls:
            conversation.calls.rebind()

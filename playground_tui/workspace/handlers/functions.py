"""Which handler answers which function on this machine, its mocks, and what the person has allowed.

Everywhere `assistant` is the assistant's id or its draft's: what is bound to a draft stays when it is created.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.handlers import bindings
from playground_tui.workspace.handlers.calls import BY_HAND, Scope
from playground_tui.workspace.handlers.model import MAX_OUTPUT_BYTES, Handler, approval_key
from playground_tui.workspace.store import Connection
from playground_tui.workspace.store import functions as table
from playground_tui.workspace.store.functions import ApprovalRow


class Functions:
    """Those of one server. Reading raises StoreError; writing returns once it is on disk, and raises StoreError."""

    def __init__(self, context: ChatContext) -> None:
        self._context = context

    # -- handlers ------------------------------------------------------------------------------------------------------

    def handlers(self, assistant: str) -> dict[str, Handler]:
        """By function's name; functions that are answered by hand are not in it."""
        return self._context.store.read_now(lambda conn: self._handlers(conn, assistant))

    def _handlers(self, conn: Connection, assistant: str) -> dict[str, Handler]:
        """Of two for one function the draft's counts."""
        found: dict[str, Handler] = {}
        for owner in reversed(table.owners(conn, self._context.server, assistant)):
            found.update(bindings.handlers_of(conn, owner))
        return found

    def handler(self, assistant: str, function: str) -> Handler:
        return self.handlers(assistant).get(function, BY_HAND)

    async def bind(self, assistant: str, function: str, handler: Handler) -> None:
        """Let `handler` answer `function`; kind `hand` takes the binding off. What runs something runs in the folder
        that is the present one now, unless it names another. Raises FailureError for one that makes no sense."""
        if problem := handler.problem():
            raise FailureError(Failure("invalid", problem, field="handler"))
        if handler.kind == "mock":
            _check_size(handler.target)
        bound = None if handler.kind == "hand" else _placed(handler)

        def write(conn: Connection) -> None:
            first, *others = table.owners(conn, self._context.server, assistant)
            for owner in others:
                bindings.bind(conn, owner, function, None)
            bindings.bind(conn, first, function, bound)

        await self._context.store.write(write)

    async def rename(self, assistant: str, old: str, new: str) -> None:
        """The function was renamed: its handler and mocks go with it; an approval does not."""

        def write(conn: Connection) -> None:
            handler = self._handlers(conn, assistant).get(old)
            for owner in table.owners(conn, self._context.server, assistant):
                bindings.bind(conn, owner, old, None)
            bindings.bind(conn, table.owners(conn, self._context.server, assistant)[0], new, handler)
            table.rename_function(conn, self._context.server, assistant, old, new)

        await self._context.store.write(write)

    # -- mocks ---------------------------------------------------------------------------------------------------------

    def mocks(self, assistant: str, function: str) -> Mapping[str, str]:
        """Name → output, by name."""
        server = self._context.server
        return self._context.store.read_now(lambda conn: table.mocks(conn, server, assistant, function))

    async def keep_mock(self, assistant: str, function: str, name: str, output: str) -> None:
        """Keep an answer under a name; one of this name is replaced. Raises FailureError for one that is too large or
        has no name."""
        name = " ".join(name.split())
        if not name:
            raise FailureError(Failure("invalid", "A mock needs a name.", field="name"))
        _check_size(output)
        server = self._context.server
        await self._context.store.write(lambda conn: table.put_mock(conn, server, assistant, function, name, output))

    async def drop_mock(self, assistant: str, function: str, name: str) -> None:
        server = self._context.server
        await self._context.store.write(lambda conn: table.drop_mock(conn, server, assistant, function, name))

    # -- approvals -----------------------------------------------------------------------------------------------------

    @property
    def interpreter(self) -> str:
        """The Python that Python handlers run in."""
        return self._context.interpreter() or sys.executable

    def approved(self, assistant_id: str, function: Mapping[str, Any], handler: Handler) -> bool:
        """Whether the person has allowed exactly this: same server, assistant, function with its schema, handler."""
        key = self._key(assistant_id, function, handler)
        return key in self._context.session_approvals or self._context.store.read_now(
            lambda conn: table.is_approved(conn, key)
        )

    def was_approved(self, assistant_id: str, function: str) -> bool:
        """Whether something was always allowed for a function of this name: then what is asked about has changed."""
        server = self._context.server
        return self._context.store.read_now(lambda conn: table.was_approved(conn, server, assistant_id, function))

    async def approve(self, assistant_id: str, function: Mapping[str, Any], handler: Handler, scope: Scope) -> None:
        """`once` keeps nothing: it is the caller's to run it."""
        key = self._key(assistant_id, function, handler)
        if scope == "session":
            self._context.session_approvals.add(key)
        elif scope == "always":
            now = self._context.clock.now().timestamp()
            row = ApprovalRow(key, assistant_id, str(function.get("name") or ""), _placed(handler).shown(), now)
            server = self._context.server
            await self._context.store.write(lambda conn: table.put_approval(conn, server, row))

    async def take_approvals_back(self) -> None:
        """Ask again before anything runs, whatever was allowed on this server for the session or for always."""
        self._context.session_approvals.clear()
        server = self._context.server
        await self._context.store.write(lambda conn: table.drop_approvals(conn, server))

    def _key(self, assistant_id: str, function: Mapping[str, Any], handler: Handler) -> str:
        interpreter = self.interpreter if handler.kind == "python" else ""
        server = f"{self._context.server} {self._context.address()}"
        return approval_key(server, assistant_id, function, _placed(handler), interpreter)


def _placed(handler: Handler) -> Handler:
    """With the folder that it would run in."""
    return replace(handler, folder=handler.folder or os.getcwd()) if handler.needs_approval else handler


def _check_size(output: str) -> None:
    if len(output.encode("utf-8", "replace")) > MAX_OUTPUT_BYTES:
        what = f"An output has at most {MAX_OUTPUT_BYTES // 1024} kB."
        raise FailureError(Failure("invalid", what, field="output"))

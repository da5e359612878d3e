"""Values of `{{variables}}`: kept per assistant, and per thread where a thread wants another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.store import Connection, Database
from playground_tui.workspace.store import writing as table
from playground_tui.workspace.store.functions import owners
from playground_tui.workspace.variables import missing, names_in

Where = Literal["instructions", "message"]
Level = Literal["assistant", "thread"]


@dataclass(frozen=True, slots=True)
class VariableField:
    """One line of the form."""

    name: str
    value: str
    where: tuple[Where, ...]
    """Where it stands."""
    level: Level = "assistant"
    """Whose value it is; the assistant's where there is none yet."""


class VariableValues:
    """Of one server. Reading raises StoreError."""

    def __init__(self, store: Database, server: str) -> None:
        self._store, self._server = store, server

    def of(self, assistant: str | None, key: str) -> dict[str, str]:
        """The values that count in a thread; `key` as its unsent text has it, `assistant` its or its draft's id."""
        return self._store.read_now(lambda conn: {**self._assistant(conn, assistant), **self._thread(conn, key)})

    def fields(self, assistant: str | None, key: str, instructions: str, text: str) -> tuple[VariableField, ...]:
        """The form for these instructions and this message, in order of appearance."""
        own = self._store.read_now(lambda conn: self._thread(conn, key))
        values = self.of(assistant, key)
        places: dict[str, list[Where]] = {}
        for where, part in (("instructions", instructions), ("message", text)):
            for name in names_in(part):
                places.setdefault(name, []).append(where)  # type: ignore[arg-type]
        return tuple(
            VariableField(name, values.get(name, ""), tuple(found), "thread" if name in own else "assistant")
            for name, found in places.items()
        )

    async def put(self, assistant: str | None, key: str, values: Mapping[str, str], level: Level) -> None:
        """Keep values; an empty one takes it away. Without an assistant they are the thread's. Raises StoreError."""

        def write(conn: Connection) -> None:
            scope = f"thread:{key}"
            if level == "assistant" and assistant:
                scope = f"assistant:{owners(conn, self._server, assistant)[0]}"
            for name, value in values.items():
                table.put_value(conn, self._server, scope, name, value)

        await self._store.write(write)

    def _assistant(self, conn: Connection, assistant: str | None) -> dict[str, str]:
        found: dict[str, str] = {}
        for owner in reversed(owners(conn, self._server, assistant) if assistant else ()):
            found.update(table.values(conn, self._server, f"assistant:{owner}"))
        return found

    def _thread(self, conn: Connection, key: str) -> dict[str, str]:
        return table.values(conn, self._server, f"thread:{key}")


def check_filled(values: Mapping[str, str], *texts: str) -> None:
    """Raises FailureError naming the variables that have no value."""
    names = missing(names_in(*texts), values)
    if names:
        listed = ", ".join(f"{{{{{name}}}}}" for name in names)
        what = f"{listed} has no value." if len(names) == 1 else f"{listed} have no values."
        raise FailureError(Failure("invalid", what, next="Fill it in, then send.", field="variables"))


def literal(text: str) -> str:
    """`text` with its braces kept as they are: nothing in it is a variable."""
    return text.replace("{{", "\\{{")

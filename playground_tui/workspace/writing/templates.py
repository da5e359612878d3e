"""Messages worth keeping, under names, and the slash commands that insert them: `/name` and what follows it.

A template's `{{input}}` is where the rest of the command goes; without it the rest comes after the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.store import Database
from playground_tui.workspace.store import writing as table
from playground_tui.workspace.subject import Subject

MAX_NAME: Final = 64
_NAME: Final = re.compile(r"[\w][\w.-]*")
_COMMAND: Final = re.compile(r"/([\w][\w.-]*)(?:\s+|$)")
_INPUT: Final = re.compile(r"(?<!\\)\{\{\s*input\s*\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    text: str
    used_at: float = 0.0
    """Unix seconds; 0: never."""

    @property
    def summary(self) -> str:
        """Its first line, for a list."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


@dataclass(frozen=True, slots=True)
class Completion:
    """One choice: put `text` in the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str
    label: str
    help: str = ""
    at_once: bool = False
    """Nothing is missing then: whoever takes it by enter has it carried out."""


class Templates:
    """Of this home, whatever the server. Reading them raises StoreError."""

    def __init__(self, store: Database, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.listing: Subject[tuple[Template, ...]] = Subject(())
        self.read()

    def read(self) -> None:
        """Take up what another app on this home changed."""
        rows = self._store.read_now(table.templates)
        self.listing.set(tuple(Template(row.name, row.text, row.used_at) for row in rows))

    def get(self, name: str) -> Template | None:
        return next((template for template in self.listing.value if template.name == name), None)

    async def put(self, name: str, text: str) -> None:
        """Keep `text`; one of this name is replaced. Raises FailureError for a name that no command can have, or an
        empty text; StoreError."""
        self._check(name)
        if not text.strip():
            raise FailureError(Failure("invalid", "A template needs a text.", field="text"))
        now = self._clock.now().timestamp()
        await self._store.write(lambda conn: table.put_template(conn, name, text, now))
        self.read()

    async def rename(self, old: str, new: str) -> None:
        """Raises as `put`; also when the new name is taken."""
        self._check(new)
        if old != new and self.get(new) is not None:
            raise FailureError(Failure("invalid", f"There is a template {new} already.", field="name"))
        await self._store.write(lambda conn: table.rename_template(conn, old, new))
        self.read()

    async def delete(self, name: str) -> None:
        await self._store.write(lambda conn: table.drop_template(conn, name))
        self.read()

    def expand(self, text: str) -> str:
        """A text that begins with `/name` of a template, with the template in its place; any other as it is."""
        found = _COMMAND.match(text)
        template = self.get(found[1]) if found is not None else None
        if found is None or template is None:
            return text
        now = self._clock.now().timestamp()
        self._store.keep(lambda conn: table.use_template(conn, template.name, now))
        return insert(template.text, text[found.end() :])

    def complete(self, text: str, cursor: int) -> tuple[Completion, ...]:
        """The commands that a message which begins with a slash may become; none anywhere else. Last used first."""
        return complete_command(self.listing.value, text, cursor)

    def _check(self, name: str) -> None:
        if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
            what = f"A template's name has at most {MAX_NAME} letters, digits, dots and dashes, and no spaces."
            raise FailureError(Failure("invalid", what, field="name"))


def insert(template: str, rest: str) -> str:
    """`rest` goes where `{{input}}` stands, else to the end, after an empty line if it has several lines."""
    if _INPUT.search(template):
        return _INPUT.sub(lambda _: rest, template)
    if not rest.strip():
        return template
    gap = "\n\n" if "\n" in rest or "\n" in template else " "
    return template.rstrip() + gap + rest


def complete_command(templates: Sequence[Template], text: str, cursor: int) -> tuple[Completion, ...]:
    head = text[:cursor]
    if not re.fullmatch(r"/[\w.-]*", head):
        return ()
    typed = head[1:].casefold()
    end = cursor + len(re.match(r"[\w.-]*", text[cursor:])[0])  # type: ignore[index]
    found = [t for t in templates if typed in t.name.casefold()]
    found.sort(key=lambda t: (not t.name.casefold().startswith(typed), -t.used_at, t.name))
    return tuple(Completion(0, end, f"/{t.name} ", f"/{t.name}", t.summary) for t in found)

"""What one moment of a run changes: objects to store and events to announce, both or neither.

Objects are taken as JSON text at once, for the frame and the row alike: the dict may go on changing while the
database's own thread writes.
"""

from __future__ import annotations

from playground_tui.service.runs.frames import frame
from playground_tui.service.runs.objects import Object
from playground_tui.service.shapes import without_contents
from playground_tui.service.store import MESSAGES, RUNS, STEPS, Table
from playground_tui.service.store.objects import dump
from playground_tui.service.store.runs import Row


class Changes:
    __slots__ = ("_contents", "frames", "rows")

    def __init__(self, contents: bool = False) -> None:
        """`contents`: frames show the texts that file search found, as rows always do."""
        self._contents = contents
        self.rows: dict[str, Row] = {}
        """Last picture of each object, in the order they were first touched."""
        self.frames: list[bytes] = []

    def run(self, run: Object, *events: str, extra: Object | None = None, new: bool = False) -> None:
        """Announce the run as it stands under each `thread.run.EVENT`."""
        self._put(RUNS, run, "thread.run.", events, extra, new)

    def step(self, step: Object, *events: str, extra: Object | None = None, new: bool = False) -> None:
        self._put(STEPS, step, "thread.run.step.", events, extra, new)

    def message(self, message: Object, *events: str, new: bool = False) -> None:
        self._put(MESSAGES, message, "thread.message.", events, None, new)

    def _put(
        self, table: Table, value: Object, prefix: str, events: tuple[str, ...], extra: Object | None, new: bool = False
    ) -> None:
        body = dump(value)
        before = self.rows.get(value["id"])
        self.rows[value["id"]] = Row(
            table,
            value["id"],
            value["created_at"],
            tuple(value[column] for column in table.columns),
            body,
            dump(extra) if extra is not None else (before.extra if before else None),
            new or (before.new if before else False),
        )
        shown = without_contents(body) if table is STEPS and not self._contents else body
        self.frames.extend(frame(prefix + event, shown) for event in events)

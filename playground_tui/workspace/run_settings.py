"""What is set per run: no part of the assistant, kept beside it on this machine, sent with each run."""

from __future__ import annotations

from dataclasses import replace

from playground_tui.limits import LOCAL_RUN_SETTINGS, RUN_SETTINGS, Problem, check_run_setting
from playground_tui.workspace.store import Database
from playground_tui.workspace.store import run_settings as table
from playground_tui.workspace.store.drafts import encode
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import Json, RawEdit, RunSettings


class RunSettingsKeeper:
    """Those of the draft that `open` named last. Each edit goes to the disk at once: they are few and small."""

    def __init__(self, db: Database) -> None:
        self.subject = Subject(RunSettings())
        self._db = db
        self._draft_id = ""

    def open(self, draft_id: str) -> None:
        self._draft_id = draft_id
        self.subject.set(self._db.read_now(lambda conn: table.load(conn, draft_id)))

    def edit(self, name: str, value: Json) -> Problem | None:
        """None: not set. A wrong value is kept in sight and not sent. Raises KeyError for a name that is none."""
        if problem := check_run_setting(name, value):
            self.edit_raw(name, value if isinstance(value, str) else encode(value), problem.advice)
            return problem
        before = self.subject.value
        values = {key: kept for key, kept in before.values.items() if key != name}
        if value is not None:
            values[name] = value
        self._put(RunSettings(values, {key: kept for key, kept in before.raw.items() if key != name}), name)
        return None

    def edit_raw(self, name: str, text: str, advice: str) -> None:
        """Raises KeyError for a name that is none."""
        if name not in RUN_SETTINGS and name not in LOCAL_RUN_SETTINGS:
            raise KeyError(name)
        before = self.subject.value
        self._put(replace(before, raw={**before.raw, name: RawEdit(text, advice)}), name)

    def edit_late(self, draft_id: str, name: str, value: Json, raw: RawEdit | None = None) -> None:
        """Typed for another assistant just before this one was opened."""
        self._db.keep(lambda conn: table.put(conn, draft_id, name, value, raw))

    @property
    def sent(self) -> dict[str, Json]:
        """What goes along with a run; the others are this program's own."""
        return {name: value for name, value in self.subject.value.values.items() if name in RUN_SETTINGS}

    @property
    def timeout(self) -> float | None:
        """Seconds of silence that end a run; None: as the settings say."""
        found = self.subject.value.values.get("timeout")
        return None if found is None else float(found)

    def _put(self, settings: RunSettings, name: str) -> None:
        draft_id, value, raw = self._draft_id, settings.values.get(name), settings.raw.get(name)
        self._db.keep(lambda conn: table.put(conn, draft_id, name, value, raw))
        self.subject.set(settings)

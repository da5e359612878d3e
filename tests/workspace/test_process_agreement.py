"""Random lives of real processes on one home: edits, saves, a server that fails, vanishes and loses answers, changes by
another client, two apps, `kill -9` also in the middle of a save. Afterwards draft, cache, newest version and server
agree, nothing was made twice, and no edit older than 250 ms is missing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from playground_tui.settings.paths import find_paths
from tests.support.scripted_http import ScriptedHttp
from tests.support.server import ScriptedServer
from tests.workspace.processes import Process

FIELDS: dict[str, list[Any]] = {
    "name": ["A", "B 👩‍👩‍👧", "שלום"],
    "instructions": ["one", "two [b]bold[/b]", "三\n行"],
    "description": ["d", "e\u0301", None],
    "temperature": [0.1, 0.35, None],
    "top_p": [0.5, 1, None],
    "metadata": [{"k": "v"}, {"a": "b", "c": "日本"}],
}
OUTSIDE = "reasoning_effort"
"""Edited by nobody here."""
THEIRS: dict[str, Any] = {"description": "theirs", "metadata": {"who": "theirs"}}
"""What somebody else makes of fields that are edited here as well."""
SETTINGS = """\
default_provider: demo
autosave_delay: 0.2
servers:
  work: {{base_url: "{url}", title: Work}}
"""


class House:
    """One home on one server, with one or two processes in it, each with fields of its own to edit."""

    def __init__(self, home: Path, server: ScriptedHttp, seed: int, apps: int) -> None:
        self.home, self.server = home, server
        self.random = random.Random(seed)
        paths = find_paths(home)
        paths.make()
        paths.settings_file.write_text(SETTINGS.format(url=server.base_url))
        self.apps = [self.process() for _ in range(apps)]
        self.apps[0].tell("edit", field="model", value="m")
        self.expected: dict[str, Any] = {"model": "m"}
        self.either: dict[str, list[Any]] = {}
        """Field → the values that may stand, where somebody else changed it too."""

    def process(self) -> Process:
        return Process(self.home, "work")

    @property
    def app(self) -> Process:
        return self.random.choice(self.apps)

    def step(self) -> None:
        what = ["edit"] * 8 + ["rest"] * 4 + ["save", "save", "outage", "refuse", "lose", "outside", "contest"]
        what += ["restart", "kill", "kill_in_a_save", "refresh"]
        getattr(self, self.random.choice(what))()

    # -- steps ---------------------------------------------------------------------------------------------------------

    def edit(self) -> int:
        """Returns whose edit it was. What the server had, as far as is known here, is no edit: there a change by
        somebody else stands."""
        which = self.random.randrange(len(self.apps))
        field = self.random.choice([name for n, name in enumerate(FIELDS) if n % len(self.apps) == which])
        value = self.random.choice(FIELDS[field])
        if self.apps[which].tell("edit", field=field, value=value) or field not in THEIRS:
            self.either.pop(field, None)
            self.expected[field] = value
        else:
            self.expected.pop(field, None)
            self.either[field] = [value, THEIRS[field]]
        return which

    def rest(self) -> None:
        self.app.tell("rest", seconds=self.random.choice([0.05, 0.3]))

    def save(self) -> None:
        self.app.tell("save")

    def refresh(self) -> None:
        self.app.tell("refresh")

    def outage(self) -> None:
        self.server.script.down = not self.server.script.down

    def refuse(self) -> None:
        status = self.random.choice([500, 503, 429])
        self.server.tell(lambda script: script.refuse("/v1/assistants/", status))

    def lose(self) -> None:
        self.server.tell(lambda script: script.lose_answer("POST /v1/assistants"))

    def outside(self) -> None:
        value = self.random.choice(["low", "high", None])
        self._change(OUTSIDE, value)

    def contest(self) -> None:
        """Somebody changes a field that is edited here as well: which value stands depends on who was saved when."""
        field = self.random.choice(list(THEIRS))
        theirs = THEIRS[field]
        if self._change(field, theirs) and field in self.expected:
            self.either[field] = [self.expected.pop(field), theirs]
        elif field in self.either:
            self.either[field].append(theirs)

    def _change(self, field: str, value: Any) -> bool:
        def change(script: ScriptedServer) -> bool:
            for assistant_id in script.assistants:
                script.change(assistant_id, **{field: value})
            return bool(script.assistants)

        return bool(self.server.tell(change))

    def restart(self) -> None:
        which = self.random.randrange(len(self.apps))
        self.apps[which].leave()
        self.apps[which] = self.process()

    def kill(self) -> None:
        which = self.random.randrange(len(self.apps))
        self.apps[which].tell("settle")
        self.apps[which].kill()
        self.apps[which] = self.process()

    def kill_in_a_save(self) -> None:
        """While the server has the request and has not answered."""
        gate = self.server.tell(lambda script: script.hold_answer("POST /v1/assistants"))
        which = self.edit()
        self.apps[which].tell("settle")
        self.apps[which].say("save")
        self.server.arrived(gate)
        self.apps[which].kill()
        self.server.tell(lambda script: gate.open())
        self.apps[which] = self.process()

    # -- the end -------------------------------------------------------------------------------------------------------

    def agree(self) -> None:
        self.server.script.down = False
        self.server.tell(lambda script: script.forget_orders())
        for app in self.apps:
            app.tell("settle")
            app.tell("refresh")
        for app in self.apps[1:]:
            app.tell("save")
            app.leave()
        last = self.apps[0]
        last.tell("refresh")
        last.tell("save")
        state = last.tell("read")
        assert state["phase"] in ("saved", "changed_elsewhere"), state
        found = last.tell("compare")
        last.leave()
        assert list(self.server.script.assistants) == [state["assistant"]] == found["listed"]
        assert state["values"] == state["base"] == found["version"]
        doc = self.server.script.assistants[state["assistant"]]
        for name in (*FIELDS, OUTSIDE):
            assert state["values"].get(name) == doc[name] == found["cache"].get(name), name
        for name, value in self.expected.items():
            assert doc[name] == value, name
        for name, values in self.either.items():
            assert doc[name] in values, name


@contextmanager
def house(home: Path, seed: int, apps: int) -> Iterator[House]:
    script = ScriptedServer()
    with ScriptedHttp(script) as server:
        made = House(home, server, seed, apps)
        yield made


def live(home: Path, seed: int, *, apps: int, steps: int) -> None:
    with house(home, seed, apps) as made:
        made.save()
        for _ in range(steps):
            made.step()
        made.agree()


@pytest.mark.slow
@pytest.mark.process
def test_killed_in_the_middle_of_its_creation_it_is_made_once(tmp_path: Path) -> None:
    with house(tmp_path / "home", seed=1, apps=1) as made:
        made.kill_in_a_save()
        made.agree()
        assert len(made.server.script.creates) == 1


@pytest.mark.slow
@pytest.mark.process
def test_theirs_is_kept_as_a_version_where_a_killed_app_edited_too(tmp_path: Path) -> None:
    with house(tmp_path / "home", seed=1, apps=1) as made:
        made.save()
        made.server.script.down = True
        made.apps[0].tell("edit", field="description", value="mine")
        made.expected["description"] = "mine"
        made.apps[0].tell("settle")
        made.apps[0].kill()
        made._change("description", "theirs")
        made.server.script.down = False
        made.apps[0] = made.process()
        made.apps[0].tell("refresh")
        made.apps[0].tell("save")
        kept = made.apps[0].tell("compare")["versions"]
        assert [body.get("description") for body in kept[:2]] == ["mine", "theirs"]
        made.agree()


@pytest.mark.process
@pytest.mark.parametrize("apps", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_after_a_short_life_all_agree(tmp_path: Path, apps: int) -> None:
    live(tmp_path / "home", seed=apps, apps=apps, steps=10)


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.timeout(600)  # some ten processes one after the other, each of which starts in seconds on a busy machine
@pytest.mark.parametrize("seed", range(12))
def test_after_any_life_all_agree(tmp_path: Path, seed: int) -> None:
    live(tmp_path / "home", seed=200 + seed, apps=1 + seed % 2, steps=40)

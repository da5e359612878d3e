"""Real processes on one home: edits, saves, two at once, `kill -9` in the middle, restarts. Afterwards draft, cache,
newest version and server agree, and no edit older than 250 ms is missing."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from playground_tui.settings.paths import find_paths
from tests.workspace.processes import Process

FIELDS: dict[str, list[Any]] = {
    "name": ["A", "B 👩‍👩‍👧", "שלום"],
    "instructions": ["one", "two [b]bold[/b]", "三\n行"],
    "description": ["d", "e\u0301", None],
    "temperature": [0.1, 0.35, None],
    "top_p": [0.5, 1, None],
    "metadata": [{"k": "v"}, {"a": "b", "c": "日本"}],
}
SETTINGS = "default_provider: demo\nautosave_delay: 0.4\n"


class House:
    """One home with one or two processes in it, each with fields of its own to edit."""

    def __init__(self, home: Path, seed: int, apps: int) -> None:
        self.home = home
        self.random = random.Random(seed)
        paths = find_paths(home)
        paths.make()
        paths.settings_file.write_text(SETTINGS)
        self.apps = [Process(home) for _ in range(apps)]
        self.expected: dict[str, Any] = {}

    def edit(self) -> None:
        which = self.random.randrange(len(self.apps))
        mine = [name for n, name in enumerate(FIELDS) if n % len(self.apps) == which]
        field = self.random.choice(mine)
        value = self.random.choice(FIELDS[field])
        self.apps[which].tell("edit", field=field, value=value)
        self.expected[field] = value

    def kill_one(self) -> None:
        which = self.random.randrange(len(self.apps))
        self.apps[which].tell("settle")
        self.apps[which].kill()
        self.apps[which] = Process(self.home)

    def check_disk(self) -> None:
        """What a process that starts now finds."""
        for app in self.apps:
            app.tell("settle")
        fresh = Process(self.home)
        found = fresh.tell("read")["values"]
        fresh.kill()
        assert {name: found.get(name) for name in self.expected} == self.expected

    def agree(self) -> None:
        self.check_disk()
        for app in self.apps[1:]:
            app.tell("refresh")
            app.leave()
        last = self.apps[0]
        last.tell("refresh")
        last.tell("save")
        state = last.tell("read")
        assert state["phase"] in ("saved", "changed_elsewhere"), state
        found = last.tell("compare")
        assert found["listed"] == [state["assistant"]]
        assert state["values"] == state["base"] == found["version"]
        for name, value in self.expected.items():
            assert state["values"].get(name) == value, name
            assert found["server"][name] == value, name
            assert found["cache"].get(name) == value, name
        last.leave()


def live(home: Path, seed: int, *, apps: int, kills: int, edits: int) -> None:
    house = House(home, seed, apps)
    house.apps[0].tell("save")
    for _ in range(kills):
        for _ in range(edits):
            house.edit()
        if house.random.random() < 0.5:
            house.random.choice(house.apps).tell("save")
        house.kill_one()
    house.agree()


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.parametrize("apps", [1, 2])
def test_a_killed_process_loses_nothing(tmp_path: Path, apps: int) -> None:
    live(tmp_path / "home", seed=apps, apps=apps, kills=2, edits=4)


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("seed", range(6))
def test_many_killed_processes_lose_nothing(tmp_path: Path, seed: int) -> None:
    live(tmp_path / "home", seed=100 + seed, apps=1 + seed % 2, kills=8, edits=6)

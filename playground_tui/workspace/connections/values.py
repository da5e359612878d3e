"""What the Connections screen shows. Contract: frozen, no key in any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.settings.file import SettingsProblem
from playground_tui.settings.model import LOCAL_SERVER, Settings

Section = Literal["providers", "servers"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Names one provider or server."""

    section: Section
    id: str


@dataclass(frozen=True, slots=True)
class ConnectionsState:
    settings: Settings = field(default_factory=Settings)
    """What is in force, with the provider that a first start chose."""
    problems: tuple[SettingsProblem, ...] = ()
    implied: str = ""
    """Id of a provider that is in force without standing in the file."""
    session_keys: frozenset[Entry] = frozenset()
    """Who was given a key for this session."""
    default_server: str = LOCAL_SERVER


StepPhase = Literal["waiting", "running", "good", "doubtful", "bad", "skipped"]


@dataclass(frozen=True, slots=True)
class ProbeStep:
    id: str
    title: str
    phase: StepPhase = "waiting"
    sentence: str = ""
    """What was seen; for `bad` and `doubtful` what failed and what to do."""


@dataclass(frozen=True, slots=True)
class ProbeView:
    """One test, as far as it is."""

    steps: tuple[ProbeStep, ...]
    running: bool = True
    models: tuple[str, ...] = ()
    """What was listed, in the endpoint's own names."""

    def step(self, step_id: str) -> ProbeStep:
        return next(step for step in self.steps if step.id == step_id)


Probes = Mapping[Entry, ProbeView]

"""Providers known by name, shipped as data (`presets.yaml`)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import get_args

from playground_tui.quick_dataclass import dataclass
from playground_tui.settings.model import Provider, ProviderKind
from playground_tui.settings.yaml_text import load_yaml


@dataclass(frozen=True, slots=True)
class Preset:
    id: str
    title: str
    kind: ProviderKind
    base_url: str = ""
    key: str = ""
    model: str = ""
    """The model a new assistant takes when nothing else was used yet; empty: the person picks."""
    probe: bool = False
    """A local server that a first start looks for."""
    note: str = ""

    def provider(self, provider_id: str = "") -> Provider:
        return Provider(
            provider_id or self.id,
            self.kind,
            base_url=self.base_url,
            key=self.key,
            default_model=self.model,
            preset=self.id,
            title=self.title,
        )


DEMO = Provider("demo", "demo", default_model="demo", preset="demo", title="Demo model")
"""Always there; needs neither key nor network."""


@cache
def presets() -> dict[str, Preset]:
    """Every shipped preset by its id, in the file's order."""
    text = resources.files("playground_tui.settings").joinpath("presets.yaml").read_text("utf-8")
    found = {name: Preset(id=name, **values) for name, values in load_yaml(text).items()}
    assert all(p.kind in get_args(ProviderKind) for p in found.values())
    return found

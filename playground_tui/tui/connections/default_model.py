"""A provider's default model: one of those it lists, or any name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground_tui.settings.model import Provider
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import Row
from playground_tui.workspace.connections.values import Entry
from playground_tui.workspace.models import not_for_chat

if TYPE_CHECKING:
    from playground_tui.workspace.workspace import Workspace


class DefaultModelScreen(PickScreen):
    heading = "Default model"
    search_hint = "Search, or type any name"

    def __init__(self, workspace: Workspace, provider: Provider) -> None:
        super().__init__(workspace)
        self._provider = provider
        self._names = self._listed()

    def _listed(self) -> Sequence[str]:
        """What a test saw, else what the local server lists of it."""
        provider = self._provider.id
        probe = self.workspace.connections.probes.value.get(Entry("providers", provider))
        if probe is not None and probe.models:
            return [name for name in probe.models if not not_for_chat(name)]
        rows = self.workspace.models.listing.value.rows
        return [row.id.removeprefix(f"{provider}/") for row in rows if row.provider == provider and not row.hidden]

    def found(self, text: str) -> Sequence[Row]:
        words, present = text.lower().split(), self._provider.default_model
        names = [name for name in self._names if all(word in name.lower() for word in words)]
        rows = [Row(name, name, sign="●" if name == present else " ") for name in names]
        if text and text not in names:
            rows.append(Row(text, f"Use “{text}”", "as typed"))
        return rows

    def start_index(self) -> int:
        names = list(self._names)
        present = self._provider.default_model
        return names.index(present) if present in names else 0

    def status(self, text: str, rows: Sequence[Row]) -> str:
        return "" if rows else "It has not listed its models. Type a name, or test it first."

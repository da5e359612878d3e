"""The models that the providers name, grouped by provider; any other name can be typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.watching import watch
from playground_tui.tui.widgets.row_list import Row
from playground_tui.workspace.values import ModelListing, ModelRow

if TYPE_CHECKING:
    from playground_tui.workspace.failures import Failure
    from playground_tui.workspace.workspace import Workspace


class ModelScreen(PickScreen):
    search_hint = "Search, or type any name: provider/model"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "show_all", "show all", id="models.all"),
        Binding("f3", "connections", "connections", id="models.connections"),
    ]

    def __init__(
        self,
        workspace: Workspace,
        present: str,
        connections: Callable[[], None] | None = None,
        heading: str = "Model",
    ) -> None:
        """`connections`: goes on to the Connections screen, where there is a way to it."""
        super().__init__(workspace)
        self.heading = heading
        self._present = present
        self._connections = connections
        self._all = False
        self._end: Callable[[], None] = lambda: None

    def on_mount(self) -> None:
        self._end = watch(self, self.workspace.models.listing, lambda _listing: self.refill())
        if self._listing.failures or not self._listing.rows:  # who was silent may answer by now
            self.app.run_worker(self.workspace.models.refresh(), exit_on_error=False)

    def on_unmount(self) -> None:
        self._end()

    @property
    def _listing(self) -> ModelListing:
        return self.workspace.models.listing.value

    def offered(self) -> Sequence[tuple[str, str, str]]:
        more = (("f3", "connections", "screen.connections"),) if self._connections is not None else ()
        return (
            ("enter", "choose", "screen.choose"),
            ("f2", "show all kinds", "screen.show_all"),
            *more,
            ("esc", "close", "screen.leave"),
        )

    def found(self, text: str) -> Sequence[Row]:
        wanted = text.lower().split()
        models = [
            model
            for model in self._listing.rows
            if (self._all or not model.hidden) and all(word in model.id.lower() for word in wanted)
        ]
        rows = list(_grouped(models, self._present))
        if text and all(model.id != text for model in models):
            rows.append(Row(text, f"Use “{text}”", "as typed"))
        return rows

    def start_index(self) -> int:
        rows = self.found("")
        return next((index for index, row in enumerate(rows) if row.id == self._present and not row.heading), 0)

    def status(self, text: str, rows: Sequence[Row]) -> str:
        failures = [f"! {_told_of(provider, failure)}" for provider, failure in self._listing.failures.items()]
        if failures:
            return "\n".join(failures)
        if rows:
            return ""
        return "No provider has named its models yet. Type any model's name, or look at the connections."

    def action_show_all(self) -> None:
        self._all = not self._all
        self.refill(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._connections is not None if action == "connections" else True

    def action_connections(self) -> None:
        self.dismiss(None)
        if self._connections is not None:
            self._connections()


def _told_of(provider: str, failure: Failure) -> str:
    """Some sentences begin with the name already."""
    sentence = failure.sentence()
    return sentence if sentence.lower().startswith(provider.lower()) else f"{provider}: {sentence}"


def _grouped(models: Sequence[ModelRow], present: str) -> Sequence[Row]:
    rows: list[Row] = []
    by_provider = sorted(models, key=lambda model: model.provider)
    for provider, group in groupby(by_provider, key=lambda model: model.provider):
        rows.append(Row(provider, provider, heading=True))
        rows += [Row(model.id, model.id, sign="●" if model.id == present else " ") for model in group]
    return rows

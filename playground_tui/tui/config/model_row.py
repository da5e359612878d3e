"""The model: shows it, opens the picker, and says so when its provider does not list it."""

from __future__ import annotations

from textual.binding import Binding
from textual.content import Content

from playground_tui.tui.config.exact import visible
from playground_tui.tui.config.messages import FromWidget
from playground_tui.tui.config.row import Row, muted, spread
from playground_tui.tui.config.spec import Surroundings
from playground_tui.workspace.values import Json, ModelListing


def is_listed(listing: ModelListing, model: str) -> bool | None:
    """Whether a provider lists `model`; None while nobody can know: nothing is read yet, or its provider did not
    answer."""
    if not listing.rows or any(row.id == model for row in listing.rows):
        return True if listing.rows else None
    provider, slash, _ = model.partition("/")
    if slash and provider in listing.failures:
        return None
    if slash and any(row.provider == provider for row in listing.rows):
        return False
    if any(row.id.partition("/")[2] == model for row in listing.rows):
        return True
    return None if listing.failures else False


class ModelRow(Row):
    BINDINGS = [
        Binding("enter,space", "pick", "Choose"),
        Binding("delete", "unset", "Not set", show=False),
    ]

    _listing = ModelListing()

    class PickRequested(FromWidget):
        """Open the picker for this row."""

    @property
    def model(self) -> str:
        shown = self.echo.shown
        return shown.raw if shown.raw is not None else str(shown.value or "")

    def fill(self, value: Json) -> None:
        self._flag()

    def take_surroundings(self, around: Surroundings) -> None:
        if around.models is not self._listing:
            self._listing = around.models
            self._flag()

    def choose(self, model: str) -> None:
        self.tell(model or None)
        self._flag()

    def action_pick(self) -> None:
        self.post_message(self.PickRequested(self))

    def action_unset(self) -> None:
        """Only the run's override can do without a model."""
        if self.spec.group == "run":
            self.tell(None)
            self._flag()

    def on_click(self) -> None:
        self.action_pick()

    def _flag(self) -> None:
        self.refresh()
        unlisted = bool(self.model) and is_listed(self._listing, self.model) is False
        provider, slash, _ = self.model.partition("/")
        self.note(f"? {visible(provider) if slash else 'The provider'} does not list it." if unlisted else "")

    def value_content(self, width: int) -> Content:
        empty = "choose a model" if self.spec.group == "assistant" else "the assistant's"
        shown = Content(visible(self.model)) if self.model else muted(empty)
        return spread(shown, muted(" ▾"), width)

"""A failure above the message box: what happened, what was kept, what to do next; details fold out."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from playground_tui.tui.key_words import with_keys
from playground_tui.workspace.failures import Failure

GAP = Content("  ")


class FailureLine(Widget, can_focus=True):
    DEFAULT_CSS = """
    FailureLine { height: auto; max-height: 10; padding: 0 1; display: none; color: $foreground; }
    FailureLine:focus { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "toggle_details", "details"),
        Binding("c", "copy_details", "copy details", id="failure.copy"),
    ]
    auto_links = False

    failure: reactive[Failure | None] = reactive(None)
    unfolded: reactive[bool] = reactive(False, layout=True)

    def __init__(self) -> None:
        super().__init__(id="failure")

    def watch_failure(self, failure: Failure | None) -> None:
        self.display = failure is not None
        self.set_reactive(FailureLine.unfolded, False)
        self.refresh(layout=True)

    def render(self) -> Content:
        if self.failure is None:
            return Content("")
        rest = " ".join(part for part in (self.failure.kept, self.failure.next) if part)
        parts = [Content.styled("! ", "bold $text-error"), Content(self.failure.what)]
        if rest:
            parts += [Content(" "), Content.styled(rest, "$text-muted")]
        parts += self._offers(self.failure)
        return Content.assemble(*parts)

    def _offers(self, failure: Failure) -> list[Content]:
        offers = []
        if failure.kind in ("key", "offline", "retired"):
            words = with_keys(self, "connections {connection.show:f3}")
            offers += [GAP, _link(words, "screen.connection")]
        if failure.details:
            offers += [GAP, _link("▾ details" if self.unfolded else "▸ details", "toggle_details")]
        if failure.details and self.unfolded:
            offers += [Content("\n"), Content.styled(failure.details, "$text-muted"), GAP]
            offers.append(_link("copy", "copy_details"))
        return offers

    def action_toggle_details(self) -> None:
        self.unfolded = not self.unfolded

    def action_copy_details(self) -> None:
        if self.failure is not None:
            self.app.copy_to_clipboard("\n".join((self.failure.sentence(), self.failure.details)).strip())

    def fold(self) -> bool:
        """Close the details; False when they were not open."""
        was_open, self.unfolded = self.unfolded, False
        return was_open


def _link(text: str, action: str) -> Content:
    return Content.styled(text, "$text-muted underline").stylize(Style.from_meta({"@click": action}))

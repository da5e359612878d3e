"""How a screen hears of a subject for as long as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from textual.screen import Screen

    from playground_tui.workspace.subject import Subject

T = TypeVar("T")


def watch(screen: Screen[Any], to: Subject[T], hear: Callable[[T], None], *, now: bool = False) -> Callable[[], None]:
    """As `to.watch`, but silent from the moment that `screen` is closed. Its widgets are gone before it is told so:
    what it looked for in them would fail whoever changed the subject."""

    def hear_while_open(value: T) -> None:
        if screen.display:
            hear(value)

    return to.watch(hear_while_open, now=now)

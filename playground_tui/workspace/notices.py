"""One-line notices: what a person should hear of once, without being asked anything."""

from __future__ import annotations

from dataclasses import field
from itertools import count
from typing import Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.subject import Subject

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Notice:
    text: str
    severity: Literal["information", "warning", "error"] = "information"
    failure: Failure | None = None
    number: int = field(default_factory=lambda: next(_numbers))
    """Makes two notices of one text two notices, so that watchers hear of both."""


class Notices(Subject[Notice | None]):
    def __init__(self) -> None:
        super().__init__(None)

    def tell(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        self.set(Notice(text, severity))

    def tell_failure(self, failure: Failure) -> None:
        self.set(Notice(failure.sentence(), "error", failure))

"""One thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass

State = Literal["good", "doubtful", "bad", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    what: str
    state: State
    sentence: str = ""
    advice: str = ""
    """What to do, where something can be done."""

    def as_json(self, redact: Callable[[str], str]) -> dict[str, Any]:
        return {
            "part": self.part,
            "what": redact(self.what),
            "state": self.state,
            "sentence": redact(self.sentence),
            "advice": redact(self.advice),
        }

"""What the screen remembers of itself: the divider's place and whether the configuration is folded. No contents."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from pathlib import Path

from playground_tui.quick_dataclass import dataclass
from playground_tui.tui.arrangement import SHARE

log = logging.getLogger("playground_tui.tui")


@dataclass(frozen=True, slots=True)
class Remembered:
    share: float = SHARE
    folded: bool = False


class ScreenMemory:
    """One small JSON file in the data folder, replaced whole. An unreadable one counts as none."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "screen.json"
        self.value = self._kept = _read(self._path)

    def keep(self) -> None:
        """Write the present value, if it is another one than the file's. A full disk costs the memory, nothing else."""
        if self.value == self._kept:
            return
        self._kept = self.value
        beside = self._path.with_suffix(".new")
        try:
            beside.write_text(json.dumps(asdict(self.value)), "utf-8")
            os.replace(beside, self._path)
        except OSError:
            log.warning("the screen's layout could not be kept")


def _read(path: Path) -> Remembered:
    try:
        data = json.loads(path.read_text("utf-8"))
        return Remembered(min(0.8, max(0.1, float(data["share"]))), bool(data["folded"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Remembered()

"""Where chat and configuration stand at a width. Contract: pure; columns, never shares, come out."""

from __future__ import annotations

from typing import Literal

from playground_tui.quick_dataclass import dataclass

SIDE_BY_SIDE = 110
"""Columns from which both panes stand side by side."""
WHOLE = 70
"""Columns below which an open configuration takes the whole width."""
DRAWER = 44
SHARE = 0.4
"""The configuration's part of a wide screen, until the person moves the divider."""
LEAST_CONFIG = 34
LEAST_CHAT = 40


@dataclass(frozen=True, slots=True)
class Arrangement:
    mode: Literal["side", "drawer", "whole"]
    config: int
    """Columns of the configuration; 0: closed."""
    chat: int
    """Columns of the chat; 0: covered."""

    @property
    def divider(self) -> bool:
        return self.config > 0 and self.chat > 0


def arrange(width: int, share: float, *, folded: bool, drawer_open: bool) -> Arrangement:
    """`folded` counts on a wide screen, `drawer_open` on a narrow one: each remembers its own choice."""
    if width >= SIDE_BY_SIDE:
        config = 0 if folded else clamp_config(width, round(width * share))
        return Arrangement("side", config, width - config - bool(config))
    if not drawer_open:
        return Arrangement("drawer" if width >= WHOLE else "whole", 0, width)
    if width < WHOLE:
        return Arrangement("whole", width, 0)
    return Arrangement("drawer", DRAWER, width - DRAWER - 1)


def clamp_config(width: int, config: int) -> int:
    return max(LEAST_CONFIG, min(config, width - LEAST_CHAT - 1))

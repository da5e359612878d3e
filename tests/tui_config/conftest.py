"""The pane in an app of its own, whose editor only remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import TextArea

from playground_tui.tui.config import ConfigPane
from playground_tui.tui.config.text_row import TextRow
from playground_tui.workspace.values import Draft
from tests.support.config_demo import ConfigDemo
from tests.support.person import press


@dataclass
class Stage:
    app: ConfigDemo
    pilot: Pilot[None]

    @property
    def pane(self) -> ConfigPane:
        return self.app.pane

    @property
    def said(self) -> list[tuple[str, str, Any]]:
        return self.app.said

    def told(self, field: str) -> list[Any]:
        """Every value told of a field, wrong ones as `!text`."""
        return [
            value if kind in ("edited", "run") else f"!{value[0]}" for kind, name, value in self.said if name == field
        ]

    def control(self, field: str) -> Any:
        return self.pane.query_one(f".field-{field}")

    @property
    def instructions(self) -> TextArea:
        return self.control("instructions").query_one(TextArea)

    async def go_to(self, field: str) -> None:
        self.pane.focus_field(field)
        for _ in range(4):
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await press(self.pilot, keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*text)

    def picture(self, widget: Widget | None = None) -> str:
        """The screen, or one widget's part of it, as plain text."""
        lines = ["".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()]
        if widget is None:
            return "\n".join(lines)
        region = widget.region
        return "\n".join(line[region.x : region.right] for line in lines[region.y : region.bottom])


Staged = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def staged() -> Staged:
    @asynccontextmanager
    async def stage(
        draft: Draft | None = None, *, size: tuple[int, int] = (48, 34), echo: bool = True
    ) -> AsyncIterator[Stage]:
        app = ConfigDemo(draft, echo=echo)
        async with app.run_test(size=size) as pilot:
            for _ in range(3):
                await pilot.pause()
            while any(row.input is None for row in app.query(TextRow)):  # they come a moment after the first frame
                await pilot.pause(0.02)
            await pilot.pause()
            yield Stage(app, pilot)

    return stage

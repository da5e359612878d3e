"""What a terminal showed may be gone without another size in the end: suspended, or made larger and smaller at once."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.geometry import Size

from tests.tui.conftest import Open

SIZE = Size(120, 36)


WAYS = {"same": [SIZE], "larger": [Size(121, 37), SIZE], "smaller": [Size(119, 35), SIZE]}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dialog", [False, True])
async def test_the_whole_picture_is_drawn(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, way: str, dialog: bool
) -> None:
    async with open_app(*SIZE) as opened:
        if dialog:
            await opened.press("f1")
        rows: set[int] = set()
        render = Compositor.render_update

        def seen(self: Compositor, *args: object, **kinds: object) -> object:
            update = render(self, *args, **kinds)  # type: ignore[arg-type]
            if isinstance(update, LayoutUpdate):
                rows.update(range(update.region.height))
            elif isinstance(update, ChopsUpdate):
                rows.update(y for y, left, right in update.spans if (left, right) == (0, SIZE.width))
            return update

        monkeypatch.setattr(Compositor, "render_update", seen)
        for size in WAYS[way]:
            opened.app.post_message(events.Resize(size, size))
            while opened.app.size != size:  # two in the app's queue would become one
                await asyncio.sleep(0)
        await opened.until(lambda: set(range(SIZE.height)) <= rows)

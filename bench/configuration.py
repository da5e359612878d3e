"""The configuration side's figures together: what the pane adds to the first frame, beside one text area of Textual's
in the same run; keys and pastes in long instructions (`editing`); the list of assistants, its filter, the cache, and
how long a save holds the loop (`lists`). `python -m bench.configuration [--json] [--quick]`; compare ratios, not times.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Static, TextArea

from bench import editing, lists
from bench.editing import text_of
from playground_tui.tui.config import ConfigPane
from playground_tui.workspace.values import Draft

SIZE = (48, 34)


def draft_with(instructions: str) -> Draft:
    values = {"name": "Bench", "instructions": instructions, "model": "demo/demo", "tools": [], "temperature": 0.2}
    return Draft("draft_bench", "local", None, values)


class FrameMark(Static):
    """First in the app, so the first to hear that a frame is out."""

    DEFAULT_CSS = "FrameMark { height: 1; }"
    seen = 0.0

    def on_mount(self) -> None:
        self.call_after_refresh(self._note)

    def _note(self) -> None:
        self.seen = time.process_time()


class OneWidget(App[None]):
    def __init__(self, make: Callable[[], Widget]) -> None:
        self.begin = time.process_time()
        super().__init__()
        self._make = make

    def compose(self) -> ComposeResult:
        yield FrameMark("one line")
        yield self._make()


async def first_frame(make: Callable[[], Widget]) -> float:
    """CPU milliseconds from building the app until its first frame is out; imports are not in it."""
    app = OneWidget(make)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        return (app.query_one(FrameMark).seen - app.begin) * 1000


async def measure(rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = {"load": os.getloadavg()[0]}
    makes: dict[str, Callable[[], Widget]] = {
        "bare": lambda: Static("one line"),
        "text_area": lambda: TextArea(text_of(1_204, 80)),
        "pane": lambda: ConfigPane(draft_with(text_of(1_204, 80))),
    }
    times: dict[str, list[float]] = {name: [] for name in makes}
    for _ in range(rounds):
        for name, make in makes.items():
            times[name].append(await first_frame(make))
    frames = {name: statistics.median(all_times[1:]) for name, all_times in times.items()}
    found["frame_ms"] = frames
    found["frame_added_over_text_area"] = (frames["pane"] - frames["bare"]) / (frames["text_area"] - frames["bare"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="few short rounds")
    asked = parser.parse_args()
    found = asyncio.run(measure(4 if asked.quick else 8))
    found["editing"] = asyncio.run(editing.measure(*((15, 1) if asked.quick else (40, 3))))
    found["lists"] = lists.measure(3 if asked.quick else 7)
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}")
    words = ", ".join(f"{name} {spent:.1f} ms" for name, spent in found["frame_ms"].items())
    print(
        f"first frame, CPU: {words}; the pane adds {found['frame_added_over_text_area']:.1f} × what one text area does"
    )
    print("\n".join((*editing.words(found["editing"]), *lists.words(found["lists"]))))


if __name__ == "__main__":
    main()

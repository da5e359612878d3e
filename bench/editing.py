"""Long instructions in the real app: a key, a paste with keys typed right behind it, and when highlighting goes off.

`python -m bench.editing [--json] [--quick]`: CPU milliseconds of the screen's thread, the drawing included, beside the
same keys in Textual's own text area; pastes by the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import TextArea

from bench.real_app import SIZE, Opened, loop_ms, open_app
from playground_tui.tui.config.instructions import InstructionsEditor

WORDS = "You are the support bot of a small shop and answer from its policy only. "
TEXTS = ((10_000, 80), (63_900, 80), (63_900, 1_900), (64_100, 80), (63_900, 2_100), (255_000, 2_000))
"""Characters, and characters of a line."""
LIMIT = 64_000
LINE = 2_000
PASTES = (64_000, 255_000)
BEHIND = "xyzzy"
"""Typed right behind a paste."""


def text_of(characters: int, line: int) -> str:
    lines = (WORDS * (line // len(WORDS) + 1))[:line]
    return "\n".join([lines] * (characters // (line + 1) + 1))[:characters]


class PlainApp(App[None]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield TextArea(self._text)


async def plain_keys(text: str, count: int) -> list[float]:
    app, spent = PlainApp(text), []
    async with app.run_test(size=SIZE) as pilot:
        editor = app.query_one(TextArea)
        editor.focus()
        editor.move_cursor((editor.document.line_count // 2, 10))
        await pilot.pause()
        for n in range(count):
            spent.append(await loop_ms(app, "abcdefgh"[n % 8]))
    return spent


async def own_keys(opened: Opened, text: str, count: int) -> tuple[list[float], float, bool]:
    """In the middle of the text; what follows once no key comes; and whether it says that colours are off."""
    editor = await with_text(opened, text)
    editor.move_cursor((editor.document.line_count // 2, 10))
    await opened.pilot.pause(0.3)
    spent = [await opened.loop_ms("abcdefgh"[n % 8]) for n in range(count)]
    began = time.thread_time()
    await asyncio.sleep(1)
    behind = (time.thread_time() - began) * 1000
    return spent, behind, editor.language is None and "too large to colour" in editor.field.render().plain


async def with_text(opened: Opened, text: str) -> InstructionsEditor:
    opened.workspace.editor.edit("instructions", text)
    editor = opened.app.screen.query_one(InstructionsEditor)
    await opened.until(lambda: editor.content == text)
    editor.focus()
    await opened.pilot.pause(0.3)
    return editor


async def paste(opened: Opened, characters: int) -> dict[str, Any]:
    """From the paste's arrival until it and the keys behind it stand on the screen."""
    editor = await with_text(opened, "Before. ")
    editor.move_cursor(editor.document.end)
    await opened.pilot.pause(0.2)
    pasted = text_of(characters, 80)
    began, cpu = time.perf_counter(), time.thread_time()
    opened.app.post_message(events.Paste(pasted))
    for letter in BEHIND:
        opened.app.post_message(events.Key(letter, letter))
    wanted = len("Before. ") + characters + len(BEHIND)
    await opened.until(lambda: len(editor.text) == wanted or time.perf_counter() - began > 10)
    await opened.pilot.pause()
    spent, cpu = time.perf_counter() - began, time.thread_time() - cpu
    kept = editor.content == f"Before. {pasted}{BEHIND}"
    stored = opened.workspace.editor.draft.value.values.get("instructions") == editor.content
    return {"characters": characters, "s": spent, "cpu_s": cpu, "kept": kept and stored}


async def measure(count: int, rounds: int) -> dict[str, Any]:
    rows, pastes = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with open_app(Path(folder)) as opened:
            opened.workspace.editor.set_paused(True)
            for characters, line in TEXTS:
                text = text_of(characters, line)
                plain = await plain_keys(text, count)
                own, behind, noted = await own_keys(opened, text, count)
                rows.append(
                    {
                        "characters": characters,
                        "line": line,
                        "plain_p95_ms": percentile(plain),
                        "own_p95_ms": percentile(own),
                        "ratio": statistics.median(own) / statistics.median(plain),
                        "behind_ms": behind,
                        "colours_off_with_note": noted,
                    }
                )
            for characters in PASTES:
                found = [await paste(opened, characters) for _ in range(rounds)]
                pastes.append(
                    {
                        "characters": characters,
                        "s": statistics.median(one["s"] for one in found),
                        "cpu_s": statistics.median(one["cpu_s"] for one in found),
                        "kept": all(one["kept"] for one in found),
                    }
                )
    within = [row for row in rows if row["characters"] <= LIMIT and row["line"] <= LINE]
    return {
        "load": os.getloadavg()[0],
        "rows": rows,
        "pastes": pastes,
        "key_p95_ms": max(row["own_p95_ms"] for row in within),
        "notes_right": all(row["colours_off_with_note"] is (row not in within) for row in rows),
        "paste_s": max(row["s"] for row in pastes),
        "keys_lost": sum(not row["kept"] for row in pastes),
    }


def percentile(values: list[float], share: float = 0.95) -> float:
    return sorted(values)[max(0, round(len(values) * share) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer keys")
    asked = parser.parse_args()
    found = asyncio.run(measure(*((15, 1) if asked.quick else (40, 3))))
    if asked.json:
        print(json.dumps(found))
        return
    print(f"load {found['load']:.1f}")
    print("\n".join(words(found)))


def words(found: dict[str, Any]) -> Iterator[str]:
    for row in found["rows"]:
        colours = "colours off, said so" if row["colours_off_with_note"] else "coloured"
        yield (
            f"{row['characters']:>8,} characters, lines of {row['line']:>5,}: plain {row['plain_p95_ms']:6.1f} ms, "
            f"ours {row['own_p95_ms']:6.1f} ms (95th percentile), medians {row['ratio']:.2f} ×, {colours}; "
            f"once no key comes {row['behind_ms']:.0f} ms"
        )
    for row in found["pastes"]:
        kept = "everything kept" if row["kept"] else "SOMETHING LOST"
        yield (
            f"{row['characters']:>8,} characters pasted, keys behind it: {row['s']:.2f} s "
            f"({row['cpu_s']:.2f} CPU), {kept}"
        )


if __name__ == "__main__":
    main()

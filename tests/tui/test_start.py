"""What a start costs, counted: modules before the first frame, and what an open app writes when nobody does a thing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual._compositor import Compositor
from textual.geometry import Region, Spacing
from textual.widget import Widget

from playground_tui.tui.config.text_row import TextRow
from tests.tui.conftest import Open
from tests.tui.test_process import LOADED, Home

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "openai", "httpx2", "pydantic", "starlette", "uvicorn", "tinydb", "yaml", "markdown_it", "pygments",
    "keyring", "multiprocessing", "playground_tui.service",
)  # fmt: skip
LATER = (
    "playground_tui.tui.palette", "playground_tui.tui.keymap", "playground_tui.tui.files.screen",
    "playground_tui.tui.connections", "playground_tui.tui.versions", "playground_tui.tui.screens.help",
    "playground_tui.tui.screens.assistants", "playground_tui.tui.screens.threads", "playground_tui.settings.detect",
    "playground_tui.limits.json_schema", "playground_tui.workspace.thread_search",
    "playground_tui.workspace.answering", "playground_tui.workspace.handlers.functions",
    "playground_tui.workspace.run_events", "playground_tui.workspace.run_follower", "playground_tui.workspace.drafting",
    "playground_tui.workspace.rerunning", "playground_tui.workspace.thread_archive", "playground_tui.workspace.sending",
)  # fmt: skip
SCREEN = Region(0, 0, 120, 36)
MOST_OWN_MODULES = 205
"""Each costs about 0.3 ms before the first frame. What is only needed on a key press is imported there."""
FIRST_FRAME = """
import json, sys
from playground_tui.cli.world import open_world
from playground_tui.tui import app

async def frame(*arguments, **options):
    from playground_tui.tui.playground import PlaygroundApp
    from playground_tui.tui.screens.main import MainScreen
    from textual.app import App

    def begin(screen):
        print("modules", json.dumps(sorted(sys.modules)))
        screen.app.exit(0)

    MainScreen._begin = begin
    headless = App.run_async
    App.run_async = lambda self: headless(self, headless=True, size=(120, 40))
    return await run(*arguments, **options)

run, app._run = app._run, frame
world = open_world({"home": sys.argv[1]})
app.run(world.paths, world.settings, world.keys)
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Loaded when the first frame of a start in an empty home is out."""
    command = [sys.executable, "-c", FIRST_FRAME, str(tmp_path_factory.mktemp("home"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    line = next(line for line in done.stdout.splitlines() if "modules [" in line)
    return set(json.loads(line.partition("modules ")[2]))


@pytest.mark.process
@pytest.mark.parametrize("name", [*HEAVY, *LATER])
def test_the_first_frame_does_without(modules: set[str], name: str) -> None:
    assert name not in modules


@pytest.mark.process
def test_the_first_frame_needs_few_modules(modules: set[str]) -> None:
    own = [name for name in modules if name.partition(".")[0] == "playground_tui"]
    assert len(own) <= MOST_OWN_MODULES, sorted(own)


async def test_the_first_frame_is_laid_out_once_for_its_size(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from playground_tui.tui.screens.main import MainScreen

    sizes: list[object] = []
    layout = MainScreen._refresh_layout

    def counted(screen: MainScreen, size: object = None, **options: bool) -> None:
        if size is not None:
            sizes.append(size)
        layout(screen, size, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(MainScreen, "_refresh_layout", counted)
    async with open_app() as opened:
        await opened.pilot.pause()
        assert len(sizes) == 1


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_first_frame_is_what_a_second_layout_would_give(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """Textual lays every new screen out again; here what asks for that before the first frame is not heard."""
    from playground_tui.tui.screens.main import MainScreen

    frames: list[tuple[dict[object, object], dict[object, object]]] = []
    begin = MainScreen._begin

    def compared(screen: MainScreen) -> None:
        first = {widget: place.region for widget, place in screen._compositor.full_map.items()}
        for widget in screen.walk_children(with_self=True):
            widget._clear_arrangement_cache()
        screen._compositor.reflow(screen, screen.size)
        again = {widget: place.region for widget, place in screen._compositor.full_map.items()}
        frames.append((dict(first), dict(again)))
        begin(screen)

    monkeypatch.setattr(MainScreen, "_begin", compared)
    async with open_app(*size) as opened:
        await opened.pilot.pause()
    [(first, again)] = frames
    assert len(first) > 5
    assert first == again


async def test_a_first_screen_is_styled_with_its_mounting(open_app: Open) -> None:
    """Textual does it once more when the screen comes up. Doing it now changes nothing."""
    async with open_app() as opened:
        await opened.pilot.pause()
        screen = opened.app.screen
        before = {widget: widget.styles.base.get_rules() for widget in screen.walk_children(with_self=True)}
        screen.update_node_styles(animate=False)
        changed = [widget for widget, rules in before.items() if widget.styles.base.get_rules() != rules]
        assert len(before) > 20
        assert not changed


async def test_moving_the_focus_paints_what_changed_and_no_more(open_app: Open) -> None:
    """What then stands on the screen is what painting the whole of it would give."""
    async with open_app() as opened:
        screen = opened.app.screen
        await opened.until(lambda: all(row.input is not None for row in screen.query(TextRow)))
        await opened.pilot.pause()
        for _ in range(len(screen.focus_chain)):
            await opened.pilot.press("tab")
            await opened.pilot.pause()
            shown = [strip.text for strip in screen._compositor.render_strips()]
            styles = [list(strip) for strip in screen._compositor.render_strips()]
            for widget in screen.walk_children(with_self=True):
                widget._styles_cache.clear()
                widget.refresh()
            await opened.pilot.pause()
            assert [strip.text for strip in screen._compositor.render_strips()] == shown
            assert [list(strip) for strip in screen._compositor.render_strips()] == styles


@pytest.mark.process
async def test_what_changed_is_painted_as_textual_would_and_asks_no_other_widget(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Widget] = []
    draw = Widget.render_lines
    monkeypatch.setattr(Widget, "render_lines", lambda self, crop: asked.append(self) or draw(self, crop))
    async with open_app() as opened:
        compositor = opened.app.screen._compositor
        whole = {y: dict(line) for y, line in enumerate(Compositor._render_chops(compositor, SCREEN, lambda y: True))}
        for regions in (
            [Region(0, 0, 120, 1)],
            [Region(80, 4, 20, 3), Region(0, 30, 9, 2)],
            [SCREEN.shrink(Spacing(1))],
        ):
            compositor._dirty_regions.update(regions)
            asked.clear()
            update = compositor.render_partial_update()
            assert update is not None
            assert not compositor._dirty_regions
            for y, start, end in update.spans:
                painted = {x: strip for x, strip in update.chops[y].items() if start <= x < end}
                assert painted == {x: whole[y][x] for x in painted}
            assert all(any(widget.region.overlaps(region) for region in regions) for widget in asked)


def test_an_idle_app_writes_nothing(tmp_path: Path) -> None:
    """It falls silent: once its notices are gone, 1.5 s pass without a byte. A blinking cursor would write in each."""
    home = Home(tmp_path)
    program = home.start()
    try:
        program.until(LOADED)
        for _ in range(60):
            before = len(program.raw)
            program.read_for(1.5)
            if len(program.raw) == before:
                return
        pytest.fail(f"it keeps writing: {program.raw[-300:]!r}")
    finally:
        program.end()


@pytest.mark.process
def test_a_start_without_arguments_loads_no_command_line_parser(tmp_path: Path) -> None:
    """It ends with the sentence for a place without a terminal, as with arguments."""
    watched = (
        "import sys; from playground_tui.__main__ import main\ntry: main()\nfinally: print('click' in sys.modules)"
    )
    environ = {**os.environ, "PLAYGROUND_TUI_HOME": str(tmp_path)}
    command = [sys.executable, "-c", watched]
    alone = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    parsed = subprocess.run([*command, "--quiet"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert (alone.stdout, parsed.stdout) == ("False\n", "True\n")
    assert "needs a terminal" in alone.stderr
    assert (alone.stderr, alone.returncode) == (parsed.stderr, parsed.returncode)

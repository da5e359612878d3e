"""Loading stands aside for keys: counted and ordered, not timed."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static

from playground_tui.tui import key_order, stand_aside
from playground_tui.tui.key_order import KeyOrder, when_quiet
from playground_tui.tui.stand_aside import StandAside
from tests.support.wait import wait_until


class Watched(StandAside):
    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Event()

    def wait(self) -> None:
        self.waiting.set()
        super().wait()


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def aside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(stand_aside, "HOLD", 60.0)
    monkeypatch.setattr(stand_aside, "MOST", 60.0)
    made = Watched()
    made.begin()
    yield made
    made.end()


def test_a_thread_loads_nothing_while_a_key_is_on_its_way(aside: Watched, modules: Path) -> None:
    (modules / "loaded_aside.py").write_text("VALUE = 1\n")
    (modules / "loaded_here.py").write_text("VALUE = 2\n")
    aside.key()
    thread = threading.Thread(target=importlib.import_module, args=("loaded_aside",))
    thread.start()
    assert aside.waiting.wait(20)
    # The screen's own thread goes on meanwhile, imports included.
    assert importlib.import_module("loaded_here").VALUE == 2
    assert not hasattr(sys.modules["loaded_aside"], "VALUE")
    aside.done()
    thread.join(20)
    module = sys.modules["loaded_aside"]
    assert module.VALUE == 1
    assert isinstance(module.__loader__, SourceFileLoader)
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__


@pytest.mark.parametrize("limit", ["HOLD", "MOST"], ids=["one key", "keys without end"])
def test_a_key_whose_echo_never_comes_ends_no_loading(
    limit: str, aside: Watched, modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_aside, limit, 0.01)
    (modules / "loaded_later.py").write_text("VALUE = 1\n")
    aside.key()
    thread = threading.Thread(target=importlib.import_module, args=("loaded_later",))
    thread.start()
    thread.join(20)
    assert sys.modules["loaded_later"].VALUE == 1


def test_packages_and_what_is_not_there_are_found_as_ever(aside: Watched, modules: Path) -> None:
    (modules / "open_space").mkdir()  # a namespace package, which has no loader
    (modules / "open_space" / "inner.py").write_text("VALUE = 3\n")
    found: list[object] = []

    def load() -> None:
        found.append(importlib.import_module("open_space.inner").VALUE)
        try:
            importlib.import_module("open_space.none_such")
        except ModuleNotFoundError as error:
            found.append(error.name)

    thread = threading.Thread(target=load)
    thread.start()
    thread.join(20)
    assert found == [3, "open_space.none_such"]


def test_the_end_takes_the_finder_away(aside: Watched) -> None:
    aside.key()
    aside.end()
    aside.end()
    assert aside not in sys.meta_path
    assert not aside.holds


class Waits(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.key_order = KeyOrder(self)
        self.calls = 0

    def compose(self) -> ComposeResult:
        yield Static("here")

    def called(self) -> None:
        self.calls += 1


@pytest.mark.parametrize("typed", [False, True], ids=["a gap", "keys without end"])
async def test_what_takes_its_time_waits_for_a_gap_between_keys(typed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "LATEST", 0.3)
    app = Waits()
    async with app.run_test():
        looks: list[float] = []
        set_timer = app.set_timer

        def counted(delay: float, *arguments: object) -> object:
            looks.append(delay)
            if typed:
                app.key_order.put(Key("a", "a"))
            return set_timer(delay, *arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(app, "set_timer", counted)
        when_quiet(app, 0.01, app.called)  # type: ignore[arg-type]
        await wait_until(lambda: app.calls)
        assert app.calls == 1
        assert len(looks) > 1 if typed else looks == [0.01]
